//! Where weights come from.

use serde::{Deserialize, Serialize};

use crate::digest::sha256;
use crate::recipe::Recipe;
use crate::spec::{BackgroundSpec, DecodingSpec, InkSpec, ResizeSpec};

/// Where weights come from. Holds no time and no path, so that the same run gives the same bytes. The default names nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of siamese that trained it.
    pub siamese: String,
    /// Version of libtorch that trained it.
    pub libtorch: String,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// Epochs behind the weights.
    pub epoch: u32,
    /// SHA-256 of the training run's images, as [`ImageStack::sha256`](crate::ImageStack::sha256).
    pub data_sha256: String,
    /// SHA-256 of the people of these images who were learnt from or watched by, to check a division of people against
    /// it later. Absent if it was not written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_sha256: Option<String>,
    /// The model file that training began with; absent where it began with random weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// A model file that a training began with, and what it was trained on, as far as it takes to tell whether people of a
/// later test were among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// SHA-256 of the file.
    pub sha256: String,
    /// SHA-256 of the images it was trained on, as [`ImageStack::sha256`](crate::ImageStack::sha256).
    pub data_sha256: String,
    /// SHA-256 of which of their people were learnt from or watched by, where that was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_sha256: Option<String>,
    /// Of how many channels they were, 1 or 3.
    pub channels: usize,
    /// How their files became pixels, without which the checksum cannot be found again.
    pub resize: ResizeSpec,
    /// What shone through pixels that are not opaque.
    #[serde(default, skip_serializing_if = "BackgroundSpec::is_usual")]
    pub background: BackgroundSpec,
    /// How exactly they were decoded.
    #[serde(default, skip_serializing_if = "DecodingSpec::is_usual")]
    pub decoding: DecodingSpec,
    /// What was done to ink on paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ink: Option<InkSpec>,
    /// Whether black and white were exchanged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invert: bool,
    /// The protocol that put its people apart.
    pub protocol: String,
    /// Which fold of it, counted from 0.
    pub fold: usize,
    /// The seed that they were put apart by.
    pub seed: u64,
    /// What its own training began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
}

impl Origin {
    /// That of a model, given its recipe, where its weights come from, and its file's bytes.
    #[must_use]
    pub fn new(recipe: &Recipe, provenance: &Provenance, file: &[u8]) -> Self {
        Self {
            sha256: sha256(file),
            data_sha256: provenance.data_sha256.clone(),
            people_sha256: provenance.people_sha256.clone(),
            channels: recipe.encoder.input[0],
            resize: recipe.data.resize,
            background: recipe.data.background,
            decoding: recipe.data.decoding,
            ink: recipe.data.ink,
            invert: recipe.data.invert,
            protocol: recipe.protocol.name.clone(),
            fold: recipe.protocol.fold,
            seed: recipe.seed,
            origin: provenance.origin.clone().map(Box::new),
        }
    }

    /// This file, the one that its training began with, and so on.
    pub fn line(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |origin| origin.origin.as_deref())
    }
}
