//! Training, from the first step to the last.

mod agreement;
mod average;
mod checkpoint;
mod gradient_sum;
mod health;
#[cfg(test)]
mod launches;
mod observer;
mod pair_batch;
mod pair_steps;
mod people_steps;
mod ranking;
mod running_loss;
mod set;
mod shards;
mod side_by_side;
mod state;
mod step;
mod steps;
mod together;
#[cfg(test)]
mod whole;

pub use checkpoint::Checkpoint;
pub use observer::{Event, Observer};
pub use set::{Learning, TrainingSet};
pub use side_by_side::{Network, train_all};

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use siamese_net::{EpochRecord, Keep, Origin, Recipe, findings};
use tch::{Device, Tensor};

use crate::collective::Collective;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::precision::Switched;
use health::{Judged, Measured, expect_finite_weights};
use pair_batch::Batcher;
use running_loss::RunningLoss;
use state::{Best, Progress, Standing, State, find, snapshot};
use step::Step;
use steps::Steps;

/// How a training run is run, as far as it does not change the result.
#[derive(Debug, Clone, Copy)]
pub struct TrainOptions<'a> {
    /// Where to compute.
    pub device: Device,
    /// Where the state is saved after each epoch and on interruption. Absent: nowhere.
    pub checkpoint: Option<&'a Path>,
    /// Set from outside, for instance by a signal handler, to end after the step under way.
    pub stop: &'a AtomicBool,
    /// Those that train together, [`Alone`](crate::Alone) where there is but one. Each has the same recipe, set and
    /// state to go on from. The first judges each epoch and writes the checkpoint; all stop where one is asked to.
    pub processes: &'a dyn Collective,
}

/// What a training run begins with in place of random weights.
#[derive(Debug)]
pub struct Init<'a> {
    /// A view of its own, which another thread can take.
    encoder: Encoder,
    origin: &'a Origin,
}

impl<'a> Init<'a> {
    /// The network whose weights and running figures are taken over, on the device of the run, and the file that they
    /// come from, which the checkpoint and [`Trained::origin`] keep.
    #[must_use]
    pub fn new(encoder: &Encoder, origin: &'a Origin) -> Self {
        Self {
            encoder: encoder.share(),
            origin,
        }
    }

    /// Fails where [`fine_tune`] by this recipe would, before anything is trained.
    ///
    /// # Errors
    /// [`Error::Init`] where a tensor to be taken over is missing or of another shape.
    pub fn check(&self, recipe: &Recipe) -> Result<(), Error> {
        self.begin(recipe, self.encoder.device()).map(|_| ())
    }

    /// The recipe's encoder with the weights that are taken over, and new ones after them.
    fn begin(&self, recipe: &Recipe, device: Device) -> Result<Encoder, Error> {
        let encoder = Encoder::new(&recipe.encoder, &recipe.data, recipe.seed, device)?;
        let layers = recipe.fine_tune.and_then(|spec| spec.layers);
        encoder.take_over(&self.encoder, layers)?;
        Ok(encoder)
    }
}

/// How a training run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// After all epochs, or earlier, as the recipe's patience says.
    Finished,
    /// It was asked to stop. The checkpoint can go on from there.
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
    origin: Option<Origin>,
    recipe: Recipe,
}

impl Trained {
    /// The model file that the run began with; absent where it began with random weights.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Whether an epoch was judged the best, which may also be the last.
    #[must_use]
    pub fn has_best(&self) -> bool {
        self.best.is_some()
    }

    /// The weights of the last epoch, or of the best, with the number of epochs behind them. Without validation pairs
    /// the last is the best.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where memory runs out.
    pub fn encoder(&self, keep: Keep) -> Result<(Encoder, u32), Error> {
        let last = self.history.last().map_or(0, |record| record.epoch);
        let copy = |find: &mut dyn FnMut(&str) -> Result<Tensor, String>, epoch| {
            let Recipe { encoder, data, .. } = &self.recipe;
            let encoder = Encoder::with_tensors(encoder, data, self.last.device(), find);
            encoder.map(|encoder| (encoder, epoch)).map_err(Error::Data)
        };
        match (keep, &self.best) {
            (Keep::Best, Some(best)) => copy(&mut |name| find(&best.weights, name), best.epoch),
            _ => {
                let weights = snapshot(&self.last)?;
                copy(&mut |name| find(&weights, name), last)
            }
        }
    }
}

