//! Exact search by the cosine among random vectors of 128 values: the nearest 10 to one query, and to 64 at once.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has failed"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gallery::{Fusion, InstructionSet, Metric, VectorIndex};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const DIMENSION: usize = 128;

/// Twelve uniform numbers are normal enough, and the directions are then as good as uniform.
fn vector(draw: &mut ChaCha8Rng) -> Vec<f32> {
    (0..DIMENSION)
        .map(|_| (0..12).map(|_| draw.random_range(-0.5f32..0.5)).sum())
        .collect()
}

fn search(criterion: &mut Criterion) {
    let mut draw = ChaCha8Rng::seed_from_u64(1);
    let queries: Vec<Vec<f32>> = (0..64).map(|_| vector(&mut draw)).collect();
    let queries: Vec<&[f32]> = queries.iter().map(Vec::as_slice).collect();
    let mut index = VectorIndex::new(DIMENSION, Metric::Cosine).unwrap();
    let mut group = criterion.benchmark_group("search");
    group.sample_size(20);
    for vectors in [100_000u64, 1_000_000] {
        for id in index.len() as u64..vectors {
            index.insert(id, id / 4, &vector(&mut draw)).unwrap();
        }
        for count in [1, 64] {
            group.throughput(Throughput::Elements(vectors * count as u64));
            for set in InstructionSet::available() {
                index = index.with_instructions(set).unwrap();
                let name = BenchmarkId::new(format!("{set:?}, {count} queries"), vectors);
                group.bench_function(name, |bencher| {
                    bencher.iter(|| index.nearest(&queries[..count], 10, None).unwrap())
                });
            }
            index = index.with_instructions(InstructionSet::best()).unwrap();
            for fusion in [Fusion::Best, Fusion::Mean] {
                let name =
                    BenchmarkId::new(format!("owners by {fusion:?}, {count} queries"), vectors);
                group.bench_function(name, |bencher| {
                    bencher.iter(|| {
                        index
                            .nearest_owners(&queries[..count], 10, fusion, None)
                            .unwrap()
                    });
                });
            }
        }
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
