//! A small data set and recipe to train on, and what is left of a run.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array3;
use pairgen::{Catalog, PairSet};
use siamese_model::{
    Checkpoint, Device, Embedder, Error, Event, ImageStack, Keep, Learning, Model, Observer,
    Provenance, Recipe, TrainOptions, Trained, TrainingSet, train,
};

pub(crate) const SUBJECTS: usize = 6;
pub(crate) const IMAGES: usize = 5;

/// A small recipe with everything that has a state: dropout, batch normalisation, two moments, a schedule.
pub(crate) const RECIPE: &str = r#"
name = "small"
seed = 5
[encoder]
input = [1, 16, 12]
layers = [
  { conv = 4, kernel = 3 }, "relu", { max_pool = 2 }, { dropout = 0.25 },
  { conv = 6, kernel = 3, bias = false }, "batch_norm", "prelu",
  { residual = [{ conv = 6, kernel = 3, padding = "same" }, "gelu"] },
  "flatten", { dense = 8 },
]
[loss]
kind = "contrastive"
[optimizer]
kind = "adamw"
lr = 0.003
[schedule]
kind = "cosine"
warmup_steps = 3
[train]
epochs = 4
batch = 16
clip_norm = 5.0
"#;

pub(crate) fn recipe(overrides: &[&str]) -> Recipe {
    Recipe::parse(RECIPE, "small.toml", overrides).unwrap()
}

/// Each subject is a pattern of its own, each image that pattern with a little noise.
pub(crate) fn pixels() -> Array3<u8> {
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 27) as usize
    };
    Array3::from_shape_fn((SUBJECTS * IMAGES, 16, 12), |(i, y, x)| {
        let subject = i / IMAGES;
        ((y * (subject + 1) * 13 + x * (7 * subject + 3)) % 200 + noise()) as u8
    })
}

pub(crate) struct Data {
    pub(crate) images: ImageStack,
    pub(crate) catalog: Catalog,
    pub(crate) people: Vec<u32>,
    pub(crate) pairs: PairSet,
    pub(crate) fit: Vec<u32>,
    pub(crate) validation: Vec<u32>,
}

impl Data {
    pub(crate) fn new() -> Self {
        let catalog =
            Catalog::from_counts((0..SUBJECTS).map(|s| (format!("s{s}"), IMAGES as u32))).unwrap();
        let pairs = PairSet::balanced(&catalog, &catalog.all_subjects(), 50, 50, 9).unwrap();
        let images = ImageStack::new(pixels().view()).unwrap();
        let (fit, validation) = (0..100).partition(|n| n % 5 != 0);
        Self {
            images,
            people: catalog.all_subjects(),
            catalog,
            pairs,
            fit,
            validation,
        }
    }

    /// What this recipe learns from.
    pub(crate) fn set(&self, recipe: &Recipe) -> TrainingSet<'_> {
        TrainingSet {
            images: &self.images,
            pairs: &self.pairs,
            validation: &self.validation,
            learning: match recipe.batches {
                Some(_) => Learning::Subjects {
                    catalog: &self.catalog,
                    subjects: &self.people,
                },
                None => Learning::Pairs {
                    fit: &self.fit,
                    catalog: Some(&self.catalog),
                },
            },
        }
    }
}

/// Asks to stop after so many steps.
pub(crate) struct StopAfter<'a> {
    pub(crate) steps: usize,
    pub(crate) stop: &'a AtomicBool,
}

impl Observer for StopAfter<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Step { .. } = event {
            // Other processes of the training may do more steps before they hear of it.
            self.steps = self.steps.saturating_sub(1);
            if self.steps == 0 {
                self.stop.store(true, Ordering::SeqCst);
            }
        }
    }
}

pub(crate) fn run(
    recipe: &Recipe,
    checkpoint: Option<&Path>,
    resume: Option<Checkpoint>,
    steps: usize,
) -> Result<Trained, Error> {
    let data = Data::new();
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    train(
        recipe,
        &data.set(recipe),
        &options,
        resume,
        &mut StopAfter { steps, stop: &stop },
    )
}

/// The bytes of the model file of a run.
pub(crate) fn model_bytes(recipe: &Recipe, trained: &Trained, keep: Keep) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model(recipe, trained, keep).save(&path).unwrap();
    fs::read(&path).unwrap()
}

/// The model of a run.
pub(crate) fn model(recipe: &Recipe, trained: &Trained, keep: Keep) -> Model {
    let (encoder, epoch) = trained.encoder(keep).unwrap();
    let provenance = Provenance {
        siamese: "0".into(),
        libtorch: "0".into(),
        device: "cpu".into(),
        epoch,
        data_sha256: String::new(),
        people_sha256: None,
        origin: None,
    };
    Model {
        recipe: recipe.clone(),
        embedder: Embedder::of(encoder),
        threshold: None,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance,
    }
}
