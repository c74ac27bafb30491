//! One-shot tests as folders, and their images in a catalogue.

mod join;
mod read;

pub use read::OneShotRuns;
