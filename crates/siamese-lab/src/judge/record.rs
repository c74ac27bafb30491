//! `figures.json`: what a finished run says of itself.

use std::path::Path;

use serde::{Deserialize, Serialize};

use siamese_net::Origin;
use siamese_report::Requirement;

use super::Figures;
use crate::error::{Error, read_document};

/// The document of `siamese train --json`, and `figures.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunRecord {
    /// The recipe's name.
    pub recipe: String,
    /// The recipe's seed.
    pub seed: u64,
    /// What divides the subjects.
    pub protocol: String,
    /// The fold that was judged, counted from 0.
    pub fold: usize,
    /// The folder, as it was given.
    pub run: String,
    /// Where the images were, as the user wrote it.
    pub data: String,
    /// Epochs that were trained.
    pub epochs: u32,
    /// Training, validation included; without reading the data and judging.
    pub seconds: f64,
    /// What computed.
    pub device: String,
    /// Threads of the CPU.
    pub threads: usize,
    /// The version of this crate.
    pub siamese: String,
    /// The version of libtorch.
    pub libtorch: String,
    /// Of the images as the recipe reads them.
    pub data_sha256: String,
    /// Fingerprint of the pairs that were trained on, watched and judged.
    pub pairs_sha256: String,
    /// The model file that training began with, where it did not begin with random weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// What was required of it, where somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Requirement>,
    /// What the network is worth.
    pub figures: Figures,
}

impl RunRecord {
    /// That of a finished run's folder.
    ///
    /// # Errors
    /// Where there is none, or one that this version does not write.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let remedy = "train again into that folder with --force";
        Ok(read_document(&folder.join("figures.json"), remedy)?)
    }
}
