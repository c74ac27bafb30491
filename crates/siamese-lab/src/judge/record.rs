//! `figures.json`: what a finished run says of itself.

use std::path::Path;

use serde::{Deserialize, Serialize};

use siamese_model::Origin;

use super::Figures;
use crate::error::{Error, FileError, read_text};

/// The document of `siamese train --json`, and `figures.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunRecord {
    pub recipe: String,
    pub seed: u64,
    pub protocol: String,
    pub fold: usize,
    pub run: String,
    /// Where the images were, as it was given.
    pub data: String,
    pub epochs: u32,
    /// Training, validation included; without reading the data and judging.
    pub seconds: f64,
    pub device: String,
    pub threads: usize,
    pub siamese: String,
    pub libtorch: String,
    pub data_sha256: String,
    /// Fingerprint of the pairs that were trained on, watched and judged.
    pub pairs_sha256: String,
    /// The model file that training began with, where it did not begin with random weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    pub figures: Figures,
}

impl RunRecord {
    /// That of a finished run's folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("figures.json");
        let text = read_text(&path)?;
        serde_json::from_str(&text).map_err(|source| {
            let remedy = "train again into that folder with --force";
            FileError::Document {
                path,
                remedy,
                source,
            }
            .into()
        })
    }
}
