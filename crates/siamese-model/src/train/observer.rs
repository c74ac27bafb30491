//! What a training run tells while it goes on.

use siamese_net::{EpochRecord, Finding};

/// Receives what happens during [`train`](crate::train). Libraries do not print; the caller does.
pub trait Observer {
    /// Called in order, from the thread that trains. Training waits until it returns.
    fn event(&mut self, event: &Event<'_>);
}

/// Hears nothing.
impl Observer for () {
    fn event(&mut self, _event: &Event<'_>) {}
}

/// Something that happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Training begins, or goes on where a checkpoint left off.
    Started {
        /// Epochs already behind it.
        epochs_done: u32,
        /// Steps of the running epoch already behind it.
        steps_done: u64,
        /// Epochs in all.
        epochs: u32,
        /// Steps in each.
        steps: u64,
    },
    /// A step was taken. On a GPU it may still be under way.
    Step {
        /// The epoch, counted from 1.
        epoch: u32,
        /// The step, counted from 1.
        step: u64,
        /// Images embedded in it, both of each pair.
        images: usize,
    },
    /// An epoch is complete and its checkpoint, if any, is on disk.
    EpochEnded(&'a EpochRecord),
    /// Something was found in the epoch that ended; each kind once a run, however often it was resumed.
    Finding(&'a Finding),
    /// Training was asked to stop and its state is on disk, if it was given a place.
    Interrupted,
}
