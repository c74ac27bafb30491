//! What is known of a completed epoch of training.

use serde::{Deserialize, Serialize};

use super::health::EmbeddingHealth;

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
    /// Whether no epoch before was as good. It is judged by [`validation_eer`](Self::validation_eer) if there is one
    /// and, among equals, by the lower loss: that of the validation pairs or, if the loss is not one of pairs, of the
    /// training. Otherwise it is judged by [`validation_loss`](Self::validation_loss). Never true without validation
    /// pairs.
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
