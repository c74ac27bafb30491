//! Pairs per second of every builder, on all cores: `cargo bench -p pairgen`.
#![allow(
    missing_docs,
    reason = "criterion's macros make an undocumented function"
)]
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use pairgen::{Catalog, ExhaustivePairs, PairBatches, PairSet, PairSplit};

/// Pairs built at once, half of each kind.
const PAIRS: usize = 4_000_000;

fn builders(criterion: &mut Criterion) {
    let orl = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10))).unwrap();
    let large = Catalog::from_counts((1..=10_000).map(|s| (format!("s{s}"), 50))).unwrap();
    let mut group = criterion.benchmark_group("pairs");
    group.sampling_mode(SamplingMode::Flat).sample_size(15);
    group.throughput(Throughput::Elements(PAIRS as u64));
    for (name, catalog) in [("40x10", &orl), ("10000x50", &large)] {
        let subjects = catalog.all_subjects();
        group.bench_function(format!("seed_recipe/{name}"), |bench| {
            bench.iter(|| {
                PairSet::seed_recipe(catalog, &subjects, PAIRS / 2, black_box(1)).unwrap()
            });
        });
    }
    let subjects = large.all_subjects();
    group.bench_function("balanced/10000x50", |bench| {
        bench.iter(|| {
            PairSet::balanced(&large, &subjects, PAIRS / 2, PAIRS / 2, black_box(1)).unwrap()
        });
    });
    let all = ExhaustivePairs::new(&large, &subjects).unwrap();
    let stride = all.len() / PAIRS as u64;
    group.bench_function("exhaustive_get/10000x50", |bench| {
        bench.iter(|| {
            let pairs = (0..PAIRS as u64).filter_map(|i| all.get(black_box(i) * stride));
            pairs.fold(0u32, |sum, pair| sum ^ pair.a ^ pair.b)
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("recipe");
    group.sample_size(20);
    let subjects = orl.all_subjects();
    group.bench_function("20000_pairs_and_split", |bench| {
        bench.iter(|| {
            let pairs = PairSet::seed_recipe(&orl, &subjects, 10_000, black_box(1)).unwrap();
            PairSplit::seed_pairs(&pairs, 0.25, 0.25, 1).unwrap()
        });
    });
    let numbers: Vec<u32> = (0..11_250).collect();
    group.bench_function("epoch_of_11250_pairs", |bench| {
        bench.iter(|| PairBatches::new(&numbers, 128, 1, black_box(0)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, builders);
criterion_main!(benches);
