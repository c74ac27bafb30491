//! A network that several processes train together has the bytes of one that a single process trains. Threads stand for the
//! processes here.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Barrier, Mutex};

use ndarray::Array3;
use pairgen::{Catalog, PairSet};
use siamese_model::{
    Alone, Checkpoint, Collective, Device, Error, ImageStack, Learning, Outcome, Recipe, Tensor,
    TrainOptions, Trained, TrainingSet, train,
};

use crate::small::StopAfter;

/// Threads that exchange tensors as processes do.
#[derive(Debug)]
struct Threads {
    meeting: Barrier,
    /// What each gives, for each of the others.
    given: Vec<Mutex<Vec<Tensor>>>,
}

#[derive(Debug)]
struct Member {
    rank: usize,
    threads: Arc<Threads>,
}

impl Threads {
    fn members(size: usize) -> Vec<Member> {
        let threads = Arc::new(Self {
            meeting: Barrier::new(size),
            given: (0..size).map(|_| Mutex::new(Vec::new())).collect(),
        });
        let member = |rank| Member {
            rank,
            threads: Arc::clone(&threads),
        };
        (0..size).map(member).collect()
    }
}

impl Collective for Member {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.threads.given.len()
    }

    fn gather(&self, own: &Tensor) -> Result<Vec<Tensor>, Error> {
        self.exchange((0..self.size()).map(|_| own.copy()).collect())
    }

    fn exchange(&self, own: Vec<Tensor>) -> Result<Vec<Tensor>, Error> {
        assert_eq!(own.len(), self.size());
        *self.threads.given[self.rank].lock().unwrap() = own;
        self.threads.meeting.wait();
        let given = self.threads.given.iter();
        let taken = given.map(|given| given.lock().unwrap()[self.rank].copy());
        let taken: Vec<Tensor> = taken.collect();
        self.threads.meeting.wait();
        for tensor in &taken {
            assert_eq!(tensor.size(), taken[0].size(), "one call, one shape");
            assert_eq!(tensor.kind(), taken[0].kind(), "one call, one kind");
        }
        Ok(taken)
    }
}

const SUBJECTS: usize = 24;
const IMAGES: usize = 6;

const LAYERS: &str = r#"
name = "together"
seed = 5
[encoder]
input = [1, 16, 12]
layers = [
  { conv = 4, kernel = 3 }, "relu", { max_pool = 2 }, { dropout = 0.25 },
  { conv = 6, kernel = 3, bias = false }, "batch_norm", "prelu",
  { residual = [{ conv = 6, kernel = 3, padding = "same" }, "batch_norm", "relu"] },
  "flatten", { dense = 8 },
]
[optimizer]
kind = "adamw"
lr = 0.003
[schedule]
kind = "cosine"
warmup_steps = 3
"#;

const PAIRS: &str = r#"
[loss]
kind = "contrastive"
[train]
epochs = 2
batch = 200
average = 0.9
clip_norm = 5.0
"#;

const SUBJECT_BATCHES: &str = r#"
[loss]
kind = "proxy-anchor"
[batches]
people = 22
images = 6
per_epoch = 3
[augment]
shift = 0.1
rotation = 10.0
noise = 0.02
[train]
epochs = 2
"#;

/// Without normalisation, by a convolution that is pooled, and with square roots of libtorch's.
const CLASSIC: &str = r#"
name = "classic"
seed = 6
[encoder]
input = [1, 16, 12]
layers = [
  { conv = 6, kernel = 3 }, "relu", { max_pool = 2 }, { dropout = 0.25 }, "flatten",
  { dense = 32 }, "relu", { dropout = 0.1 }, { dense = 8 }, "relu",
]
[loss]
kind = "contrastive"
[optimizer]
kind = "rmsprop"
lr = 0.001
[train]
epochs = 2
batch = 128
"#;

fn recipe(parts: &[&str], overrides: &[&str]) -> Recipe {
    Recipe::parse(&parts.concat(), "together.toml", overrides).unwrap()
}

