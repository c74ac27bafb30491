//! What is refitted, on what, and where to.

use std::path::PathBuf;

use verification_figures::Fusion;

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
    /// How many images of each subject are its templates, for the calibration.
    pub templates: u32,
    /// How the distances to the templates of a subject become one.
    pub fusion: Fusion,
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
            templates: 1,
            fusion: Fusion::Best,
            compute: Compute::default(),
        }
    }
}
