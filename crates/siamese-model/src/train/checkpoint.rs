//! The state of a training run in a file, so that it can go on as if nothing had happened.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siamese_net::{CHECKPOINT_FORMAT, EpochRecord, Origin, Recipe, TensorFile, checkpoint_recipe};
use tch::{Device, Tensor};

use super::running_loss::RunningLoss;
use super::set::{Learning, TrainingSet};
use super::state::{Best, Progress, Standing, State, Weights};
use super::{Outcome, Trained};
use crate::device::device_name;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::tensor_file::{self, from_bytes};

#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    recipe: String,
    device: String,
    data_sha256: String,
    pairs_sha256: String,
    optimizer_steps: u64,
    best: Option<BestEpoch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    /// Sum of the losses of the epoch under way.
    loss_sum: f64,
    progress: Progress,
}

#[derive(Serialize, Deserialize)]
struct BestEpoch {
    epoch: u32,
    #[serde(flatten)]
    standing: Standing,
}

/// A checkpoint read from a file.
pub struct Checkpoint {
    path: PathBuf,
    recipe: Recipe,
    file: TensorFile<Document>,
}

impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoint")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// [`Error::Net`] where it cannot be read, or is not a checkpoint of this version.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file = TensorFile::<Document>::read(path, "checkpoint")?;
        let recipe = checkpoint_recipe(path, file.document.format, &file.document.recipe)?;
        Ok(Self {
            path: path.to_path_buf(),
            recipe,
            file,
        })
    }

    /// The same networks for another recipe that trains them alike, see [`Recipe::training`].
    ///
    /// # Errors
    /// [`Error::Resume`] for a recipe that trains others.
    pub fn of(self, recipe: &Recipe) -> Result<Self, Error> {
        if self.recipe.training() != recipe.training() {
            return Err(Error::Resume {
                path: self.path,
                message: "the recipe trains other networks; it may differ only in embedding.whiten and [decision]"
                    .to_owned(),
            });
        }
        Ok(Self {
            recipe: recipe.clone(),
            ..self
        })
    }

    /// The same state for a training of so many epochs in all. What is computed next is the same where no rate
    /// [depends on that number](siamese_net::ScheduleSpec::depends_on_length).
    #[must_use]
    pub fn of_epochs(mut self, epochs: u32) -> Self {
        self.recipe.train.epochs = epochs;
        self
    }

    /// The recipe of the run, overrides included.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The device it ran on: `cpu` or `cuda:N`.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.file.document.device
    }

    /// Completed epochs.
    #[must_use]
    pub fn epochs(&self) -> u32 {
        self.file.document.progress.epochs
    }

    /// The records of the completed epochs.
    #[must_use]
    pub fn history(&self) -> &[EpochRecord] {
        &self.file.document.progress.history
    }

    /// The model file that the run began with; absent where it began with random weights.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.file.document.origin.as_ref()
    }

    /// The weights that were saved, as those of a run that ended there: what is left of one that cannot go on.
    ///
    /// # Errors
    /// [`Error::Net`] where the checkpoint is damaged, [`Error::Libtorch`] where memory runs out.
    pub fn trained(&self, device: Device) -> Result<Trained, Error> {
        let part = match self.recipe.train.average {
            Some(_) => "average",
            None => "model",
        };
        let last = self.encoder(part, device)?;
        Ok(Trained {
            outcome: Outcome::Interrupted,
            history: self.history().to_vec(),
            best: self.best(&last)?,
            last,
            origin: self.origin().cloned(),
            recipe: self.recipe.clone(),
        })
    }

    fn tensor(&self, name: &str) -> Result<Tensor, Error> {
        let tensor = self.file.tensor(name).and_then(|found| from_bytes(&found));
        tensor.map_err(|message| siamese_net::Error::file(&self.path, message).into())
    }

    /// The encoder whose tensors' names begin with `part`.
    fn encoder(&self, part: &str, device: Device) -> Result<Encoder, Error> {
        let Recipe { encoder, data, .. } = &self.recipe;
        Encoder::with_tensors(encoder, data, device, |name| {
            from_bytes(&self.file.tensor(&format!("{part}.{name}"))?)
        })
        .map_err(|message| siamese_net::Error::file(&self.path, message).into())
    }

    /// The best weights so far, as tensors of an encoder like this one.
    fn best(&self, like: &Encoder) -> Result<Option<Best>, Error> {
        let Some(best) = &self.file.document.best else {
            return Ok(None);
        };
        let weights = like.named_tensors().map(|(name, _)| {
            let tensor = self.tensor(&format!("best.{name}"))?;
            Ok((name.to_owned(), tensor.f_to_device(like.device())?))
        });
        Ok(Some(Best {
            epoch: best.epoch,
            standing: best.standing,
            weights: weights.collect::<Result<Weights, Error>>()?,
        }))
    }

    /// Back to the state that was saved.
    pub(super) fn restore(
        self,
        recipe: &Recipe,
        set: &TrainingSet<'_>,
        device: Device,
    ) -> Result<State, Error> {
        let document = &self.file.document;
        let differs = |message: &str| {
            Err(Error::Resume {
                path: self.path.clone(),
                message: message.to_owned(),
            })
        };
        if self.recipe.portable() != recipe.portable() {
            return differs(
                "it was made by another recipe; resume without --set, or train into a new folder",
            );
        }
        if document.data_sha256 != set.images.sha256() {
            return differs(
                "the images are not those it was trained on; restore them, or train into a new folder",
            );
        }
        if document.pairs_sha256 != pairs_sha256(set) {
            return differs(
                "it was made with other pairs, so files were added, renamed or moved; restore them, or train again",
            );
        }
        let mut state = State::of(recipe, set, self.encoder("model", device)?)?;
        if let Some(average) = &mut state.average {
            // Cut where the network is, so that both compute alike.
            let freeze = recipe.fine_tune.map_or(0, |spec| spec.freeze);
            average.encoder = self.encoder("average", device)?.frozen(freeze)?;
        }
        let steps = document.optimizer_steps;
        for (name, mut tensor) in slots(&state)? {
            let saved = self.tensor(&name)?;
            tch::no_grad(|| tensor.f_copy_(&saved))?;
        }
        state.optimizer.resume_after(steps);
        for (i, name) in state.heads.names().iter().enumerate() {
            let mut head = state.heads.tensors()[i].shallow_clone();
            let saved = self.tensor(&format!("head.{name}"))?;
            if saved.size() != head.size() {
                return differs("its head was learnt for other people; train into a new folder");
            }
            tch::no_grad(|| head.f_copy_(&saved))?;
            let names = std::slice::from_ref(name);
            state.head_optimizers[i].restore(names, steps, |name| {
                self.tensor(&format!("head_optimizer.{name}"))
            })?;
        }
        state.best = self.best(&state.encoder)?;
        state.origin = document.origin.clone();
        let loss_sum = document.loss_sum;
        let progress = self.file.document.progress;
        state.running_loss = RunningLoss::new(progress.epochs + 1, progress.steps, loss_sum);
        state.progress = progress;
        Ok(state)
    }
}

