//! Which model is judged, on what, and by which pairs.

use std::path::PathBuf;

use siamese_net::EpisodesSpec;
use siamese_report::Requirement;

use crate::compute::Compute;
use crate::data::DataSource;
use crate::run::kept_list;

/// The pairs that judge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Judges {
    /// Those of the model's own recipe.
    #[default]
    OwnProtocol,
    /// Those of another protocol.
    Protocol {
        /// Its name, or the path of its list.
        name: String,
        /// The fold, counted from 0.
        fold: usize,
    },
    /// Every pair of every image, or a sample where there are very many.
    EveryPair,
    /// Those of a CSV list with the header `a,b,kind`.
    List(PathBuf),
}

/// Which model is judged, on what, and by which pairs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EvalSettings {
    /// A model file, or the folder of a run.
    pub model: PathBuf,
    /// Where the images are, and how they are read.
    pub data: DataSource,
    /// What judges it.
    pub judges: Judges,
    /// The distance below which two images are called genuine; `None` for the model's threshold.
    pub threshold: Option<f64>,
    /// What is required of the model: the verdict goes by it.
    pub required: Option<Requirement>,
    /// Images of each subject that are enrolled for searches, all others being probes; `None` for one.
    pub enrol: Option<usize>,
    /// The few-shot episodes; `None` for those of the recipe.
    pub episodes: Option<EpisodesSpec>,
    /// Where and with what it is computed.
    pub compute: Compute,
}

impl EvalSettings {
    /// A model on these images, by the protocol of its recipe and at its own threshold.
    #[must_use]
    pub fn new(model: impl Into<PathBuf>, data: impl Into<DataSource>) -> Self {
        Self {
            model: model.into(),
            data: data.into(),
            judges: Judges::default(),
            threshold: None,
            required: None,
            enrol: None,
            episodes: None,
            compute: Compute::default(),
        }
    }

    /// The list that divided the subjects of the model's training, where its run keeps one.
    pub(super) fn kept_list(&self) -> Option<PathBuf> {
        let run = match self.model.is_dir() {
            true => &self.model,
            false => self.model.parent()?,
        };
        kept_list(run)
    }
}
