//! A checkpoint, read without the network in it.

use std::path::Path;

use serde::Deserialize;

use super::provenance::Origin;
use super::tensors::TensorFile;
use crate::error::Error;
use crate::history::EpochRecord;
use crate::recipe::Recipe;

/// Version of the checkpoint's document. Only the same version goes on from it.
pub const CHECKPOINT_FORMAT: u32 = 2;

/// What a checkpoint says of itself. Nothing in it is executed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckpointCard {
    /// The recipe of the run, overrides included; its programs are named as files beside the checkpoint.
    pub recipe: Recipe,
    /// The device it ran on: `cpu` or `cuda:N`.
    pub device: String,
    /// The model file that the run began with; absent where it began with random weights.
    pub origin: Option<Origin>,
    /// The completed epochs.
    pub history: Vec<EpochRecord>,
}

/// The part of the document that says what the run is.
#[derive(Deserialize)]
struct Document {
    format: u32,
    recipe: String,
    device: String,
    #[serde(default)]
    origin: Option<Origin>,
    progress: Progress,
}

#[derive(Deserialize)]
struct Progress {
    history: Vec<EpochRecord>,
}

impl CheckpointCard {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read, [`Error::File`] where it is not a checkpoint of this version.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let Document {
            format,
            recipe,
            device,
            origin,
            progress,
        } = TensorFile::read(path, "checkpoint")?.document;
        Ok(Self {
            recipe: checkpoint_recipe(path, format, &recipe)?,
            device,
            origin,
            history: progress.history,
        })
    }
}

/// The recipe in a checkpoint of this format at `path`, with its programs as files beside it.
///
/// # Errors
/// [`Error::File`] for another format than [`CHECKPOINT_FORMAT`], [`Error::Recipe`] where the recipe does not parse.
pub fn checkpoint_recipe(path: &Path, format: u32, recipe: &str) -> Result<Recipe, Error> {
    if format != CHECKPOINT_FORMAT {
        let message = format!(
            "the checkpoint has format {format}, and this version goes on from format {CHECKPOINT_FORMAT} only: train \
             again"
        );
        return Err(Error::file(path, message));
    }
    let origin = format!("recipe in {}", path.display());
    Recipe::parse::<&str>(recipe, &origin, &[])?.relative_to(path.parent().unwrap_or(Path::new("")))
}
