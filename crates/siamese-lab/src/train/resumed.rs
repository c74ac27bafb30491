//! What is left of a run that goes on.

use std::path::{Path, PathBuf};

use siamese_model::{Checkpoint, Device, device_name};
use siamese_net::{EpochRecord, Recipe};

use super::number::number;
use crate::begin::Base;
use crate::error::{FileError, Result, RunError, TrainError};
use crate::note::Note;
use crate::recipe_file::changes;
use crate::run::RunDir;

/// What is there of an unfinished run: the networks' states, as far as they were begun.
pub(super) struct Resumed {
    pub(super) recipe: Recipe,
    /// As many as the recipe trains; absent where one was not begun.
    pub(super) checkpoints: Vec<Option<Checkpoint>>,
    /// Where the run keeps the model that it began with.
    init: PathBuf,
}

impl Resumed {
    pub(super) fn read(run: &RunDir) -> Result<Self> {
        if run.checkpoint(None).exists() {
            let checkpoint = Checkpoint::load(&run.checkpoint(None))?;
            return Ok(Self {
                recipe: checkpoint.recipe().clone(),
                checkpoints: vec![Some(checkpoint)],
                init: run.init(),
            });
        }
        let recipe = recipe_of(run)?;
        let networks = recipe.members()?.len();
        let paths = (1..=networks).map(|number| run.checkpoint(Some(number)));
        let checkpoints = paths
            .map(|path| path.exists().then(|| Checkpoint::load(&path)).transpose())
            .collect::<Result<_, siamese_model::Error>>()?;
        Ok(Self {
            recipe,
            checkpoints,
            init: run.init(),
        })
    }

    /// Fails where the recipe in the folder of the run is not, or not any more, the one that was trained, but for the
    /// number of epochs that is asked for.
    pub(super) fn expect_unedited(&self, run: &RunDir, epochs: Option<u32>) -> Result<()> {
        let path = run.recipe();
        if !path.exists() {
            return Ok(());
        }
        let networks = recipe_of(run)?.members()?;
        for (network, checkpoint) in networks.iter().zip(&self.checkpoints) {
            let Some(checkpoint) = checkpoint else {
                continue;
            };
            let mut was = checkpoint.recipe().clone();
            if epochs == Some(network.train.epochs) {
                was.train.epochs = network.train.epochs;
            }
            let changes = changes(network, &was)?;
            if !changes.is_empty() {
                return Err(RunError::Edited { path, changes }.into());
            }
        }
        Ok(())
    }

    /// The same run with another number of epochs in all.
    pub(super) fn with_epochs(self, epochs: u32, run: &RunDir) -> Result<Self> {
        let path = || run.path().to_owned();
        let begun = self.checkpoints.iter().flatten();
        let done = begun.map(Checkpoint::epochs).max().unwrap_or(0);
        let finished = run.figures().exists();
        let mut networks = self.recipe.members()?.into_iter();
        if networks.any(|network| network.schedule.depends_on_length()) {
            return Err(RunError::FixedLength { path: path() }.into());
        }
        if finished && done < self.recipe.train.epochs {
            let (path, epochs) = (path(), done);
            return Err(RunError::OutOfPatience { path, epochs }.into());
        }
        if epochs < done || (finished && epochs == done) {
            let path = path();
            return Err(RunError::EpochsDone { path, done, epochs }.into());
        }
        let mut recipe = self.recipe;
        recipe.train.epochs = epochs;
        let checkpoints = self.checkpoints.into_iter();
        Ok(Self {
            recipe,
            checkpoints: checkpoints
                .map(|checkpoint| Some(checkpoint?.of_epochs(epochs)))
                .collect(),
            ..self
        })
    }

    /// The networks of a finished run, for a recipe that trains them alike.
    pub(super) fn of_trained(path: &Path, recipe: Recipe) -> Result<Self> {
        let found = Self::read(&RunDir::finished(path)?)?;
        let networks = recipe.members()?;
        if found.checkpoints.len() != networks.len() {
            return Err(TrainError::OtherNetworks {
                run: path.into(),
                found: found.checkpoints.len(),
                expected: networks.len(),
            }
            .into());
        }
        if recipe.train.epochs > 0 && found.checkpoints.iter().any(Option::is_none) {
            return Err(TrainError::NoCheckpoints { run: path.into() }.into());
        }
        let checkpoints = found.checkpoints.into_iter().zip(&networks);
        let checkpoints = checkpoints
            .map(|(checkpoint, network)| checkpoint.map(|found| found.of(network)).transpose())
            .collect::<Result<_, siamese_model::Error>>()?;
        Ok(Self {
            recipe,
            checkpoints,
            ..found
        })
    }

    pub(super) fn any(&self) -> Option<&Checkpoint> {
        self.checkpoints.iter().flatten().next()
    }

    /// The model that the networks not begun yet begin with, where the run began with one.
    pub(super) fn base(&self, device: Device) -> Result<Option<Base>> {
        match self.any().and_then(Checkpoint::origin) {
            Some(origin) if self.checkpoints.iter().any(Option::is_none) => {
                Ok(Some(Base::of_run(&self.init, origin, device)?))
            }
            _ => Ok(None),
        }
    }

    /// Every completed epoch, with its network.
    pub(super) fn history(&self) -> Vec<(Option<usize>, EpochRecord)> {
        let all = self.checkpoints.iter().enumerate();
        all.flat_map(|(i, checkpoint)| {
            let number = number(i, self.checkpoints.len());
            let records = checkpoint.iter().flat_map(Checkpoint::history);
            records.map(move |record| (number, record.clone()))
        })
        .collect()
    }
}

/// The recipe that the folder of a run holds.
fn recipe_of(run: &RunDir) -> Result<Recipe> {
    let path = run.recipe();
    let text = std::fs::read_to_string(&path).map_err(|source| FileError::ReadRecipe {
        path: path.clone(),
        source,
    })?;
    let recipe = Recipe::parse::<&str>(&text, &path.display().to_string(), &[])?;
    Ok(recipe.relative_to(run.path())?)
}

/// What is to be said where a resumed run will round differently from the run it goes on with.
pub(super) fn difference(checkpoint: &Checkpoint, device: Device) -> Option<Note> {
    let (began, goes_on) = (checkpoint.device(), device_name(device));
    (began != goes_on).then(|| Note::OtherDevice {
        began: began.to_owned(),
        goes_on,
    })
}
