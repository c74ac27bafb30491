//! What is swept, on what, and where to.

use std::path::PathBuf;

use siamese_model::DeviceChoice;

use crate::data::DataSource;
use crate::jobs::Shard;

/// What is swept, on what, and where to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SweepSettings {
    /// A built-in recipe's name or a TOML file.
    pub recipe: String,
    /// Values of the recipe that are replaced in every point, each `KEY=VALUE`.
    pub overrides: Vec<String>,
    /// Values of keys, each `KEY=VALUE,VALUE`: every combination is a point.
    pub grid: Vec<String>,
    /// Points by names of their own, each `NAME: KEY=VALUE KEY=VALUE`; the recipe as it is comes first.
    pub variants: Vec<String>,
    /// More of them, from a TOML file of lines `NAME = ["KEY=VALUE", ...]`.
    pub variants_file: Option<PathBuf>,
    /// Number of cross-validations of each point: with the recipe's seed, the number after it, and so on; 1 or more.
    pub seeds: u16,
    /// Folds that the training subjects of a fold are dealt into to choose a point; 2 or more.
    pub inner_folds: u16,
    /// Where the images are, and how they are read.
    pub data: DataSource,
    /// What divides the subjects; `None` for the recipe's.
    pub protocol: Option<String>,
    /// The folder of all trainings and of the table; `None` for `runs/sweep-RECIPE-PROTOCOL`.
    pub out: Option<PathBuf>,
    /// Whether what `out` holds of other recipes, subjects or images is replaced, and what is unfinished begun anew.
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

impl SweepSettings {
    /// A recipe as it is, on these images, by its own protocol and with its own seed.
    #[must_use]
    pub fn new(recipe: impl Into<String>, data: impl Into<DataSource>) -> Self {
        Self {
            recipe: recipe.into(),
            overrides: Vec::new(),
            grid: Vec::new(),
            variants: Vec::new(),
            variants_file: None,
            seeds: 1,
            inner_folds: 4,
            data: data.into(),
            protocol: None,
            out: None,
            replace: false,
            jobs: None,
            shard: None,
            merge: Vec::new(),
            device: DeviceChoice::Auto,
            memory: None,
        }
    }

    /// Whether the points have names of their own.
    pub(super) fn has_variants(&self) -> bool {
        !self.variants.is_empty() || self.variants_file.is_some()
    }
}
