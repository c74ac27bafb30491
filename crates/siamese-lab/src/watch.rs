//! Hearing what happens while something long runs.

#[cfg(feature = "train")]
use siamese_model::{Event, Observer};

use crate::note::Note;

/// Hears of what goes on. This crate prints nothing itself.
///
/// Every `FnMut(&Note)` is one that hears notes only; [`Quiet`] hears nothing.
pub trait Watch {
    /// Something that a user would not expect, or the work's next step.
    fn note(&mut self, note: &Note);

    /// From here on everything is on disk: what is left can be done again.
    fn all_saved(&mut self) {}

    /// One observer for each of so many networks, which are trained side by side and may be observed from threads of
    /// their own. They are dropped when the training has ended. Networks that are given none train unobserved.
    #[cfg(feature = "train")]
    fn networks(&mut self, count: usize) -> Vec<Box<dyn Observer + Send>> {
        (0..count).map(|_| nobody()).collect()
    }
}

impl<F: FnMut(&Note)> Watch for F {
    fn note(&mut self, note: &Note) {
        self(note);
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Watch for Quiet {
    fn note(&mut self, _: &Note) {}
}

/// Exactly one observer for each of so many networks: those of `watch`, and ones that hear nothing
/// where it gives too few.
#[cfg(feature = "train")]
pub(crate) fn observers(watch: &mut dyn Watch, count: usize) -> Vec<Box<dyn Observer + Send>> {
    let mut observers = watch.networks(count);
    observers.resize_with(count, nobody);
    observers
}

#[cfg(feature = "train")]
fn nobody() -> Box<dyn Observer + Send> {
    Box::new(Nobody)
}

/// Observes no network.
#[cfg(feature = "train")]
struct Nobody;

#[cfg(feature = "train")]
impl Observer for Nobody {
    fn event(&mut self, _: &Event<'_>) {}
}
