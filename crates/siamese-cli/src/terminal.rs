//! What is said on the way, on standard error.

#[cfg(feature = "train")]
use std::sync::Arc;
#[cfg(feature = "train")]
use std::sync::atomic::AtomicBool;

#[cfg(feature = "train")]
use siamese_lab::model::Observer;
use siamese_lab::{Note, Watch};

#[cfg(feature = "train")]
use crate::interrupt::nothing_left_to_save;
use crate::output::Output;
#[cfg(feature = "train")]
use crate::progress::Progress;

/// Says what goes on, and draws the progress of trainings.
pub(crate) struct Terminal {
    output: Output,
    /// Set by the first signal, once there is something to save.
    #[cfg(feature = "train")]
    stop: Option<Arc<AtomicBool>>,
}

impl Terminal {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            output,
            #[cfg(feature = "train")]
            stop: None,
        }
    }

    /// The same, which takes note when there is nothing left to save.
    #[cfg(feature = "train")]
    pub(crate) fn stopped_by(self, stop: &Arc<AtomicBool>) -> Self {
        let stop = Some(Arc::clone(stop));
        Self { stop, ..self }
    }
}

impl Watch for Terminal {
    fn note(&mut self, note: &Note) {
        self.output.note(note);
    }

    #[cfg(feature = "train")]
    fn all_saved(&mut self) {
        self.stop.as_deref().map(nothing_left_to_save);
    }

    #[cfg(feature = "train")]
    fn networks(&mut self, count: usize) -> Vec<Box<dyn Observer + Send>> {
        let each = Progress::of_each(count, self.output.quiet).into_iter();
        each.map(|progress| Box::new(progress) as _).collect()
    }
}