/// Trains as the recipe says, or goes on from a checkpoint of the same experiment.
///
/// On a CPU the same recipe, images and pairs give the same bytes, on any number of threads and processes and however often it
/// was interrupted: every random draw belongs to one step of one epoch, and libtorch computes on one thread in each of
/// rayon's.
///
/// # Errors
/// [`Error::Net`] where images and encoder disagree; [`Error::Data`] without training pairs, where the catalogue
/// is of other images, or for a pair or an image that is not there; [`Error::Net`] where batches teach nothing
/// ([`Recipe::expect_lesson`]); [`Error::Init`] where the recipe says what is taken over from another network, see [`fine_tune`];
/// [`Error::Resume`] where the checkpoint is another experiment's; [`Error::NotFinite`] where a loss, a weight or an
/// embedding is no longer a number, [`Error::Net`] where a streamed image can no longer be read (in both the checkpoint
/// of the last good epoch stays); [`Error::Net`] where the checkpoint cannot be written; [`Error::Libtorch`], for instance
/// out of memory.
pub fn train(
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    options: &TrainOptions<'_>,
    resume: Option<Checkpoint>,
    observer: &mut dyn Observer,
) -> Result<Trained, Error> {
    let subjects = set.in_batches(recipe);
    let set = &set.of_subjects(&subjects);
    let first = |device| match resume {
        Some(checkpoint) => checkpoint.restore(recipe, set, device),
        None => State::new(recipe, set, device),
    };
    run(recipe, set, options, first, observer)
}

/// Trains as [`train`] does, beginning with the weights of another network instead of random ones: all of them, or those
/// of the first layers and new ones after, as [`Recipe::fine_tune`] says, which may also leave layers as they are. Heads
/// and the optimizer begin anew. An interrupted run goes on by [`train`] with its checkpoint, and needs `init` no more.
///
/// # Errors
/// As [`train`]; [`Error::Init`] where a tensor to be taken over is missing or of another shape.
pub fn fine_tune(
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    options: &TrainOptions<'_>,
    init: Init<'_>,
    observer: &mut dyn Observer,
) -> Result<Trained, Error> {
    let subjects = set.in_batches(recipe);
    let set = &set.of_subjects(&subjects);
    let first = |device| {
        Ok(State {
            origin: Some(init.origin.clone()),
            ..State::of(recipe, set, init.begin(recipe, device)?)?
        })
    };
    run(recipe, set, options, first, observer)
}