/// Writes the state, whole or not at all.
pub(super) fn save(
    path: &Path,
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    device: Device,
    state: &State,
) -> Result<(), Error> {
    let document = Document {
        format: CHECKPOINT_FORMAT,
        recipe: recipe.to_toml()?,
        device: device_name(device),
        data_sha256: set.images.sha256().to_owned(),
        pairs_sha256: pairs_sha256(set),
        optimizer_steps: state.optimizer.steps(),
        best: state.best.as_ref().map(|best| BestEpoch {
            epoch: best.epoch,
            standing: best.standing,
        }),
        origin: state.origin.clone(),
        loss_sum: state.running_loss.sum()?,
        progress: state.progress.clone(),
    };
    let model = state
        .encoder
        .named_tensors()
        .map(|(name, tensor)| (format!("model.{name}"), tensor));
    let slots = slots(state)?;
    let slots = slots.iter().map(|(name, tensor)| (name.clone(), tensor));
    let head_names = state.heads.names();
    let heads = head_names.iter().zip(state.heads.tensors());
    let heads = heads.map(|(name, tensor)| (format!("head.{name}"), tensor));
    let head_slots = head_names.iter().zip(&state.head_optimizers);
    let head_slots = head_slots.flat_map(|(name, optimizer)| {
        let slots = optimizer.state(std::slice::from_ref(name));
        slots.map(|(name, tensor)| (format!("head_optimizer.{name}"), tensor))
    });
    let best = state.best.iter().flat_map(|best| &best.weights);
    let best = best.map(|(name, tensor)| (format!("best.{name}"), tensor));
    let average = state.average.iter();
    let average = average.flat_map(|average| average.encoder.named_tensors());
    let average = average.map(|(name, tensor)| (format!("average.{name}"), tensor));
    let all = model
        .chain(average)
        .chain(slots)
        .chain(heads)
        .chain(head_slots)
        .chain(best);
    tensor_file::write(path, all, &document)
}

/// The optimizer's state, by name.
pub(super) fn slots(state: &State) -> Result<Weights, Error> {
    let names = state.encoder.trainable_names();
    let mut slots = Vec::new();
    for (slot, pieces) in state.optimizer.slots() {
        let tensors = state.encoder.out_of(pieces)?;
        let named = names.iter().zip(tensors);
        slots.extend(named.map(|((name, _), tensor)| (format!("optimizer.{slot}.{name}"), tensor)));
    }
    Ok(slots)
}

/// A fingerprint of which images are paired, and which pairs or people train.
pub(super) fn pairs_sha256(set: &TrainingSet<'_>) -> String {
    let mut hash = Sha256::new();
    for part in [set.fit(), set.validation] {
        hash.update((part.len() as u64).to_le_bytes());
        for &number in part {
            let pair = set.pairs.get(number as usize);
            hash.update(pair.a.to_le_bytes());
            hash.update(pair.b.to_le_bytes());
            hash.update([u8::from(pair.kind.is_genuine())]);
        }
    }
    if let Learning::Subjects { catalog, subjects } = set.learning {
        // Who is learnt from, and which images show them.
        for &subject in subjects {
            let samples = catalog.samples_of(subject);
            hash.update(samples.start.to_le_bytes());
            hash.update(samples.end.to_le_bytes());
            let forged = catalog.forgeries_of(subject);
            if !forged.is_empty() {
                hash.update(forged.start.to_le_bytes());
                hash.update(forged.end.to_le_bytes());
            }
        }
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
