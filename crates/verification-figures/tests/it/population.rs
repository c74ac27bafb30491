//! Made-up samples of subjects, some of whom are harder than others. `examples/coverage.rs` uses them too.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use verification_figures::{Embeddings, LabelledScores, Metric, SampleScores, normal_deviate};

const DIMENSIONS: usize = 8;
const SAMPLES: usize = 5;

/// All pairs of five samples of each subject, in eight dimensions. A subject's samples scatter normally about its
/// centre, and the centres about the origin. How far a subject's samples scatter, `scatter` times a log-normal factor
/// of 0.6, is its own, so its comparisons err together.
pub(crate) fn draw(subjects: usize, scatter: f64, seed: u64) -> LabelledScores {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = move || normal_deviate(rng.random_range(1e-12..1.0)).unwrap();
    let mut values = Vec::new();
    for _ in 0..subjects {
        let centre: Vec<f64> = (0..DIMENSIONS).map(|_| normal()).collect();
        let own = scatter * (0.6 * normal()).exp();
        for _ in 0..SAMPLES {
            values.extend(centre.iter().map(|at| (at + own * normal()) as f32));
        }
    }
    let of: Vec<u32> = (0..subjects * SAMPLES)
        .map(|k| (k / SAMPLES) as u32)
        .collect();
    let embeddings = Embeddings::new(&values, DIMENSIONS, &of).unwrap();
    let samples = SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap();
    samples.all_pairs().unwrap()
}
