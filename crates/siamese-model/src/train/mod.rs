//! Training, from the first step to the last.

mod batch;
mod checkpoint;
mod finding;
mod health;
mod observer;
mod ranking;
mod rules;
mod running_loss;
mod shard;

pub use checkpoint::Checkpoint;
pub(crate) use finding::not_finite;
pub use finding::{Finding, FindingKind, Severity};
pub use health::EmbeddingHealth;
pub use observer::{EpochRecord, Event, Observer};
pub use ranking::Reversal;
pub use rules::findings;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use pairgen::{Catalog, PairBatches, PairSet};
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use crate::encoder::Encoder;
use crate::error::Error;
use crate::image_stack::ImageStack;
use crate::optimizer::{self, Optimizer};
use crate::recipe::{Keep, Recipe};
use batch::Batcher;
use health::{Judged, expect_finite_weights};
use running_loss::RunningLoss;
use shard::{Shards, Step};

/// What is trained on.
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    /// Every image that a pair names.
    pub images: &'a ImageStack,
    /// The pairs that `fit` and `validation` count in.
    pub pairs: &'a PairSet,
    /// Numbers of the pairs that are learnt from.
    pub fit: &'a [u32],
    /// Numbers of the pairs that only judge; may be empty.
    pub validation: &'a [u32],
    /// Who is in which image, where that is known. It shows whether the people who validate are trained on as well;
    /// without it only the images tell.
    pub catalog: Option<&'a Catalog>,
}

/// How a training run is run, as far as it does not change the result.
#[derive(Debug, Clone, Copy)]
pub struct TrainOptions<'a> {
    /// Where to compute.
    pub device: Device,
    /// Where the state is kept after each epoch and on interruption; nowhere where absent.
    pub checkpoint: Option<&'a Path>,
    /// Set by someone else, a signal handler for instance, to end after the step under way.
    pub stop: &'a AtomicBool,
}

/// How a training run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// After all epochs, or early as the recipe's patience says.
    Finished,
    /// It was asked to stop; the checkpoint goes on from there.
    Interrupted,
}

/// A training run that ended.
#[derive(Debug)]
pub struct Trained {
    /// How.
    pub outcome: Outcome,
    /// Every completed epoch.
    pub history: Vec<EpochRecord>,
    last: Encoder,
    best: Option<Best>,
    recipe: Recipe,
}

impl Trained {
    /// The weights of the last epoch, or of the best, with the number of epochs behind them. Without validation pairs
    /// the last is the best.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where memory runs out.
    pub fn encoder(&self, keep: Keep) -> Result<(Encoder, u32), Error> {
        let last = self.history.last().map_or(0, |record| record.epoch);
        let copy = |find: &mut dyn FnMut(&str) -> Result<Tensor, String>, epoch| {
            let encoder = Encoder::with_tensors(&self.recipe.encoder, self.last.device(), find);
            encoder.map(|encoder| (encoder, epoch)).map_err(Error::Data)
        };
        match (keep, &self.best) {
            (Keep::Best, Some(best)) => copy(&mut |name| find(&best.weights, name), best.epoch),
            _ => copy(
                &mut |name| find(&snapshot(&self.last).map_err(|e| e.to_string())?, name),
                last,
            ),
        }
    }
}

/// Tensors by name.
type Weights = Vec<(String, Tensor)>;

/// The weights of the lowest validation loss so far.
#[derive(Debug)]
struct Best {
    epoch: u32,
    loss: f64,
    weights: Weights,
}

fn find(weights: &Weights, name: &str) -> Result<Tensor, String> {
    let found = weights.iter().find(|(known, _)| known == name);
    found
        .map(|(_, tensor)| tensor.shallow_clone())
        .ok_or_else(|| format!("no tensor {name}"))
}

/// A copy of every tensor of the encoder.
fn snapshot(encoder: &Encoder) -> Result<Weights, Error> {
    let copy = |tensor: &Tensor| {
        let mut copy = tensor.f_detach()?.f_zeros_like()?;
        copy.f_copy_(&tensor.f_detach()?)?;
        Ok::<_, Error>(copy)
    };
    encoder
        .named_tensors()
        .map(|(name, tensor)| Ok((name.to_owned(), copy(tensor)?)))
        .collect()
}

/// How far training has come; part of every checkpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Progress {
    /// Completed epochs.
    epochs: u32,
    /// Completed steps of the epoch under way.
    steps: u64,
    history: Vec<EpochRecord>,
}

/// Everything that changes while training.
struct State {
    encoder: Encoder,
    optimizer: Optimizer,
    progress: Progress,
    running_loss: RunningLoss,
    best: Option<Best>,
}

impl State {
    fn new(recipe: &Recipe, device: Device) -> Result<Self, Error> {
        let encoder = Encoder::new(&recipe.encoder, recipe.seed, device)?;
        let optimizer = Optimizer::new(recipe.optimizer, &encoder.trainable())?;
        Ok(Self {
            encoder,
            optimizer,
            progress: Progress::default(),
            running_loss: RunningLoss::new(1, 0, 0.0),
            best: None,
        })
    }
}