/// Trains from the first state to the end.
fn run(
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    options: &TrainOptions<'_>,
    first: impl FnOnce(Device) -> Result<State, Error>,
    observer: &mut dyn Observer,
) -> Result<Trained, Error> {
    let device = options.device;
    // How sums round depends on how many threads libtorch computes with.
    tch::set_num_threads(1);
    let _switched = Switched::to(recipe.train.cuda, device)?;
    set.images.expect(recipe.images())?;
    set.check()?;
    recipe.expect_lesson()?;
    let mut state = first(device)?;
    let processes = options.processes;
    let save = &|state: &State| match options.checkpoint.filter(|_| processes.is_first()) {
        Some(path) => checkpoint::save(path, recipe, set, device, state),
        None => Ok(()),
    };
    agreement::expect_alike(processes, recipe, set, &state)?;
    if recipe.train.epochs == 0 {
        // A ready program, used as it is.
        return Ok(state.into_trained(recipe, Outcome::Finished));
    }
    let mut steps = Steps::new(recipe, &state.encoder, set, processes)?;
    let per_epoch = steps.per_epoch(recipe);
    let mut batcher = Batcher::new(set.pairs, set.images.len());
    let judged = Judged::new(recipe, set);
    observer.event(&Event::Started {
        epochs_done: state.progress.epochs,
        steps_done: state.progress.steps,
        epochs: recipe.train.epochs,
        steps: per_epoch,
    });

    let mut outcome = Outcome::Finished;
    'epochs: while state.progress.epochs < recipe.train.epochs
        && !out_of_patience(recipe, &state.progress)
    {
        let epoch = state.progress.epochs;
        let factor = |step| {
            let total = u64::from(recipe.train.epochs) * per_epoch;
            let done = u64::from(epoch) * per_epoch + step;
            recipe.schedule.factor(done, per_epoch, total)
        };
        steps.begin(recipe, epoch)?;
        let step = state.progress.steps;
        steps.read_ahead(recipe, Step { epoch, step });
        while state.progress.steps < per_epoch {
            let step = state.progress.steps;
            let learnt = steps.gradients(recipe, &state.heads, Step { epoch, step });
            let learnt = learnt.or_else(|error| parted(error, &state, save))?;
            for normalised_by in &learnt.normalised_by {
                state.encoder.follow(normalised_by)?;
            }
            state.learn(recipe, learnt.gradients, learnt.of_heads, factor(step))?;
            state.running_loss.add(learnt.loss)?;
            state.progress.steps += 1;
            observer.event(&Event::Step {
                epoch: epoch + 1,
                step: step + 1,
                images: learnt.images,
            });
            let stop = processes.any(options.stop.load(Ordering::Relaxed));
            if stop.or_else(|error| parted(error, &state, save))? {
                outcome = Outcome::Interrupted;
                save_amid(&state, save)?;
                break 'epochs;
            }
        }

        let mut ending = Ending {
            losses: steps.losses_per_epoch(),
            learning_rate: factor(per_epoch - 1) * recipe.optimizer.lr(),
            judged: &judged,
            batcher: &mut batcher,
            processes,
        };
        let record = ending.end_epoch(recipe, set, &mut state)?;
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
    Ok(state.into_trained(recipe, outcome))
}

/// Saves what was done up to here. Never replaces a good state with one that cannot go on.
fn save_amid(state: &State, save: impl Fn(&State) -> Result<(), Error>) -> Result<(), Error> {
    let Progress { epochs, steps, .. } = state.progress;
    state.running_loss.sum()?;
    expect_finite_weights(&state.encoder, epochs + 1, Some(steps))?;
    save(state)
}

/// Where others are gone: saves what was done with them, and hands on why there is no more.
fn parted<T>(
    error: Error,
    state: &State,
    save: impl Fn(&State) -> Result<(), Error>,
) -> Result<T, Error> {
    let begun = state.progress.epochs > 0 || state.progress.steps > 0;
    if matches!(error, Error::Processes(_)) && begun {
        save_amid(state, save)?;
    }
    Err(error)
}

/// What an epoch's end needs beside the state.
struct Ending<'a, 'b> {
    /// How many the epoch's loss is the mean of.
    losses: usize,
    /// The last step's.
    learning_rate: f64,
    judged: &'a Judged<'b>,
    batcher: &'a mut Batcher<'b>,
    processes: &'a dyn Collective,
}

impl Ending<'_, '_> {
    /// Reads the epoch's loss, judges its weights, notes the best weights and moves on to the next epoch.
    fn end_epoch(
        &mut self,
        recipe: &Recipe,
        set: &TrainingSet<'_>,
        state: &mut State,
    ) -> Result<EpochRecord, Error> {
        let epoch = state.progress.epochs + 1;
        let loss = state.running_loss.sum()? / self.losses as f64;
        let Measured {
            loss: judged_loss,
            eer: validation_eer,
            health,
        } = self.processes.of_first(|| {
            let (judged, judging) = (self.judged, state.judging());
            judged.measure(recipe, judging, set, self.batcher, epoch)
        })?;
        let validation_loss = judged_loss.filter(|_| !set.validation.is_empty());
        let standing = Standing {
            eer: validation_eer,
            loss: validation_loss.unwrap_or(loss),
        };
        let mut record = EpochRecord {
            epoch,
            loss,
            validation_loss,
            validation_eer,
            learning_rate: self.learning_rate,
            best: false,
            health,
        };
        let before = state.best.as_ref();
        record.best = record.is_judged() && before.is_none_or(|best| standing.beats(best.standing));
        if record.best {
            state.best = Some(Best {
                epoch,
                standing,
                weights: snapshot(state.judging())?,
            });
        }
        state.progress.history.push(record.clone());
        state.progress.epochs = epoch;
        state.progress.steps = 0;
        state.running_loss = RunningLoss::new(epoch + 1, 0, 0.0);
        Ok(record)
    }
}

/// Whether the recipe's patience is at its end.
fn out_of_patience(recipe: &Recipe, progress: &Progress) -> bool {
    let since_best = progress
        .history
        .iter()
        .rev()
        .take_while(|record| !record.best)
        .count();
    let validated = progress.history.iter().any(EpochRecord::is_judged);
    recipe
        .train
        .patience
        .is_some_and(|patience| validated && since_best >= patience as usize)
}
