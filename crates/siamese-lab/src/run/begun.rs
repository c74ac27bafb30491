//! What the folder of a run says from the beginning.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::data::DataSource;
#[cfg(feature = "train")]
use crate::error::FileError;
use crate::error::{Error, read_document};

/// `run.json`, the first file of a run: it tells the folder of a run from one of the user's, and remembers where the
/// images are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BegunRun {
    /// Where the images are, by an absolute path, and how they are read.
    pub data: DataSource,
    /// The version of this crate.
    pub siamese: String,
}

impl BegunRun {
    /// Of a run on these images, however their path is spelt.
    #[cfg(feature = "train")]
    pub(crate) fn new(data: &DataSource) -> Result<Self, Error> {
        let absolute = |path: &Path| {
            std::path::absolute(path).map_err(|source| FileError::Read {
                path: path.to_owned(),
                source,
            })
        };
        let mut data = data.moved_to(&absolute(&data.path)?);
        data.runs = data.runs.as_deref().map(absolute).transpose()?;
        Ok(Self {
            data,
            siamese: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    /// Where it lies in the folder of a run.
    #[must_use]
    pub fn path(run: &Path) -> PathBuf {
        run.join("run.json")
    }

    /// That of a run's folder; `None` where there is none, as in runs of older versions.
    ///
    /// # Errors
    /// Where it cannot be read, or is not what this version writes.
    pub fn read(run: &Path) -> Result<Option<Self>, Error> {
        let path = Self::path(run);
        if !path.exists() {
            return Ok(None);
        }
        let remedy = "remove it, and say where the images are with --data";
        Ok(Some(read_document(&path, remedy)?))
    }

    #[cfg(feature = "train")]
    pub(crate) fn write(&self, run: &Path) -> Result<(), Error> {
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Error::build("record", error))?;
        let path = Self::path(run);
        Ok(siamese_net::write_atomically(&path, text.as_bytes())?)
    }
}
