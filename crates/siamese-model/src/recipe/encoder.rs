//! The network as a recipe writes it: layers, or a ready program and layers after it.

use serde::{Deserialize, Serialize};

use super::check::{at_least_one, expect};
use super::{Initializer, LayerSpec};
use crate::plan::Plan;

/// The encoder as a paper would write it: a list of layers, or a ready TorchScript program, with layers after it or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderSpec {
    /// `[channels, height, width]`. With 1 channel images are read in grey, with 3 in red, green and blue.
    pub input: [usize; 3],
    /// File of a TorchScript program that turns images `[n, channels, height, width]` of f32, as the recipe's
    /// [`data`](super::Recipe::data) makes them, into vectors `[n, embedding]` of f32. It runs in evaluation mode, while
    /// training too: batch normalisation keeps its running figures and dropout is off. Absent: there are only layers.
    ///
    /// A relative path is relative to the file that holds the recipe, see [`Recipe::relative_to`](super::Recipe::relative_to).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torchscript: Option<String>,
    /// SHA-256 of that file, which must then be its own; found by [`Recipe::pin`](super::Recipe::pin) where absent.
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
    /// What contradicts itself among the keys, by key.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.torchscript.is_none() {
            for (key, there) in [
                ("encoder.embedding", self.embedding.is_some()),
                ("encoder.sha256", self.sha256.is_some()),
                ("encoder.trainable", self.trainable),
            ] {
                if there {
                    return Err(format!(
                        "{key} speaks of a program: add encoder.torchscript with its file, or leave it out"
                    ));
                }
            }
            return match self.layers.is_empty() {
                true => Err(
                    "encoder.layers is missing or empty: a network needs layers, or encoder.torchscript with a ready program"
                        .to_owned(),
                ),
                false => Ok(()),
            };
        }
        let Some(embedding) = self.embedding else {
            return Err(
                "encoder.torchscript needs encoder.embedding, the length of the vectors that the program returns"
                    .to_owned(),
            );
        };
        at_least_one("encoder.embedding", embedding as u64)?;
        if let Some(sha256) = &self.sha256 {
            let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            expect(
                sha256.len() == 64 && sha256.chars().all(hexadecimal),
                "encoder.sha256",
                format_args!("\"{sha256}\""),
                "64 digits of 0-9 and a-f",
            )?;
        }
        Ok(())
    }

    /// Says where so many epochs have nothing to train, or none leave weights as they were drawn; `plan` is that of the
    /// encoder.
    pub(super) fn check_training(&self, plan: &Plan, epochs: u32) -> Result<(), String> {
        let message = match (epochs, plan.parameters()) {
            (0, 1..) => {
                "train.epochs = 0 would leave the weights of encoder.layers as they were drawn: train them, or use \
                 layers without weights after encoder.torchscript"
            }
            (1.., 0) if self.torchscript.is_some() && !self.trainable => {
                "there is nothing to train: set train.epochs = 0 to use the program as it is, encoder.trainable = true \
                 to train it, or add encoder.layers that have weights"
            }
            _ => return Ok(()),
        };
        Err(message.to_owned())
    }
}
