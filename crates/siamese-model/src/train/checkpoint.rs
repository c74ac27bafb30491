//! The state of a training run in a file, so that it can go on as if nothing had happened.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tch::Device;

use super::running_loss::RunningLoss;
use super::state::{Best, Progress, Standing, State, Weights};
use super::{EpochRecord, TrainingSet};
use crate::device::device_name;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::recipe::Recipe;
use crate::tensor_file::{self, TensorFile};

/// Version of the checkpoint's document. Only the same version goes on from it.
const CHECKPOINT_FORMAT: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    recipe: String,
    device: String,
    data_sha256: String,
    pairs_sha256: String,
    optimizer_steps: u64,
    best: Option<BestEpoch>,
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
    /// [`Error::Io`] where it cannot be read, [`Error::File`] where it is not a checkpoint of this version.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file = TensorFile::<Document>::read(path, "checkpoint")?;
        let format = file.document.format;
        if format != CHECKPOINT_FORMAT {
            let message = format!(
                "a checkpoint of format {format}, this version goes on from {CHECKPOINT_FORMAT} only: train anew"
            );
            return Err(Error::file(path, message));
        }
        let origin = format!("recipe in {}", path.display());
        let recipe = Recipe::parse::<&str>(&file.document.recipe, &origin, &[])?;
        Ok(Self {
            path: path.to_path_buf(),
            recipe,
            file,
        })
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

    /// Back to the state that was saved.
    pub(super) fn restore(
        self,
        recipe: &Recipe,
        set: &TrainingSet<'_>,
        device: Device,
    ) -> Result<State, Error> {
        let Self {
            path,
            recipe: saved,
            file,
        } = self;
        let document = &file.document;
        let differs = |message: &str| {
            Err(Error::Resume {
                path: path.clone(),
                message: message.to_owned(),
            })
        };
        if &saved != recipe {
            return differs(
                "its recipe is another one; resume without --set, or train into a new folder",
            );
        }
        if document.data_sha256 != set.images.sha256() {
            return differs(
                "the images are not those it was trained on; restore them, or train into a new folder",
            );
        }
        if document.pairs_sha256 != pairs_sha256(set, recipe.batches.is_some()) {
            return differs(
                "its pairs are others, so files were added, renamed or moved; restore them, or train anew",
            );
        }
        let named = |name: &str| {
            file.tensor(name)
                .map_err(|message| Error::file(&path, message))
        };
        let encoder = |part: &str| {
            Encoder::with_tensors(&recipe.encoder, &recipe.data, device, |name| {
                file.tensor(&format!("{part}.{name}"))
            })
            .map_err(|message| Error::file(&path, message))
        };
        let mut state = State::of(recipe, set, encoder("model")?)?;
        if let Some(average) = &mut state.average {
            average.encoder = encoder("average")?;
        }
        let steps = document.optimizer_steps;
        let names = names(&state.encoder);
        state
            .optimizer
            .restore(&names, steps, |name| named(&format!("optimizer.{name}")))?;
        for (i, name) in state.heads.names().iter().enumerate() {
            let mut head = state.heads.tensors()[i].shallow_clone();
            let saved = named(&format!("head.{name}"))?;
            if saved.size() != head.size() {
                return differs("its head is one of other people; train into a new folder");
            }
            tch::no_grad(|| head.f_copy_(&saved))?;
            let names = std::slice::from_ref(name);
            state.head_optimizers[i].restore(names, steps, |name| {
                named(&format!("head_optimizer.{name}"))
            })?;
        }
        let best = document
            .best
            .as_ref()
            .map(|best| {
                let weights = state
                    .encoder
                    .named_tensors()
                    .map(|(name, _)| {
                        Ok((
                            name.to_owned(),
                            named(&format!("best.{name}"))?.f_to_device(device)?,
                        ))
                    })
                    .collect::<Result<Weights, Error>>()?;
                Ok::<_, Error>(Best {
                    epoch: best.epoch,
                    standing: best.standing,
                    weights,
                })
            })
            .transpose()?;
        state.best = best;
        let loss_sum = document.loss_sum;
        let progress = file.document.progress;
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
        pairs_sha256: pairs_sha256(set, recipe.batches.is_some()),
        optimizer_steps: state.optimizer.steps(),
        best: state.best.as_ref().map(|best| BestEpoch {
            epoch: best.epoch,
            standing: best.standing,
        }),
        loss_sum: state.running_loss.sum()?,
        progress: state.progress.clone(),
    };
    let names = names(&state.encoder);
    let model = state
        .encoder
        .named_tensors()
        .map(|(name, tensor)| (format!("model.{name}"), tensor));
    let slots = state
        .optimizer
        .state(&names)
        .map(|(name, tensor)| (format!("optimizer.{name}"), tensor));
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

fn names(encoder: &Encoder) -> Vec<String> {
    encoder
        .trainable_names()
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

/// A fingerprint of which images are paired, and which pairs or people train.
fn pairs_sha256(set: &TrainingSet<'_>, batches: bool) -> String {
    let mut hash = Sha256::new();
    for part in [set.fit, set.validation] {
        hash.update((part.len() as u64).to_le_bytes());
        for &number in part {
            let pair = set.pairs.get(number as usize);
            hash.update(pair.a.to_le_bytes());
            hash.update(pair.b.to_le_bytes());
            hash.update([u8::from(pair.kind.is_genuine())]);
        }
    }
    if batches && let Some(catalog) = set.catalog {
        // Who is learnt from, and which images show them.
        for &subject in set.people {
            let samples = catalog.samples_of(subject);
            hash.update(samples.start.to_le_bytes());
            hash.update(samples.end.to_le_bytes());
        }
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
