//! Each instruction set against the portable code, and the bounds against full comparisons.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::block::{Block, TILE};
use super::super::codes::CodedQuery;
use super::{InstructionSet, Kernel};
use crate::metric::Metric;

fn vector(draw: &mut impl Rng, dimension: usize, size: f32) -> Vec<f32> {
    (0..dimension)
        .map(|_| draw.random_range(-size..size))
        .collect()
}

#[test]
fn no_score_passes_its_bound_and_all_instructions_find_the_same_bound() {
    let mut draw = ChaCha8Rng::seed_from_u64(1);
    for (dimension, size) in [
        (1, 1.0),
        (3, 1e-18),
        (4, 1e-19),
        (31, 3.0),
        (64, 1e12),
        (128, 1.0),
        (515, 1e-3),
        (700, 1e-30),
    ] {
        for metric in [Metric::Cosine, Metric::Euclidean] {
            if metric == Metric::Cosine && size < 1e-10 {
                continue;
            }
            let mut block = Block::new(dimension);
            for slot in 0..TILE {
                block.fill(
                    slot,
                    slot as u64,
                    0,
                    &metric
                        .prepared(&vector(&mut draw, dimension, size))
                        .unwrap(),
                );
            }
            block.clear(7);
            let mut queries: Vec<Vec<f32>> = (0..10)
                .map(|_| {
                    metric
                        .prepared(&vector(&mut draw, dimension, size))
                        .unwrap()
                })
                .collect();
            queries.push(block.vector(9).to_vec());
            let coded: Vec<CodedQuery> = queries
                .iter()
                .map(|query| CodedQuery::of(metric, query))
                .collect();

            let mut portable = vec![0.0; TILE * queries.len()];
            Kernel::new(InstructionSet::Portable).unwrap().bounds(
                block.rows(0),
                &coded,
                &mut portable,
            );
            for (query, bounds) in queries.iter().zip(portable.chunks_exact(TILE)) {
                for (slot, &bound) in bounds.iter().enumerate() {
                    if slot == 7 {
                        assert_eq!(bound, f32::NEG_INFINITY);
                        continue;
                    }
                    let likeness = metric.compare(query, block.vector(slot));
                    assert!(
                        likeness <= f64::from(bound),
                        "{metric:?} {dimension} {size}: {likeness} > {bound}"
                    );
                }
            }
            for set in InstructionSet::available() {
                let mut bounds = vec![0.0; portable.len()];
                Kernel::new(set)
                    .unwrap()
                    .bounds(block.rows(0), &coded, &mut bounds);
                assert_eq!(bounds, portable, "{set:?}");
            }
        }
    }
}

#[test]
fn the_largest_codes_of_the_longest_vectors_do_not_overflow() {
    let dimension = 65_536;
    let mut block = Block::new(dimension);
    block.fill(0, 0, 0, &vec![1.0; dimension]);
    block.fill(1, 1, 0, &vec![-1.0; dimension]);
    let coded = [CodedQuery::of(Metric::Euclidean, &vec![1.0; dimension])];
    for set in InstructionSet::available() {
        let mut bounds = vec![0.0; TILE];
        Kernel::new(set)
            .unwrap()
            .bounds(block.rows(0), &coded, &mut bounds);
        assert!(
            bounds[0] > -2.0 && bounds[0] <= 0.0,
            "{set:?}: {}",
            bounds[0]
        );
        assert!(
            bounds[1] > -512.01 && bounds[1] < -510.0,
            "{set:?}: {}",
            bounds[1]
        );
    }
}
