//! The models of a training, and their threshold.

use std::collections::BTreeSet;
use std::path::Path;

use pairgen::{PairKind, PairSet};
use siamese_model::{Checkpoint, Device, Embedder, Model, Trained};
use siamese_net::{Calibration, Domain, Fingerprints, Keep, ModelCard, Recipe, Threshold};

use crate::calibrate::calibration_of;
use crate::error::{Error, Result, TrainError, explain};
use crate::experiment::{Experiment, forgeries_in_batches, people, people_sha256};
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
    let fingerprints = fingerprints(recipe, trained, run, images, experiment)?;
    let domain = domain(images, experiment)?;
    let model = |keep: Keep| -> Result<Model> {
        let (stack, catalog) = (images.stack, images.catalog);
        let mut model =
            Model::from_trained(recipe, trained, keep, stack, catalog, &experiment.people)?;
        if model.threshold.is_none() {
            model.threshold = threshold(recipe, &model.embedder, images, experiment)?;
        }
        model.provenance.people_sha256 = Some(people_sha256(&experiment.known));
        model.calibration = match knows_watched(trained, fingerprints.as_ref(), images, experiment)?
        {
            true => None,
            false => calibration(&model, images, experiment)?,
        };
        model.fingerprints.clone_from(&fingerprints);
        model.domain.clone_from(&domain);
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
    let is_skilled = |pair: pairgen::Pair| images.catalog.is_skilled(pair.a, pair.b);
    let impostors = match pairs.iter().any(is_skilled) {
        true => ", against skilled forgeries",
        false => "",
    };
    let eer = scores(&pairs, &found)?.eer().ok();
    Ok(eer.map(|eer| Threshold {
        value: eer.threshold,
        source: format!("equal error rate on validation pairs of {people}{single}{impostors}"),
    }))
}

/// Whether forgeries may be among what is learnt from.
fn learns_from_forgeries(recipe: &Recipe) -> Result<bool> {
    let in_batches = forgeries_in_batches(recipe)? > 0;
    Ok(in_batches || recipe.pairs.skilled > 0.0 || recipe.pairs.list.is_some())
}

/// Those of the images that are learnt from, and that the model learnt from which the training began with; nothing where
/// these are not known.
fn fingerprints(
    recipe: &Recipe,
    trained: &[Trained],
    run: &RunDir,
    images: Images<'_>,
    experiment: &Experiment,
) -> Result<Option<Fingerprints>> {
    if !recipe.train.fingerprints {
        return Ok(None);
    }
    let learnt = experiment.people.iter();
    let takes_forgeries = learns_from_forgeries(recipe)?;
    let learnt = learnt.flat_map(|&subject| {
        let forgeries = match takes_forgeries {
            true => images.catalog.forgeries_of(subject),
            false => 0..0,
        };
        images.catalog.samples_of(subject).chain(forgeries)
    });
    let learnt: Vec<u32> = learnt.collect();
    let own = Fingerprints::of_images(images.stack, &learnt)?;
    if trained.iter().all(|trained| trained.origin().is_none()) {
        return Ok(own);
    }
    // The pixels of the same image differ where it is read otherwise.
    let read = |recipe: &Recipe| {
        let data = &recipe.data;
        (recipe.images(), data.resize, data.read())
    };
    let before = ModelCard::read(&run.init()).ok();
    let before = before.filter(|before| read(&before.recipe) == read(recipe));
    let before = before.and_then(|before| before.fingerprints);
    Ok(own.zip(before).and_then(|(own, before)| own.with(&before)))
}

/// What the images that are learnt from look like; nothing where they are too few to say.
fn domain(images: Images<'_>, experiment: &Experiment) -> Result<Option<Domain>> {
    let mut numbers = Vec::new();
    let mut subjects = Vec::new();
    for &subject in &experiment.people {
        let of_subject = images.catalog.samples_of(subject);
        numbers.extend(of_subject.map(i64::from));
        subjects.resize(numbers.len(), subject);
    }
    Ok(Domain::fit(images.stack, &numbers, &subjects)?)
}

/// Whether the model that the training began with has learnt from images of the people who are held out for validation, or
/// nobody knows.
fn knows_watched(
    trained: &[Trained],
    fingerprints: Option<&Fingerprints>,
    images: Images<'_>,
    experiment: &Experiment,
) -> Result<bool> {
    if trained.iter().all(|trained| trained.origin().is_none()) {
        return Ok(false);
    }
    let Some(known) = fingerprints else {
        return Ok(true);
    };
    let pairs = experiment.pairs.select(&experiment.validation);
    for subject in people(images.catalog, &pairs) {
        for image in images.catalog.samples_of(subject) {
            if known.holds(&images.stack.bytes(&[i64::from(image)])?) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Measured on the people who are held out for validation, where there are any.
fn calibration(
    model: &Model,
    images: Images<'_>,
    experiment: &Experiment,
) -> Result<Option<Calibration>> {
    let learnt: BTreeSet<u32> = experiment.people.iter().copied().collect();
    let pairs = experiment.pairs.select(&experiment.validation);
    let watched = people(images.catalog, &pairs);
    if watched.is_empty() || !watched.is_disjoint(&learnt) {
        return Ok(None);
    }
    let subjects: Vec<u32> = watched.into_iter().collect();
    let protocol = &model.recipe.protocol;
    let how = format!(
        "held-out people of the training, {}, fold {}",
        protocol.name, protocol.fold
    );
    calibration_of(model, images.stack, images.catalog, &subjects, how)
}
