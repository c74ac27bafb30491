//! Sums of tensors of several parts along the tree over the parts.

use std::mem::MaybeUninit;

use multiversion::multiversion;
use rayon::prelude::*;
use tch::Tensor;

use crate::error::Error;
use crate::slices::{filled, floats, is_slice};
use crate::tree;

/// Numbers that a thread takes at a time, and from how many on it is worth it.
const CHUNK: usize = 1 << 13;

/// The sum of these, of one shape, in the order of [`tree::join`]; large ones in one pass over memory, on all threads.
/// `None` without any.
pub(super) fn sum(parts: Vec<Tensor>) -> Result<Option<Tensor>, Error> {
    let many = parts.first().is_some_and(|first| first.numel() >= CHUNK);
    if parts.len() < 2 || !many || !parts.iter().all(is_slice) {
        return tree::join(parts, |a, b| Ok(a.f_add(&b)?));
    }
    let shape = parts[0].size();
    let slices = parts.iter().map(floats);
    let slices = slices.collect::<Result<Vec<_>, _>>()?;
    filled(&shape, |out| {
        out.par_chunks_mut(CHUNK).enumerate().for_each(|(i, out)| {
            let chunks = slices.iter().map(|slice| &slice[i * CHUNK..][..out.len()]);
            let mut sums = vec![0.0; out.len()];
            add_up(&chunks.collect::<Vec<_>>(), &mut sums);
            store(&sums, out);
        });
    })
    .map(Some)
}

/// Writes the sum of `parts`, as the tree has it.
fn add_up(parts: &[&[f32]], sum: &mut [f32]) {
    match parts {
        [] => {}
        [one] => sum.copy_from_slice(one),
        [a, b] => add(a, b, sum),
        many => {
            let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
            add_up(left, sum);
            let mut others = vec![0.0; sum.len()];
            add_up(right, &mut others);
            add_to(sum, &others);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn add(a: &[f32], b: &[f32], sum: &mut [f32]) {
    for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
        *sum = a + b;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn add_to(sum: &mut [f32], others: &[f32]) {
    for (sum, other) in sum.iter_mut().zip(others) {
        *sum += other;
    }
}

fn store(sums: &[f32], out: &mut [MaybeUninit<f32>]) {
    for (out, sum) in out.iter_mut().zip(sums) {
        out.write(*sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pass_over_large_tensors_adds_as_the_tree_does() {
        let mut stream = pairgen::stream(6, "test", 0);
        let count = 3 * CHUNK + 5;
        for parts in 1..=9 {
            let tensors = (0..parts).map(|_| {
                let values: Vec<f32> = (0..count).map(|_| stream.unit() as f32 - 0.4).collect();
                Tensor::from_slice(&values)
            });
            let tensors: Vec<Tensor> = tensors.collect();
            let copies = tensors.iter().map(Tensor::shallow_clone);
            let by_tree = tree::join(copies, |a, b| a.f_add(&b)).unwrap().unwrap();
            assert_eq!(sum(tensors).unwrap().unwrap(), by_tree, "{parts} parts");
        }
        assert!(sum(Vec::new()).unwrap().is_none());
    }
}
