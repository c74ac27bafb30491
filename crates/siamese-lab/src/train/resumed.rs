//! What is left of a run that goes on.

use std::path::{Path, PathBuf};

use siamese_model::{Checkpoint, Device, device_name};
use siamese_net::{EpochRecord, Recipe};

use super::number::number;
use crate::begin::Base;
use crate::error::{FileError, Result, TrainError};
use crate::note::Note;
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
        let path = run.recipe();
        let text = std::fs::read_to_string(&path).map_err(|source| FileError::ReadRecipe {
            path: path.clone(),
            source,
        })?;
        let recipe = Recipe::parse::<&str>(&text, &path.display().to_string(), &[])?
            .relative_to(run.path())?;
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

/// What is to be said where a resumed run will round differently from the run it goes on with.
pub(super) fn difference(checkpoint: &Checkpoint, device: Device) -> Option<Note> {
    let (began, goes_on) = (checkpoint.device(), device_name(device));
    (began != goes_on).then(|| Note::OtherDevice {
        began: began.to_owned(),
        goes_on,
    })
}