fn one(
    recipe: &Recipe,
    processes: &dyn Collective,
    checkpoint: &Path,
    steps: usize,
) -> Result<Trained, Error> {
    let catalog =
        Catalog::from_counts((0..SUBJECTS).map(|s| (format!("s{s}"), IMAGES as u32))).unwrap();
    let people = catalog.all_subjects();
    let pairs = PairSet::balanced(&catalog, &people, 180, 180, 9).unwrap();
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 27) as usize
    };
    let pixels = Array3::from_shape_fn((SUBJECTS * IMAGES, 16, 12), |(i, y, x)| {
        let subject = i / IMAGES;
        ((y * (subject + 1) * 13 + x * (7 * subject + 3)) % 200 + noise()) as u8
    });
    let images = ImageStack::new(pixels.view()).unwrap();
    let (fit, validation): (Vec<u32>, Vec<u32>) = (0..360).partition(|n| n % 5 != 0);
    let set = TrainingSet {
        images: &images,
        pairs: &pairs,
        validation: &validation,
        learning: match recipe.batches {
            Some(_) => Learning::Subjects {
                catalog: &catalog,
                subjects: &people,
            },
            None => Learning::Pairs {
                fit: &fit,
                catalog: Some(&catalog),
            },
        },
    };
    let stop = AtomicBool::new(false);
    let resume = checkpoint
        .exists()
        .then(|| Checkpoint::load(checkpoint).unwrap());
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: Some(checkpoint),
        stop: &stop,
        processes,
    };
    let mut observer = StopAfter { steps, stop: &stop };
    train(recipe, &set, &options, resume, &mut observer)
}

/// Trains by so many processes; the last is asked to stop after so many steps. Gives how each ended.
fn by(size: usize, recipe: &Recipe, checkpoint: &Path, steps: usize) -> Vec<Outcome> {
    if size == 1 {
        return vec![one(recipe, &Alone, checkpoint, steps).unwrap().outcome];
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = Threads::members(size)
            .into_iter()
            .map(|member| {
                scope.spawn(move || {
                    let steps = if member.rank + 1 == size {
                        steps
                    } else {
                        usize::MAX
                    };
                    let trained = one(recipe, &member, checkpoint, steps).unwrap();
                    (trained.outcome, tensors(&trained))
                })
            })
            .collect();
        let ended: Vec<_> = running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        for (outcome, tensors) in &ended {
            assert_eq!(outcome, &ended[0].0);
            assert!(tensors == &ended[0].1, "all have the same weights");
        }
        ended.into_iter().map(|(outcome, _)| outcome).collect()
    })
}

fn tensors(trained: &Trained) -> Vec<Vec<f32>> {
    let (encoder, _) = trained.encoder(siamese_model::Keep::Last).unwrap();
    let numbers = |tensor: &Tensor| Vec::<f32>::try_from(&tensor.flatten(0, -1)).unwrap();
    encoder
        .named_tensors()
        .map(|(_, tensor)| numbers(tensor))
        .collect()
}

fn checkpoint_of(size: usize, recipe: &Recipe, steps: &[(usize, usize)]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint: PathBuf = folder.path().join("checkpoint.safetensors");
    for &(size, steps) in steps {
        let outcomes = by(size, recipe, &checkpoint, steps);
        assert!(
            outcomes
                .iter()
                .all(|&outcome| outcome == Outcome::Interrupted)
        );
    }
    let outcomes = by(size, recipe, &checkpoint, usize::MAX);
    assert!(outcomes.iter().all(|&outcome| outcome == Outcome::Finished));
    std::fs::read(&checkpoint).unwrap()
}

fn check(recipe: &Recipe) {
    let alone = checkpoint_of(1, recipe, &[]);
    for size in 2..=4 {
        assert!(
            checkpoint_of(size, recipe, &[]) == alone,
            "{size} processes"
        );
    }
    // Another number of processes at every turn, stopped within epochs.
    assert!(checkpoint_of(1, recipe, &[(3, 1), (2, 1)]) == alone);
    assert!(checkpoint_of(4, recipe, &[(1, 2)]) == alone);
}

#[test]
fn pairs() {
    check(&recipe(&[LAYERS, PAIRS], &[]));
}

#[test]
fn pairs_without_normalisation() {
    check(&recipe(&[CLASSIC], &[]));
}

#[test]
fn batches_of_subjects_with_a_head() {
    check(&recipe(&[LAYERS, SUBJECT_BATCHES], &[]));
}

/// The last step of an epoch has one batch only, and that of one part.
#[test]
fn accumulated_gradients() {
    let overrides = ["train.accumulate=2", "train.batch=150"];
    check(&recipe(&[LAYERS, PAIRS], &overrides));
    check(&recipe(&[LAYERS, SUBJECT_BATCHES], &overrides[..1]));
}
