//! Speed on the sizes that matter. The figures of in-memory scores run on one
//! core; the all-pairs comparison and the bootstrap use all.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "benchmarks are not an interface"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use verification_figures::{
    Accumulator, Direction, Embeddings, Figure, Jackknife, Metric, Retrieval, SampleScores, Scores,
};

const SCORES: usize = 10_000_000;
const ROWS: usize = 20_000;
const DIMENSIONS: usize = 128;

/// Sums of three uniform draws, shifted: smooth and overlapping.
fn drawn(count: usize, shift: f32, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut next = || rng.random_range(0.0_f32..1.0);
    (0..count)
        .map(|_| next() + next() + next() + shift)
        .collect()
}

fn ten_million_scores(criterion: &mut Criterion) {
    let genuine = drawn(SCORES / 10, 0.0, 1);
    let impostor = drawn(SCORES - SCORES / 10, 0.8, 2);
    let mut group = criterion.benchmark_group("10 million scores");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(15));
    group.bench_function("sort, DET, EER and AUC", |bencher| {
        bencher.iter_batched(
            || (genuine.clone(), impostor.clone()),
            |(genuine, impostor)| {
                let scores = Scores::new(Direction::Distance, genuine, impostor).unwrap();
                (
                    scores.det().unwrap(),
                    scores.eer().unwrap(),
                    scores.auc().unwrap(),
                )
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("sort only", |bencher| {
        bencher.iter_batched(
            || (genuine.clone(), impostor.clone()),
            |(genuine, impostor)| Scores::new(Direction::Distance, genuine, impostor).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn many_embeddings(criterion: &mut Criterion) {
    let values = drawn(ROWS * DIMENSIONS, 0.0, 3);
    let subjects: Vec<u32> = (0..ROWS as u32).map(|k| k / 10).collect();
    let embeddings = Embeddings::new(&values, DIMENSIONS, &subjects).unwrap();
    let mut group = criterion.benchmark_group("20000 embeddings of 128 dimensions");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(30));
    group.bench_function("all pairs, streamed", |bencher| {
        bencher.iter(|| Accumulator::all_pairs(Metric::Euclidean, black_box(embeddings)).unwrap());
    });
    group.finish();
}

fn one_fold(criterion: &mut Criterion) {
    let values = drawn(400 * 50, 0.0, 4);
    let subjects: Vec<u32> = (0..400).map(|k| k / 10).collect();
    let embeddings = Embeddings::new(&values, 50, &subjects).unwrap();
    let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap();
    let pairs = scores.all_pairs().unwrap();
    let mut group = criterion.benchmark_group("40 people with 10 images");
    group.sample_size(10);
    let figures = [Figure::Eer, Figure::Auc, Figure::FnmrAtFmr(0.01)];
    group.bench_function("1000 bootstrap replicates of 3 figures", |bencher| {
        bencher.iter(|| pairs.intervals(&figures, &Jackknife::default()));
    });
    group.bench_function("retrieval", |bencher| {
        bencher.iter(|| Retrieval::new(black_box(&scores)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, ten_million_scores, many_embeddings, one_fold);
criterion_main!(benches);
