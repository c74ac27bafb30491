//! What is said on the way, on standard error.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use siamese_lab::model::Observer;
use siamese_lab::{Note, Watch};

use crate::interrupt::nothing_left_to_save;
use crate::output::Output;
use crate::progress::Progress;

/// Says what goes on, and draws the progress of trainings.
pub(crate) struct Terminal {
    output: Output,
    /// Set by the first signal, once there is something to save.
    stop: Option<Arc<AtomicBool>>,
}

impl Terminal {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, stop: None }
    }

    /// The same, which takes note when there is nothing left to save.
    pub(crate) fn stopped_by(self, stop: &Arc<AtomicBool>) -> Self {
        let stop = Some(Arc::clone(stop));
        Self { stop, ..self }
    }
}

impl Watch for Terminal {
    fn note(&mut self, note: &Note) {
        self.output.note(note);
    }

    fn all_saved(&mut self) {
        self.stop.as_deref().map(nothing_left_to_save);
    }

    fn networks(&mut self, count: usize) -> Vec<Box<dyn Observer + Send>> {
        let each = Progress::of_each(count, self.output.quiet).into_iter();
        each.map(|progress| Box::new(progress) as _).collect()
    }
}
