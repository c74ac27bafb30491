//! The network as a recipe writes it: layers, or a ready program and layers after it.

use serde::{Deserialize, Serialize};

use super::init::Initializer;
use super::layer::LayerSpec;

/// The encoder as a paper would write it: a list of layers, or a ready network, with layers after it or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderSpec {
    /// `[channels, height, width]`. With 1 channel images are read in grey, with 3 in red, green and blue.
    pub input: [usize; 3],
    /// File of a TorchScript program that turns images `[n, channels, height, width]` of f32, as the recipe's
    /// [`data`](crate::Recipe::data) makes them, into vectors `[n, embedding]` of f32. It runs in evaluation mode, while
    /// training too: batch normalisation keeps its running figures and dropout is off. Absent: there are only layers.
    ///
    /// A relative path is relative to the file that holds the recipe, see [`Recipe::relative_to`](crate::Recipe::relative_to).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torchscript: Option<String>,
    /// File of an ONNX network that turns an image `[1, channels, height, width]`, as the recipe's
    /// [`data`](crate::Recipe::data) makes it, into a vector of `embedding` numbers. It is used as it is. The path is as that
    /// of `torchscript`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onnx: Option<String>,
    /// The order in which the ONNX network takes the channels of a colour image.
    #[serde(default, skip_serializing_if = "ChannelOrder::is_usual")]
    pub channel_order: ChannelOrder,
    /// SHA-256 of that file, which must then be its own; found by [`Recipe::pin`](crate::Recipe::pin) where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Length of the vectors that the program returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<usize>,
    /// Whether training moves the program's own parameters, and not only those of the layers after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trainable: bool,
    /// How the weights of the layers begin.
    #[serde(default)]
    pub init: Initializer,
    /// From image, or from what the program returns, to embedding.
    #[serde(default)]
    pub layers: Vec<LayerSpec>,
}

impl EncoderSpec {
    /// The ready network that it begins with, if it does: what it is written in, and its file.
    #[must_use]
    pub fn program(&self) -> Option<(ProgramKind, &str)> {
        let script = self.torchscript.as_deref();
        let script = script.map(|file| (ProgramKind::TorchScript, file));
        script.or_else(|| Some((ProgramKind::Onnx, self.onnx.as_deref()?)))
    }
}

/// What a ready network is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramKind {
    /// TorchScript, which libtorch runs.
    TorchScript,
    /// ONNX.
    Onnx,
}

impl ProgramKind {
    /// The key of `encoder` that names its file.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::TorchScript => "torchscript",
            Self::Onnx => "onnx",
        }
    }

    /// What one is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TorchScript => "TorchScript program",
            Self::Onnx => "ONNX network",
        }
    }
}

/// The order of the channels of a colour image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelOrder {
    /// Red, green, blue, as everywhere in siamese.
    #[default]
    Rgb,
    /// Blue, green, red, as networks take it that were trained with OpenCV.
    Bgr,
}

impl ChannelOrder {
    /// Whether it is what recipes mean that do not speak of it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
