//! `figures.json`: what a finished run says of itself.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use siamese_model::Origin;

use crate::judge::Figures;

/// The document of `siamese train --json`, and `figures.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    pub(crate) recipe: String,
    pub(crate) seed: u64,
    pub(crate) protocol: String,
    pub(crate) fold: usize,
    pub(crate) run: String,
    /// Where the images were, as it was given.
    pub(crate) data: String,
    pub(crate) epochs: u32,
    /// Training, validation included; without reading the data and judging.
    pub(crate) seconds: f64,
    pub(crate) device: String,
    pub(crate) threads: usize,
    pub(crate) siamese: String,
    pub(crate) libtorch: String,
    pub(crate) data_sha256: String,
    /// Fingerprint of the pairs that were trained on, watched and judged.
    pub(crate) pairs_sha256: String,
    /// The model file that training began with, where it did not begin with random weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Origin>,
    pub(crate) figures: Figures,
}

impl RunRecord {
    /// That of a finished run's folder.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("figures.json");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is not what this version writes: train again into that folder with --force",
                path.display()
            )
        })
    }
}
