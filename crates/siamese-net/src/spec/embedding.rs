//! What is made of an encoder's output before it is compared.

use serde::{Deserialize, Serialize};

/// What is made of an encoder's output before it is compared, by cosine: it is scaled to length 1, averaged with those
/// of the same image zoomed, shifted and mirrored, whitened, and scaled to length 1 again.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbeddingSpec {
    /// Whether the mirror image is embedded too.
    pub flip: bool,
    /// The image, before any pooling, is also shifted up, down, left and right by this many pixels and embedded four
    /// times more, its edge pixels repeated. Each of these is mirrored too if `flip` says so. 0: not at all.
    #[serde(skip_serializing_if = "is_zero")]
    pub shift: u16,
    /// The image, before any pooling, is also zoomed in by this share, 0 to 1, and embedded once more, together with all that `shift`
    /// and `flip` make of it. For subjects who fill more of some images than of others. See [`zoom_taps`](crate::zoom_taps). 0: not
    /// at all.
    #[serde(skip_serializing_if = "is_not_zoomed")]
    pub zoom: f64,
    /// A linear map fitted on the training people; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whiten: Option<WhitenSpec>,
}

/// A linear map of embeddings, fitted on the training people and kept in the model file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WhitenSpec {
    /// Principal components, each divided by its standard deviation to a power.
    Pca {
        /// 0 leaves the components as they are, 1 whitens fully.
        #[serde(default = "half")]
        power: f64,
        /// How many are kept; absent: all that vary.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        components: Option<usize>,
    },
    /// Within-class covariance normalisation: what varies between images of one person counts less (Hatch, Kajarekar
    /// and Stolcke 2006).
    Wccn {
        /// Share of the covariance that is replaced by a multiple of the identity of the same trace.
        #[serde(default = "tenth")]
        shrinkage: f64,
    },
    /// Both maps side by side: the cosine is the weighted mean of the two.
    Both {
        /// Of the principal components.
        #[serde(default = "half")]
        power: f64,
        /// Of the within-class covariance.
        #[serde(default = "tenth")]
        shrinkage: f64,
        /// How much of the cosine is that of WCCN.
        #[serde(default = "half", skip_serializing_if = "is_half")]
        wccn_share: f64,
    },
}

impl WhitenSpec {
    /// How much of the cosine is that of each of its maps.
    #[must_use]
    pub fn shares(self) -> Vec<f64> {
        match self {
            Self::Pca { .. } | Self::Wccn { .. } => vec![1.0],
            Self::Both { wccn_share, .. } => vec![1.0 - wccn_share, wccn_share],
        }
    }
}

/// Left out when it is 0, so that such a model file has the bytes it had before this key existed.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(shift: &u16) -> bool {
    *shift == 0
}

/// Left out when it is 0, as before.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_not_zoomed(zoom: &f64) -> bool {
    *zoom == 0.0
}

/// Left out when it is one half, so that such a model file has the bytes it had before this key existed.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_half(share: &f64) -> bool {
    *share == half()
}

fn half() -> f64 {
    0.5
}
fn tenth() -> f64 {
    0.1
}
