//! The models of a training, and their threshold.

use std::collections::BTreeSet;
use std::path::Path;

use pairgen::{PairKind, PairSet};
use siamese_model::{Checkpoint, Device, Embedder, Model, Trained};
use siamese_net::{Keep, Recipe, Threshold};

use crate::error::{Error, Result, TrainError, explain};
use crate::experiment::{Experiment, people, people_sha256};
use crate::judge::{Images, scores};
use crate::run::RunDir;

/// Writes the model of the weights that the recipe chooses, and beside it the model of the others. Returns the first.
pub(super) fn save_models(
    recipe: &Recipe,
    trained: &[Trained],
    run: &RunDir,
    images: Images<'_>,
    experiment: &Experiment,
) -> Result<Model> {
    let model = |keep: Keep| -> Result<Model> {
        let (stack, catalog) = (images.stack, images.catalog);
        let mut model =
            Model::from_trained(recipe, trained, keep, stack, catalog, &experiment.people)?;
        if model.threshold.is_none() {
            model.threshold = threshold(recipe, &model.embedder, images, experiment)?;
        }
        model.provenance.people_sha256 = Some(people_sha256(&experiment.known));
        Ok(model)
    };
    let chosen = model(recipe.train.keep)?;
    chosen.save(&run.model())?;
    let (other, name) = match recipe.train.keep {
        Keep::Best => (Keep::Last, "last"),
        Keep::Last => (Keep::Best, "best"),
    };
    if trained.iter().any(Trained::has_best) {
        model(other)?.save(&run.other_model(name))?;
    }
    Ok(chosen)
}

/// Saves what is left of a training that cannot go on, and adds to the error where it is.
pub(super) fn save_last_good(
    error: siamese_model::Error,
    recipe: &Recipe,
    checkpoint: &Path,
    run: &RunDir,
    images: Images<'_>,
    experiment: &Experiment,
    device: Device,
) -> Error {
    if !checkpoint.exists() {
        return error.into();
    }
    let save = || -> Result<Model> {
        let trained = Checkpoint::load(checkpoint)?.trained(device)?;
        save_models(recipe, &[trained], run, images, experiment)
    };
    let error = Box::new(error);
    match save() {
        Ok(saved) => TrainError::Saved {
            error,
            epoch: saved.provenance.epoch,
            model: run.model(),
        },
        Err(failure) => TrainError::NotSaved {
            error,
            failure: explain(&failure),
        },
    }
    .into()
}

/// Fails before the training if its end would fail.
pub(super) fn expect_threshold(recipe: &Recipe, experiment: &Experiment) -> Result<()> {
    let validation = experiment.pairs.select(&experiment.validation);
    let kinds = [PairKind::Genuine, PairKind::Impostor];
    if recipe.decision.threshold.is_none() && kinds.iter().any(|&kind| validation.count(kind) == 0)
    {
        return Err(TrainError::NoThreshold.into());
    }
    Ok(())
}

/// The threshold at the validation pairs' equal error rate, for a recipe that gives none.
fn threshold(
    recipe: &Recipe,
    embedder: &Embedder,
    images: Images<'_>,
    experiment: &Experiment,
) -> Result<Option<Threshold>> {
    if experiment.validation.is_empty() {
        return Ok(None);
    }
    let pairs: PairSet = experiment.pairs.select(&experiment.validation);
    let found = embedder.distances(images.stack, pairs.a(), pairs.b(), recipe.distance())?;
    let trained: BTreeSet<u32> = experiment.people.iter().copied().collect();
    let people = match people(images.catalog, &pairs).is_disjoint(&trained) {
        true => "held-out people",
        false => "training people",
    };
    let single = match experiment.test.fusion() {
        Some(_) => ", single images",
        None => "",
    };
    let eer = scores(&pairs, &found)?.eer().ok();
    Ok(eer.map(|eer| Threshold {
        value: eer.threshold,
        source: format!("equal error rate on validation pairs of {people}{single}"),
    }))
}
