//! What is taken over from another network, and what of it stays.

use serde::{Deserialize, Serialize};

/// What is taken over from the network that training begins with, and what of it stays.
///
/// Layers are counted as `siamese inspect` does: the entries of [`EncoderSpec::layers`](super::EncoderSpec::layers) from 1
/// on, layers without weights included, one inside a residual layer as a part of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FineTuneSpec {
    /// So many first layers get the other network's weights, those after them new ones; absent: all, and the two encoders
    /// must have the same tensors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<usize>,
    /// So many first layers are not moved, and do in training what they do in use: no dropout, and batch normalisation by
    /// the running figures, which stay.
    pub freeze: usize,
}
