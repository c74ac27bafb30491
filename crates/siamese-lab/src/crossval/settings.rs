//! What is cross-validated, on what, and where to.

use std::path::PathBuf;

use siamese_model::DeviceChoice;
use siamese_net::EpisodesSpec;
use siamese_report::Requirement;

use crate::data::DataSource;
use crate::jobs::Shard;

/// What is cross-validated, on what, and where to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CrossvalSettings {
    /// A built-in recipe's name or a TOML file.
    pub recipe: String,
    /// Values of the recipe that are replaced, each `KEY=VALUE`.
    pub overrides: Vec<String>,
    /// A model that each fold begins with, or the folder of a cross-validation whose models of the same folds they begin
    /// with.
    pub init: Option<PathBuf>,
    /// Where the images are, and how they are read.
    pub data: DataSource,
    /// What divides the subjects; `None` for the recipe's.
    pub protocol: Option<String>,
    /// What is required of the networks: the verdict goes by it.
    pub required: Option<Requirement>,
    /// Images of each subject that are enrolled for searches, all others being probes; `None` for one.
    pub enrol: Option<usize>,
    /// The few-shot episodes; `None` for those of the recipe.
    pub episodes: Option<EpisodesSpec>,
    /// The folder of the trainings and the report; `None` for `runs/RECIPE-PROTOCOL-sSEED`.
    pub out: Option<PathBuf>,
    /// Whether trainings that `out` holds are replaced.
    pub replace: bool,
    /// Trainings at a time; `None` for one for each core on the CPU, one on a GPU.
    pub jobs: Option<usize>,
    /// Only a share of the trainings, and nothing is judged; `None` for all. Several shares may be trained into one folder at a
    /// time.
    pub shard: Option<Shard>,
    /// Folders that hold finished trainings of the same kind, which are taken over: then nothing is trained that none of them
    /// holds.
    pub merge: Vec<PathBuf>,
    /// The device.
    pub device: DeviceChoice,
    /// Bytes that decoded images may take; `None` for half of what is free.
    pub memory: Option<u64>,
}

impl CrossvalSettings {
    /// A recipe on these images, by its own protocol.
    #[must_use]
    pub fn new(recipe: impl Into<String>, data: impl Into<DataSource>) -> Self {
        Self {
            recipe: recipe.into(),
            overrides: Vec::new(),
            init: None,
            data: data.into(),
            protocol: None,
            required: None,
            enrol: None,
            episodes: None,
            out: None,
            replace: false,
            jobs: None,
            shard: None,
            merge: Vec::new(),
            device: DeviceChoice::Auto,
            memory: None,
        }
    }
}
