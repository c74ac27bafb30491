//! Where the weights came from that a training began with.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::Model;
use crate::recipe::ResizeSpec;

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
    /// That of a model, given its file's bytes.
    #[must_use]
    pub fn new(model: &Model, file: &[u8]) -> Self {
        let recipe = &model.recipe;
        let hash = Sha256::digest(file);
        Self {
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            data_sha256: model.provenance.data_sha256.clone(),
            people_sha256: model.provenance.people_sha256.clone(),
            channels: recipe.encoder.input[0],
            resize: recipe.data.resize,
            protocol: recipe.protocol.name.clone(),
            fold: recipe.protocol.fold,
            seed: recipe.seed,
            origin: model.provenance.origin.clone().map(Box::new),
        }
    }

    /// This file, the one that its training began with, and so on.
    pub fn line(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |origin| origin.origin.as_deref())
    }
}
