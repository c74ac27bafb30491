//! Pairs per second of every builder, on all cores: `cargo bench -p pairgen`.
#![allow(
    missing_docs,
    reason = "criterion's macros make an undocumented function"
)]
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use pairgen::{
    Catalog, ExhaustivePairs, PairBatches, PairSet, PairSplit, Protocol, SubjectBatchShape,
    SubjectBatches, TooFewImages,
};

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
    group.bench_function("by_subject/10000x50", |bench| {
        bench.iter(|| {
            PairSet::by_subject(&large, &subjects, PAIRS / 2, PAIRS / 2, black_box(1)).unwrap()
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

/// A hundred thousand subjects with ten (empty) images each, and a CSV list of them.
fn list_of_many(folder: &Path) -> PathBuf {
    let list = folder.join("images.csv");
    let mut text = String::from("path,subject\n");
    for subject in 0..100_000 {
        fs::create_dir(folder.join(format!("s{subject:06}"))).unwrap();
        for image in 0..10 {
            let path = format!("s{subject:06}/{image}.png");
            fs::write(folder.join(&path), []).unwrap();
            writeln!(text, "{path},s{subject:06}").unwrap();
        }
    }
    fs::write(&list, text).unwrap();
    list
}

/// What a set of 100,000 subjects x 10 images costs.
fn many_subjects(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let list = list_of_many(folder.path());
    let many = Catalog::from_csv(&list).unwrap();
    let subjects = many.all_subjects();
    let mut group = criterion.benchmark_group("100000x10");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.bench_function("from_csv", |bench| {
        bench.iter(|| Catalog::from_csv(black_box(&list)).unwrap());
    });
    group.bench_function("k_fold_10", |bench| {
        let protocol = Protocol::KFold(10);
        bench.iter(|| protocol.check(&many, black_box(1)).unwrap());
    });
    group.bench_function("balanced_400000", |bench| {
        bench.iter(|| PairSet::balanced(&many, &subjects, 200_000, 200_000, black_box(1)).unwrap());
    });
    group.bench_function("by_subject_400000", |bench| {
        bench.iter(|| {
            PairSet::by_subject(&many, &subjects, 200_000, 200_000, black_box(1)).unwrap()
        });
    });
    // P x K of 32 x 4: an epoch of 3,125 batches.
    let shape = SubjectBatchShape {
        subjects: 32,
        images: 4,
    };
    let epoch = |epoch| {
        SubjectBatches::new(&many, &subjects, shape, TooFewImages::Refuse, 1, epoch).unwrap()
    };
    group.bench_function("epoch_of_subject_batches", |bench| {
        bench.iter(|| {
            epoch(black_box(0))
                .iter()
                .map(|batch| batch.len())
                .sum::<usize>()
        });
    });
    let batches = epoch(0);
    black_box(batches.batch(0));
    group.bench_function("one_subject_batch", |bench| {
        bench.iter(|| batches.batch(black_box(1_000)));
    });
    group.finish();
}

criterion_group!(benches, builders, many_subjects);
criterion_main!(benches);
