//! Sums of tensors of several parts along the tree over the parts.

use std::mem::MaybeUninit;

use map_kernels::{BLOCK, Instructions, Outer};
use multiversion::multiversion;
use rayon::prelude::*;
use tch::Tensor;

use crate::error::Error;
use crate::slices::{filled, floats, is_slice};
use crate::tape::Gradient;
use crate::tree;

/// Numbers that a thread takes at a time, and from how many on it is worth it.
const CHUNK: usize = 1 << 13;

/// The sum of these, of one tensor, in the order of [`tree::join`]; `None` without any.
pub(super) fn sum(parts: Vec<Gradient>) -> Result<Option<Tensor>, Error> {
    let mut whole = Vec::with_capacity(parts.len());
    let mut factors = Vec::new();
    for part in parts {
        match part {
            Gradient::Whole(gradient) => whole.push(gradient),
            Gradient::Product { of_output, input } => factors.push([of_output, input]),
        }
    }
    match factors.is_empty() {
        true => sum_whole(whole),
        false => sum_products(&factors).map(Some),
    }
}

/// The sum of tensors; large ones in one pass over memory, on all threads.
fn sum_whole(parts: Vec<Tensor>) -> Result<Option<Tensor>, Error> {
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

/// Outputs whose weights a thread takes, and inputs of them at a time: their products of a part fit a core's memory.
const OUTPUTS: usize = 64;
const INPUTS: usize = 256;

/// The sum of the products `of_output^T · input` of each part, `[n, o]` and `[n, i]`: each part's added up row by row, those
/// of the parts along the tree. Nothing but the sum is written to memory.
fn sum_products(parts: &[[Tensor; 2]]) -> Result<Tensor, Error> {
    let side = |tensor: &Tensor| tensor.size().get(1).copied().unwrap_or(0);
    let (outputs, inputs) = parts
        .first()
        .map_or((0, 0), |[of_output, input]| (side(of_output), side(input)));
    let rows = |tensor: &Tensor| Ok::<_, Error>(tensor.f_detach()?.f_contiguous()?);
    let parts = parts
        .iter()
        .map(|[of_output, input]| Ok([rows(of_output)?, rows(input)?]))
        .collect::<Result<Vec<_>, Error>>()?;
    let parts = parts
        .iter()
        .map(|[of_output, input]| Ok([floats(of_output)?, floats(input)?]))
        .collect::<Result<Vec<_>, Error>>()?;
    let instructions = Instructions::best();
    filled(&[outputs, inputs], |out| {
        let (outputs, inputs) = (outputs as usize, inputs as usize);
        let chunks = out.par_chunks_mut((OUTPUTS * inputs).max(1)).enumerate();
        chunks.for_each(|(chunk, out)| {
            for first in (0..inputs).step_by(INPUTS) {
                let width = INPUTS.min(inputs - first);
                let products = parts.iter().map(|[of_output, input]| Tile {
                    of_output: &of_output[(chunk * OUTPUTS).min(of_output.len())..],
                    outputs,
                    input: &input[first..],
                    inputs,
                    size: [out.len() / inputs, width],
                });
                let products = products.map(|tile| tile.product(instructions));
                let sum = tree::join(products, |mut sum, other| {
                    add_to(&mut sum, &other);
                    Ok::<_, Error>(sum)
                });
                let Ok(Some(sum)) = sum else { return };
                let rows = sum.chunks_exact(width.next_multiple_of(BLOCK));
                for (row, out) in rows.zip(out.chunks_exact_mut(inputs)) {
                    store(&row[..width], &mut out[first..][..width]);
                }
            }
        });
    })
}

/// Some outputs and inputs of a part, each from the first one's first number on.
struct Tile<'a> {
    of_output: &'a [f32],
    /// From one row to the next.
    outputs: usize,
    input: &'a [f32],
    inputs: usize,
    /// How many outputs and inputs.
    size: [usize; 2],
}

impl Tile<'_> {
    /// Of each output with each input, summed up over rows; rows are filled up to whole blocks.
    fn product(&self, instructions: Instructions) -> Vec<f32> {
        let [outputs, inputs] = self.size;
        let lanes = inputs.next_multiple_of(BLOCK);
        let rows = self.input.chunks(self.inputs);
        // One after the other: rows of a large layer lie on pages of their own.
        let mut packed = vec![0.0; rows.len() * lanes];
        for (packed, row) in packed.chunks_exact_mut(lanes).zip(rows) {
            packed[..inputs].copy_from_slice(&row[..inputs]);
        }
        let mut sums = vec![0.0; outputs * lanes];
        let outer = Outer {
            left: self.of_output,
            left_step: self.outputs,
            left_line: 0,
            runs: 1,
            run: outputs,
            run_step: 0,
            right: &packed,
            right_step: lanes,
            right_line: 0,
            lanes,
            width: packed.len() / lanes,
            height: 1,
            sums: &mut sums,
            sums_step: lanes,
        };
        outer.add(instructions);
        sums
    }
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
    use tch::Kind;

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
            let found = sum(tensors.into_iter().map(Gradient::Whole).collect());
            assert_eq!(found.unwrap().unwrap(), by_tree, "{parts} parts");
        }
        assert!(sum(Vec::new()).unwrap().is_none());
    }

    #[test]
    fn products_are_summed_as_libtorchs_are() {
        tch::manual_seed(2);
        for (rows, outputs, inputs) in [(32, 128, 600), (5, 70, 33), (1, 1, 1)] {
            for parts in 1..=5 {
                let factor = |side| {
                    let shape = [rows, side];
                    move |_| Tensor::randn(shape, tch::kind::FLOAT_CPU)
                };
                let left: Vec<Tensor> = (0..parts).map(factor(outputs)).collect();
                let right: Vec<Tensor> = (0..parts).map(factor(inputs)).collect();
                let double = |tensors: &[Tensor]| Tensor::cat(tensors, 0).to_kind(Kind::Double);
                let expected = double(&left).transpose(0, 1).matmul(&double(&right));
                let products = left
                    .into_iter()
                    .zip(right)
                    .map(|(of_output, input)| Gradient::Product { of_output, input });
                let found = sum(products.collect()).unwrap().unwrap();
                let apart = (found - expected).abs().max().double_value(&[]);
                assert!(apart < 1e-4, "{rows} rows, {parts} parts: {apart}");
            }
        }
    }
}
