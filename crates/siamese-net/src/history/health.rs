//! What embeddings looked like at the end of an epoch.

use serde::{Deserialize, Serialize};

/// What the embeddings of an epoch's last weights look like.
///
/// Measured on the validation pairs, which are embedded anyway, or on a fixed random sample of at most 256 training pairs
/// where there are none: 512 images at most, forwards only, below 1 % of an epoch of the classic recipe. Distances are
/// those of the recipe's loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingHealth {
    /// Distinct images embedded.
    pub images: usize,
    /// Share of these images that show people who are trained on, 0..1. Where the training set has no catalogue, share
    /// of the images that are trained on themselves.
    pub trained_on: f64,
    /// Genuine pairs compared.
    pub genuine_pairs: usize,
    /// Impostor pairs compared.
    pub impostor_pairs: usize,
    /// Mean distance of the genuine pairs; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genuine_distance: Option<f64>,
    /// Mean distance of the impostor pairs; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impostor_distance: Option<f64>,
    /// Area under the ROC curve: how often a genuine pair is closer than an impostor pair, ties counted half (the
    /// Mann-Whitney statistic of all such comparisons). 1 is perfect, 0.5 chance. Absent where a kind is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auc: Option<f64>,
    /// Where the closest pairs are impostors. Absent in healthy training, and where a kind is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal: Option<Reversal>,
    /// Root mean square distance of the embeddings from their mean, as a share of their root mean square length, 0..1.
    pub spread: f64,
    /// Dimensions that have the same value for every image, to the precision of f32.
    pub dead_dimensions: usize,
    /// Dimensions of the embedding.
    pub dimensions: usize,
}

/// Those closest pairs in which genuine pairs are rarest against chance, by three standard deviations or more.
///
/// Of all numbers k of closest pairs the one with the largest (k p - g) / sqrt(k p (1 - p)), with g genuine pairs among
/// them and the share p of genuine pairs among all. It shows what an AUC near 0.5 hides. If each folder holds an image
/// of everybody, few impostor pairs show one person, but these are the closest of all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reversal {
    /// How many of the closest pairs, pairs at the same distance all in or all out.
    pub closest: usize,
    /// How many of them are genuine.
    pub genuine: usize,
    /// By how many standard deviations that is too few.
    pub deviations: f64,
}
