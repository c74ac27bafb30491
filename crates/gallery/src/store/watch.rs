//! Being told of what other programs change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Default)]
struct Shared {
    listening: AtomicBool,
    ended: AtomicBool,
}

/// As long as this lives, changes are told: see [`Store::watch`](crate::Store::watch).
#[derive(Debug)]
pub struct Watch(Arc<Shared>);

/// The other side of a [`Watch`], for the thread that tells.
#[derive(Debug)]
pub struct Teller(Arc<Shared>);

impl Watch {
    /// Both sides of a watch that does not listen yet.
    #[must_use]
    pub fn new() -> (Self, Teller) {
        let shared = Arc::<Shared>::default();
        (Self(shared.clone()), Teller(shared))
    }

    /// Whether every change is being told. If not, because a connection is being made again, ask the store now and then.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.0.listening.load(Ordering::Acquire)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

impl Teller {
    /// Says whether changes are being told from now on. Returns whether they were.
    pub fn set_listening(&self, listening: bool) -> bool {
        self.0.listening.swap(listening, Ordering::AcqRel)
    }

    /// Whether anybody still wants to know.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.0.ended.load(Ordering::Relaxed)
    }
}
