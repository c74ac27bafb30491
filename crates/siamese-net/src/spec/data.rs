//! How files become pixels, and pixels numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::reading::{BackgroundSpec, DecodingSpec, InkSpec};
use super::resize::ResizeSpec;

/// How files become pixels, and pixels become numbers.
///
/// The network sees `(x - mean) / sd` of the pixels x, scaled to 0..1 and normalised. How many channels there are,
/// `encoder.input` says: with 1 colours are read as their luma (ITU-R BT.601), with 3 greys have three equal ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataSpec {
    /// Applied while decoding.
    pub resize: ResizeSpec,
    /// What shines through pixels that are not opaque.
    #[serde(skip_serializing_if = "BackgroundSpec::is_usual")]
    pub background: BackgroundSpec,
    /// How exactly images are decoded that `resize` makes smaller.
    #[serde(skip_serializing_if = "DecodingSpec::is_usual")]
    pub decoding: DecodingSpec,
    /// What is done to ink on paper before the image is resized; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ink: Option<InkSpec>,
    /// Whether black and white are exchanged after that, so that paper is 0 to the network. `resize.fill` is not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub invert: bool,
    /// The network sees the image at 1/`pool` of its size: each of its pixels is the mean of a `pool` x `pool` square
    /// of the image as it was read, before anything else. 1 changes nothing.
    #[serde(skip_serializing_if = "is_one")]
    pub pool: u16,
    /// Done to each image before it is scaled by `mean` and `sd`, in training as in use; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalise: Option<NormaliseSpec>,
    /// Subtracted from the pixel.
    pub mean: ByChannel,
    /// Divides what remains.
    pub sd: ByChannel,
}

impl Default for DataSpec {
    fn default() -> Self {
        Self {
            resize: ResizeSpec::None,
            background: BackgroundSpec::Ignore,
            decoding: DecodingSpec::Exact,
            ink: None,
            invert: false,
            pool: 1,
            normalise: None,
            mean: ByChannel::All(0.0),
            sd: ByChannel::All(1.0),
        }
    }
}

impl DataSpec {
    /// All that decides a file's pixels but their size and channels.
    #[must_use]
    pub fn read(&self) -> (BackgroundSpec, DecodingSpec, Option<InkSpec>, bool) {
        (self.background, self.decoding, self.ink, self.invert)
    }

    /// `[channels, height, width]` of the images that give an encoder with this input what it takes.
    #[must_use]
    pub fn images(&self, [channels, height, width]: [usize; 3]) -> [usize; 3] {
        let pool = usize::from(self.pool);
        [
            channels,
            height.saturating_mul(pool),
            width.saturating_mul(pool),
        ]
    }
}

/// A number for all channels, or one for each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number or [red, green, blue]")]
pub enum ByChannel {
    /// The same for all.
    All(f64),
    /// Red, green, blue.
    Each([f64; 3]),
}

impl ByChannel {
    /// Red, green, blue.
    #[must_use]
    pub fn each(self) -> [f64; 3] {
        match self {
            Self::All(value) => [value; 3],
            Self::Each(values) => values,
        }
    }
}

/// As it is written in a recipe.
impl fmt::Display for ByChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(value) => value.fmt(f),
            Self::Each(values) => write!(f, "{values:?}"),
        }
    }
}

/// What takes light and contrast out of an image, from that image alone. Channels are treated alike and together, so that
/// a grey pixel stays grey among colours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NormaliseSpec {
    /// To mean 0 and standard deviation 1 over the image, all its channels together.
    Standardise {
        /// Least standard deviation that is divided by.
        #[serde(default = "hundredth")]
        floor: f64,
    },
    /// The difference d from the local mean over the local standard deviation: `d / (sqrt(blur(d^2)) + floor)`, both
    /// means weighed by a Gaussian (Pinto, Cox and `DiCarlo` 2008). Of colours each channel has its own local mean, and all
    /// have the deviation of the mean of their `d^2`.
    LocalContrast {
        /// Of the Gaussian, in pixels.
        #[serde(default = "four")]
        sigma: f64,
        /// Added to the local standard deviation.
        #[serde(default = "local_floor")]
        floor: f64,
    },
    /// Each value becomes the share of the image's values, in all its channels, that are darker, of 256 levels.
    Equalise {},
}

/// Left out when it is 1, so that such a model file has the bytes it had before this key existed.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_one(pool: &u16) -> bool {
    *pool == 1
}

fn hundredth() -> f64 {
    0.01
}
fn four() -> f64 {
    4.0
}
fn local_floor() -> f64 {
    0.04
}