/// Trains as the recipe says, or goes on from a checkpoint of the same experiment.
///
/// The same recipe, images, pairs, device and number of threads give the same bytes, however often it was interrupted:
/// every random draw belongs to one step of one epoch.
///
/// # Errors
/// [`Error::Geometry`] where images and encoder disagree; [`Error::Data`] without training pairs, or where the catalogue
/// is of other images; [`Error::Resume`] where the checkpoint is another experiment's; [`Error::NotFinite`] where a loss,
/// a weight or an embedding is no longer a number (the checkpoint of the last good epoch stays); [`Error::Io`] where the
/// checkpoint cannot be written; [`Error::Libtorch`], for instance out of memory.
pub fn train(
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    options: &TrainOptions<'_>,
    resume: Option<Checkpoint>,
    observer: &mut dyn Observer,
) -> Result<Trained, Error> {
    let device = options.device;
    set.images.expect_input(recipe.encoder.input)?;
    if set.fit.is_empty() {
        return Err(Error::Data(
            "there are no training pairs: give more images, or another split".into(),
        ));
    }
    if let Some(catalog) = set.catalog
        && catalog.len() != set.images.len()
    {
        return Err(Error::Data(format!(
            "the catalogue names {} images, but {} are given: read both from the same folder",
            catalog.len(),
            set.images.len()
        )));
    }
    let mut state = match resume {
        Some(checkpoint) => checkpoint.restore(recipe, set, device)?,
        None => State::new(recipe, device)?,
    };
    let save = |state: &State| match options.checkpoint {
        Some(path) => checkpoint::save(path, recipe, set, device, state),
        None => Ok(()),
    };
    let weights = state.encoder.trainable();
    let decays: Vec<bool> = state
        .encoder
        .trainable_names()
        .into_iter()
        .map(|(_, decays)| decays)
        .collect();
    let steps = set.fit.len().div_ceil(recipe.train.batch) as u64;
    let mut batcher = Batcher::new(set.pairs, set.images.len());
    let judged = Judged::new(recipe, set);
    let mut shards = Shards::new(recipe, &state.encoder, set);
    observer.event(&Event::Started {
        epochs_done: state.progress.epochs,
        steps_done: state.progress.steps,
        epochs: recipe.train.epochs,
        steps,
    });

    let mut outcome = Outcome::Finished;
    'epochs: while state.progress.epochs < recipe.train.epochs
        && !out_of_patience(recipe, &state.progress)
    {
        let epoch = state.progress.epochs;
        let batches = PairBatches::new(set.fit, recipe.train.batch, recipe.seed, u64::from(epoch))
            .map_err(|error| Error::Data(error.to_string()))?;
        let rate = |step| {
            let factor = recipe.schedule.factor(
                u64::from(epoch) * steps + step,
                steps,
                u64::from(recipe.train.epochs) * steps,
            );
            factor * recipe.optimizer.lr()
        };
        while state.progress.steps < steps {
            let step = state.progress.steps;
            let numbers = batches.batch(step as usize);
            let (loss, mut gradients) = shards.gradients(recipe, numbers, Step { epoch, step })?;
            if let Some(limit) = recipe.train.clip_norm {
                optimizer::clip(&mut gradients, limit)?;
            }
            state
                .optimizer
                .step(&weights, &gradients, &decays, rate(step))?;
            state.running_loss.add(loss)?;
            state.progress.steps += 1;
            observer.event(&Event::Step {
                epoch: epoch + 1,
                step: step + 1,
                images: 2 * numbers.len(),
            });
            if options.stop.load(Ordering::Relaxed) {
                // Never save over a good state with one that cannot go on.
                state.running_loss.sum()?;
                expect_finite_weights(&state.encoder, epoch + 1, Some(step + 1))?;
                outcome = Outcome::Interrupted;
                save(&state)?;
                break 'epochs;
            }
        }

        let lr = rate(steps - 1);
        let record = end_epoch(recipe, set, &mut state, &judged, &mut batcher, lr)?;
        save(&state)?;
        observer.event(&Event::EpochEnded(&record));
        for finding in findings(recipe, &state.progress.history) {
            if finding.epoch == record.epoch {
                observer.event(&Event::Finding(&finding));
            }
        }
    }
    if outcome == Outcome::Interrupted {
        observer.event(&Event::Interrupted);
    }
    Ok(Trained {
        outcome,
        history: state.progress.history,
        last: state.encoder,
        best: state.best,
        recipe: recipe.clone(),
    })
}

/// Reads the epoch's loss, judges its weights, notes the best weights and moves on to the next epoch.
fn end_epoch(
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    state: &mut State,
    judged: &Judged<'_>,
    batcher: &mut Batcher<'_>,
    learning_rate: f64,
) -> Result<EpochRecord, Error> {
    let epoch = state.progress.epochs + 1;
    let loss = state.running_loss.sum()? / set.fit.len() as f64;
    let (judged_loss, health) = judged.measure(recipe, &state.encoder, set, batcher, epoch)?;
    let validation_loss = (!set.validation.is_empty()).then_some(judged_loss);
    let best =
        validation_loss.is_some_and(|loss| state.best.as_ref().is_none_or(|best| loss < best.loss));
    if let (true, Some(loss)) = (best, validation_loss) {
        state.best = Some(Best {
            epoch,
            loss,
            weights: snapshot(&state.encoder)?,
        });
    }
    let record = EpochRecord {
        epoch,
        loss,
        validation_loss,
        learning_rate,
        best,
        health: Some(health),
    };
    state.progress.history.push(record.clone());
    state.progress.epochs = epoch;
    state.progress.steps = 0;
    state.running_loss = RunningLoss::new(epoch + 1, 0, 0.0);
    Ok(record)
}

/// Whether the recipe's patience is at its end.
fn out_of_patience(recipe: &Recipe, progress: &Progress) -> bool {
    let since_best = progress
        .history
        .iter()
        .rev()
        .take_while(|record| !record.best)
        .count();
    let validated = progress
        .history
        .iter()
        .any(|record| record.validation_loss.is_some());
    recipe
        .train
        .patience
        .is_some_and(|patience| validated && since_best >= patience as usize)
}
