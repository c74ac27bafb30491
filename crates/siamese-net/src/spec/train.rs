//! How long, in which batches.

use serde::{Deserialize, Serialize};

use super::cuda::CudaSpec;
use super::precision::Precision;

/// How long, in which batches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Passes over the training pairs, or over the training people; 0 uses a [`torchscript`](crate::EncoderSpec::torchscript)
    /// program as it is.
    pub epochs: u32,
    /// Pairs in a step. Not used with [`batches`](crate::Recipe::batches) of people.
    #[serde(default = "pairs_in_a_step")]
    pub batch: usize,
    /// Batches whose gradients are averaged, each image counting the same, before the weights move once: a step.
    /// Apart from normalisation and from losses over a batch, this equals one batch that many times as large.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub accumulate: u32,
    /// The numbers that the network computes with while it is trained.
    #[serde(default, skip_serializing_if = "Precision::is_usual")]
    pub precision: Precision,
    /// How libtorch computes on an NVIDIA GPU; without one it does nothing.
    #[serde(default, skip_serializing_if = "CudaSpec::is_usual")]
    pub cuda: CudaSpec,
    /// The gradient's norm over all parameters is scaled down to this; absent: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Decay of the running mean of the weights, which becomes the model in place of the weights; absent: no mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    /// Stop after this many epochs without a [better one](Keep::Best); absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
    /// Which weights become the model.
    #[serde(default)]
    pub keep: Keep,
    /// Whether the model file holds [`Fingerprints`](crate::Fingerprints) of the images that were learnt from, so that nobody
    /// calibrates or judges it on them unawares.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub fingerprints: bool,
}

/// Which weights become the model. The others are kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Those of the best epoch. If nobody in the validation pairs is trained on, it is the epoch of their lowest equal
    /// error rate and, among equals, of the lower loss. If they show training people, it is the epoch of the lowest
    /// validation loss. If neither is known, it is the last.
    #[default]
    Best,
    /// Those of the last epoch.
    Last,
}

fn pairs_in_a_step() -> usize {
    128
}
fn yes() -> bool {
    true
}
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_yes(said: &bool) -> bool {
    *said
}
fn one() -> u32 {
    1
}
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_one(count: &u32) -> bool {
    *count == 1
}
