//! Networks that are in use, so that several models, or the folds of a cross-validation, hold one in common.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::backbone::Backbone;

/// What names a network: a digest of its file, and the images that it was loaded for.
type Key = (String, [usize; 3]);

static IN_USE: Mutex<Vec<(Key, Weak<Backbone>)>> = Mutex::new(Vec::new());

impl Backbone {
    /// The network of this digest, for images of this size, if somebody holds it.
    #[must_use]
    pub fn in_use(digest: &str, image: [usize; 3]) -> Option<Arc<Self>> {
        let in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |((known, size), _): &&(Key, Weak<Self>)| known == digest && *size == image;
        in_use
            .iter()
            .find(same)
            .and_then(|(_, network)| network.upgrade())
    }

    /// The same network, to be found by [`Self::in_use`] as long as somebody holds it.
    #[must_use]
    pub fn keep_in_use(self, digest: String) -> Arc<Self> {
        let key = (digest, self.interface().image);
        let network = Arc::new(self);
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.retain(|(known, network)| *known != key && network.strong_count() > 0);
        in_use.push((key, Arc::downgrade(&network)));
        network
    }
}
