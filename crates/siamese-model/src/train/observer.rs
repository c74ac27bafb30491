//! What a training run tells while it goes on.

use serde::{Deserialize, Serialize};

use super::{EmbeddingHealth, Finding};

/// Receives what happens during [`train`](crate::train). Libraries do not print; whoever calls draws.
pub trait Observer {
    /// Called in order, from the thread that trains; what it does holds the training up.
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

/// What is known of a completed epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: u32,
    /// Mean loss of the training pairs as they were met, with dropout, under weights that moved.
    pub loss: f64,
    /// Mean loss of the validation pairs under the epoch's last weights; absent without validation pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
    /// Equal error rate of the validation pairs under the epoch's last weights, 0..1, their embeddings compared as the
    /// model's will be, but for a map fitted when training has ended: with the mirror image and by cosine where the recipe
    /// has an [`EmbeddingSpec`](crate::EmbeddingSpec). Present only where it chooses the best epoch: where nobody in the
    /// validation pairs is trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_eer: Option<f64>,
    /// The last step's learning rate.
    pub learning_rate: f64,
    /// Whether no epoch before was as good: by [`validation_eer`](Self::validation_eer) where there is one, the lower loss
    /// first among equals (that of the validation pairs, or of the training where the loss is none of pairs); otherwise by
    /// [`validation_loss`](Self::validation_loss). Never without validation pairs.
    pub best: bool,
    /// What the embeddings look like under the epoch's last weights; absent in records of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<EmbeddingHealth>,
}

impl EpochRecord {
    /// Whether validation pairs say how good the epoch is, so that it may be the best.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.validation_loss.is_some() || self.validation_eer.is_some()
    }
}
