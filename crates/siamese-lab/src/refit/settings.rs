//! What is refitted, on what, and where to.

use std::path::PathBuf;

use crate::compute::Compute;
use crate::data::DataSource;

/// What is refitted, on what, and where to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RefitSettings {
    /// The folder of a finished cross-validation.
    pub crossval: PathBuf,
    /// The model file to write.
    pub out: PathBuf,
    /// Where the images of the cross-validation are, and how they are read; `None` for where they were.
    pub data: Option<DataSource>,
    /// Whether the file that `out` names is replaced, and a training that was begun for another cross-validation in the
    /// same folder.
    pub replace: bool,
    /// Where and with what to compute.
    pub compute: Compute,
}

impl RefitSettings {
    /// A model file of what a finished cross-validation trained.
    #[must_use]
    pub fn new(crossval: impl Into<PathBuf>, out: impl Into<PathBuf>) -> Self {
        Self {
            crossval: crossval.into(),
            out: out.into(),
            data: None,
            replace: false,
            compute: Compute::default(),
        }
    }
}
