//! What is trained, on what, and where to.

use std::path::{Path, PathBuf};

use siamese_net::Recipe;

use crate::compute::Compute;
use crate::data::DataSource;
use crate::run::in_a_file_name;

/// What a training begins with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Start {
    /// A recipe, from its first step.
    New(Box<Recipe>),
    /// What the unfinished run in [`TrainSettings::out`] holds.
    Resume,
    /// The networks of a finished run, for a recipe that trains them alike and differs in what comes after: in nothing
    /// but `embedding.whiten` and the section `decision`.
    Trained {
        /// The recipe.
        recipe: Box<Recipe>,
        /// The folder of the finished run.
        run: PathBuf,
    },
}

/// What is trained, on what, and where to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrainSettings {
    /// What it begins with.
    pub start: Start,
    /// A model file, or the folder of a run, whose weights take the place of random ones.
    pub init: Option<PathBuf>,
    /// Where the images are, and how they are read.
    pub data: DataSource,
    /// The folder of the run.
    pub out: PathBuf,
    /// Whether a run that `out` holds is replaced.
    pub replace: bool,
    /// Where and with what to compute.
    pub compute: Compute,
}

impl TrainSettings {
    /// A new training of a recipe on these images, into `runs/RECIPE-sSEED`.
    #[must_use]
    pub fn new(recipe: Recipe, data: impl Into<DataSource>) -> Self {
        Self {
            out: default_folder(&recipe),
            start: Start::New(Box::new(recipe)),
            init: None,
            data: data.into(),
            replace: false,
            compute: Compute::default(),
        }
    }

    /// The rest of the unfinished run in a folder, on the images that it began with.
    #[must_use]
    pub fn resume(run: impl Into<PathBuf>, data: impl Into<DataSource>) -> Self {
        Self {
            out: run.into(),
            start: Start::Resume,
            init: None,
            data: data.into(),
            replace: false,
            compute: Compute::default(),
        }
    }

    /// The same into another folder.
    #[must_use]
    pub fn into_folder(self, out: impl Into<PathBuf>) -> Self {
        let out = out.into();
        Self { out, ..self }
    }
}

/// A folder that tells the runs of recipes, protocols, folds and seeds apart.
fn default_folder(recipe: &Recipe) -> PathBuf {
    let fold = match recipe.protocol.name.as_str() {
        "seed-pairs" => String::new(),
        name => format!("-{}-{}", in_a_file_name(name), recipe.protocol.fold),
    };
    Path::new("runs").join(format!("{}{fold}-s{}", recipe.name, recipe.seed))
}
