//! Batches of people.

use serde::{Deserialize, Serialize};

/// Batches of P people with K images each, instead of pairs: every image is embedded once and all genuine and impostor
/// pairs inside the batch count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchesSpec {
    /// P, different people in a batch.
    pub people: usize,
    /// K, images of each of them.
    pub images: usize,
    /// M, mixed people in a batch beside those P, with K images each; see [`AugmentSpec::mix`](super::AugmentSpec::mix).
    #[serde(default)]
    pub mixed: usize,
    /// F, forgeries of each of the P people beside their images, as hard impostors; who has fewer has all of them there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub forgeries: usize,
    /// Batches in an epoch; absent: as many as it takes to meet everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_epoch: Option<u32>,
    /// What happens to people with fewer than K images.
    #[serde(default)]
    pub too_few: TooFew,
}

fn is_zero(value: &usize) -> bool {
    *value == 0
}

/// What happens to people with fewer images than a batch wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TooFew {
    /// Training is refused, and they are named.
    #[default]
    Refuse,
    /// They are left out.
    Skip,
    /// Their images occur more than once in a batch.
    Repeat,
}

impl From<TooFew> for pairgen::TooFewImages {
    fn from(too_few: TooFew) -> Self {
        match too_few {
            TooFew::Refuse => Self::Refuse,
            TooFew::Skip => Self::Skip,
            TooFew::Repeat => Self::Repeat,
        }
    }
}
