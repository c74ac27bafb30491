//! In which numbers training computes.

use serde::{Deserialize, Serialize};

/// The numbers that the forward pass of training, and its way back, compute with.
///
/// Weights, their gradients and mean, the optimizer, running figures of normalisation, embeddings and losses are f32
/// always, and so is a network in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits with the range of f32 and 8 of its 24 bits of precision. The range makes the scaling of losses, which
    /// f16 needs, unnecessary (D. Kalamkar et al., "A study of BFLOAT16 for deep learning training", 2019).
    Bf16,
}

impl Precision {
    /// Whether it is what recipes mean that do not speak of it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
