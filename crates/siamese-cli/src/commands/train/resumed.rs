//! What is there of a run that goes on.

use anyhow::{Context, Result};
use siamese_model::{Checkpoint, Device, EpochRecord, Recipe, device_name};

use super::number;
use crate::output::Output;
use crate::run_dir::RunDir;

/// What is there of an unfinished run: the networks' states, as far as they were begun.
pub(super) struct Resumed {
    pub(super) recipe: Recipe,
    /// As many as the recipe trains; absent where one was not begun.
    pub(super) checkpoints: Vec<Option<Checkpoint>>,
}

impl Resumed {
    pub(super) fn read(run: &RunDir) -> Result<Self> {
        if run.checkpoint(None).exists() {
            let checkpoint = Checkpoint::load(&run.checkpoint(None))?;
            return Ok(Self {
                recipe: checkpoint.recipe().clone(),
                checkpoints: vec![Some(checkpoint)],
            });
        }
        let path = run.recipe();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the recipe {}", path.display()))?;
        let recipe = Recipe::parse::<&str>(&text, &path.display().to_string(), &[])?;
        let networks = recipe.members()?.len();
        let paths = (1..=networks).map(|number| run.checkpoint(Some(number)));
        let checkpoints = paths
            .map(|path| path.exists().then(|| Checkpoint::load(&path)).transpose())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            recipe,
            checkpoints,
        })
    }

    pub(super) fn any(&self) -> Option<&Checkpoint> {
        self.checkpoints.iter().flatten().next()
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
