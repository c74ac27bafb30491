//! The network as a recipe writes it: layers, or a ready program and layers after it.

use serde::{Deserialize, Serialize};

use super::init::Initializer;
use super::layer::LayerSpec;

/// The encoder as a paper would write it: a list of layers, or a ready TorchScript program, with layers after it or not.
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
