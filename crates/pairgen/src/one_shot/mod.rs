//! One-shot tests: runs of trials, in each of which an item is one of a few classes with an image each.

mod catalog;
mod read;
mod trials;

pub use read::OneShotRuns;
pub use trials::{TrialRun, Trials};

pub(crate) use catalog::RunSamples;
pub(crate) use trials::{RunGroups, fold};
