//! Which model is calibrated, and on what.

use std::path::PathBuf;

use verification_figures::Fusion;

use crate::compute::Compute;
use crate::data::DataSource;

/// What a model is calibrated on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CalibrateFrom {
    /// Images of subjects that the model does not know.
    Images {
        /// Where they are.
        data: DataSource,
        /// The images that the model was trained on, to look for equal and nearly equal pictures in.
        training: Option<PathBuf>,
    },
    /// A CSV list of comparisons with their distances, as [`read_scores`](super::scores) takes it.
    Scores(PathBuf),
}

/// Which model is calibrated, and on what.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CalibrateSettings {
    /// A model file, or the folder of a run.
    pub model: PathBuf,
    /// What it is calibrated on.
    pub from: CalibrateFrom,
    /// The column of the list that says which group a subject, or a comparison, belongs to.
    pub group: Option<String>,
    /// False match rates besides 10 %, 1 %, 0.1 % and so on.
    pub more_fmr: Vec<f64>,
    /// How many images of each subject are its templates.
    pub templates: u32,
    /// How their scores become one.
    pub fusion: Fusion,
    /// Where and with what it is computed.
    pub compute: Compute,
}

impl CalibrateSettings {
    /// A model on these images, each compared with each.
    #[must_use]
    pub fn new(model: impl Into<PathBuf>, from: CalibrateFrom) -> Self {
        Self {
            model: model.into(),
            from,
            group: None,
            more_fmr: Vec::new(),
            templates: 1,
            fusion: Fusion::Best,
            compute: Compute::default(),
        }
    }
}
