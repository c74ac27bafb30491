//! What is there of a run that goes on.

use anyhow::{Context, Result};
use siamese_model::{Checkpoint, Device, EpochRecord, Recipe, device_name};

use super::number;
use crate::output::Output;
use crate::run_dir::RunDir;

/// What is there of an unfinished run: the networks' states, as far as they were begun.
pub(super) struct Resumed {
    pub(super) recipe: Recipe,
    pub(super) checkpoints: Vec<Checkpoint>,
    /// As many as the recipe trains.
    networks: usize,
}

impl Resumed {
    pub(super) fn read(run: &RunDir) -> Result<Self> {
        if run.checkpoint(None).exists() {
            let checkpoint = Checkpoint::load(&run.checkpoint(None))?;
            return Ok(Self {
                recipe: checkpoint.recipe().clone(),
                checkpoints: vec![checkpoint],
                networks: 1,
            });
        }
        let path = run.recipe();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the recipe {}", path.display()))?;
        let recipe = Recipe::parse::<&str>(&text, &path.display().to_string(), &[])?;
        let networks = recipe.members()?.len();
        let paths = (1..=networks).map(|number| run.checkpoint(Some(number)));
        let checkpoints = paths
            .take_while(|path| path.exists())
            .map(|path| Ok(Checkpoint::load(&path)?))
            .collect::<Result<_>>()?;
        Ok(Self {
            recipe,
            checkpoints,
            networks,
        })
    }

    pub(super) fn any(&self) -> Option<&Checkpoint> {
        self.checkpoints.first()
    }

    /// Every completed epoch, with its network.
    pub(super) fn history(&self) -> Vec<(Option<usize>, EpochRecord)> {
        let all = self.checkpoints.iter().enumerate();
        all.flat_map(|(i, checkpoint)| {
            let number = number(i, self.networks);
            let records = checkpoint.history().iter();
            records.map(move |record| (number, record.clone()))
        })
        .collect()
    }
}

/// Says where a resumed run will round differently from the run it goes on with.
pub(super) fn differences(checkpoint: &Checkpoint, device: Device, threads: usize, output: Output) {
    if checkpoint.device() != device_name(device) {
        output.note(&format!(
            "note: the run began on {}; on {} it goes on, but not to the same bytes",
            checkpoint.device(),
            device_name(device)
        ));
    } else if checkpoint.threads() != threads {
        output.note(&format!(
            "note: the run began on {} threads; on {threads} it goes on, but not to the same bytes",
            checkpoint.threads()
        ));
    }
}
