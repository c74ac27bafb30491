//! What is there of a run that goes on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use siamese_lab::{Base, RunDir};
use siamese_model::{Checkpoint, Device, EpochRecord, Recipe, device_name};

use super::number;
use crate::output::Output;

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
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the recipe {}", path.display()))?;
        let recipe = Recipe::parse::<&str>(&text, &path.display().to_string(), &[])?
            .relative_to(run.path())?;
        let networks = recipe.members()?.len();
        let paths = (1..=networks).map(|number| run.checkpoint(Some(number)));
        let checkpoints = paths
            .map(|path| path.exists().then(|| Checkpoint::load(&path)).transpose())
            .collect::<Result<_, _>>()?;
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
            bail!(
                "{} holds networks of another recipe: they are {}, and this one trains {}",
                path.display(),
                found.checkpoints.len(),
                networks.len()
            );
        }
        if recipe.train.epochs > 0 && found.checkpoints.iter().any(Option::is_none) {
            bail!(
                "{} holds no checkpoints, so its networks cannot be taken over: train anew",
                path.display()
            );
        }
        let checkpoints = found.checkpoints.into_iter().zip(&networks);
        let checkpoints = checkpoints
            .map(|(checkpoint, network)| checkpoint.map(|found| found.of(network)).transpose())
            .collect::<Result<_, _>>()?;
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

/// Says where a resumed run will round differently from the run it goes on with.
pub(super) fn differences(checkpoint: &Checkpoint, device: Device, output: Output) {
    if checkpoint.device() != device_name(device) {
        output.note(&format!(
            "note: the run began on {}; on {} it goes on, but not to the same bytes",
            checkpoint.device(),
            device_name(device)
        ));
    }
}
