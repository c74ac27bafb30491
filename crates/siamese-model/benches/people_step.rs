//! A training step of the encoder that `siamese new-recipe` writes for grey images of 50x50: 32 subjects with 4 images each,
//! augmentation, proxy-anchor, AdamW and the running mean of the weights. `people_step.py` is the same in PyTorch.
//!
//! `cargo bench -p siamese-model --bench people_step -- THREADS` prints the median time of a step.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use ndarray::Array3;
use pairgen::{Catalog, PairSet};
use siamese_model::{
    Device, Event, ImageStack, Learning, Observer, Recipe, TrainOptions, TrainingSet, train,
};

const RECIPE: &str = r#"
name = "people-step"
seed = 1
[data]
normalise = { kind = "standardise" }
[batches]
people = 32
images = 4
per_epoch = 100
[augment]
rotation = 12.0
scale = 0.15
aspect = 0.1
shift = 0.08
flip = 0.5
gamma = 0.3
contrast = 0.3
brightness = 0.1
noise = 0.02
erase = 0.3
erase_sides = [0.1, 0.35]
[encoder]
input = [1, 50, 50]
init = "lecun-uniform"
layers = [
  { conv = 16, kernel = 5, stride = 2, padding = "same", bias = false }, "batch_norm", "relu",
  { conv = 32, kernel = 3, padding = "same", bias = false }, "batch_norm", "relu", { max_pool = 2, ceil = true },
  { conv = 64, kernel = 3, padding = "same", bias = false }, "batch_norm", "relu",
  "flatten", { dense = 128, bias = false }, "l2_normalise",
]
[loss]
kind = "proxy-anchor"
head_lr = 0.01
[optimizer]
kind = "adamw"
lr = 0.002
weight_decay = 5e-4
[train]
epochs = 1
average = 0.98
keep = "last"
"#;

const SUBJECTS: usize = 136;
const IMAGES: usize = 20;

/// When each step ended.
struct Clock(Vec<Instant>);

impl Observer for Clock {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Step { .. } = event {
            self.0.push(Instant::now());
        }
    }
}

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let threads = numbers.next_back().unwrap_or(2);
    let recipe = Recipe::parse::<&str>(RECIPE, "people_step.rs", &[]).unwrap();
    let catalog = Catalog::from_counts((0..SUBJECTS).map(|i| (format!("s{i}"), IMAGES as u32)));
    let catalog = catalog.unwrap();
    let mut noise = pairgen::stream(1, "pixels", 0);
    let pixels = Array3::from_shape_fn((SUBJECTS * IMAGES, 50, 50), |_| noise.below(256) as u8);
    let images = ImageStack::new(pixels.view()).unwrap();
    let subjects = catalog.all_subjects();
    let pairs = PairSet::balanced(&catalog, &subjects, 10, 10, 1).unwrap();
    let set = TrainingSet {
        images: &images,
        pairs: &pairs,
        validation: &[],
        learning: Learning::Subjects {
            catalog: &catalog,
            subjects: &subjects,
        },
    };
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let mut clock = Clock(Vec::new());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap()
        .install(|| train(&recipe, &set, &options, None, &mut clock))
        .unwrap();
    // The first steps make their memory.
    let steps = clock.0.windows(2).skip(5);
    let mut times: Vec<f64> = steps
        .map(|pair| 1e3 * (pair[1] - pair[0]).as_secs_f64())
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "siamese, {threads} threads: a step {:.1} ms (median of {})",
        times[times.len() / 2],
        times.len()
    );
}
