//! The kernel without `unsafe`: what every processor computes, and what the others are tested against.

use super::outer::Outer;
use super::product::Product;
use super::weights::{BLOCK, Block, Weights};

/// Pixels computed at a time.
const PIXELS: usize = 2;

/// As [`Product::compute`], which has checked the product. `FUSED` multiplies and adds in one step, as vectors do; without
/// instructions for it that is slow.
pub(crate) fn compute<const FUSED: bool>(weights: &Weights, product: &mut Product<'_>) {
    let outputs = weights.outputs();
    for block in 0..weights.blocks() {
        let first = block * BLOCK;
        let lanes = BLOCK.min(outputs - first);
        let rows = (0..product.maps).flat_map(|map| (0..product.height).map(move |row| (map, row)));
        for (map, row) in rows {
            for column in (0..product.width).step_by(PIXELS) {
                let pixels = PIXELS.min(product.width - column);
                let mut starts = [map * product.map + row * product.line; PIXELS];
                for (pixel, start) in starts.iter_mut().enumerate() {
                    // Beyond the row the last pixel stands in, and is not stored.
                    *start += (column + pixel).min(product.width - 1) * product.step;
                }
                let sums = tile::<FUSED>(weights, block, product, starts);
                for (pixel, Block(sums)) in sums.iter().take(pixels).enumerate() {
                    let place = (column + pixel) * outputs + first;
                    let added = product
                        .add
                        .map(|add| &add.values[map * add.map + row * add.line + place..][..lanes]);
                    let begin = map * product.output_map + row * product.output_line;
                    let out = &mut product.output[begin + place..][..lanes];
                    for (lane, out) in out.iter_mut().enumerate() {
                        let mut sum = sums[lane];
                        if let Some(added) = added {
                            sum += added[lane];
                        }
                        // Keeps what is no number.
                        *out = if product.relu && sum < 0.0 { 0.0 } else { sum };
                    }
                }
            }
        }
    }
}

/// The sums of one block of outputs for windows that begin at these numbers.
#[inline]
fn tile<const FUSED: bool>(
    weights: &Weights,
    block: usize,
    product: &Product<'_>,
    starts: [usize; PIXELS],
) -> [Block; PIXELS] {
    let mut sums = [*weights.bias(block); PIXELS];
    let length = weights.inputs() / product.runs;
    for (run, weights) in weights.of_block(block).chunks_exact(length).enumerate() {
        let runs = starts.map(|start| &product.input[start + run * product.run_step..][..length]);
        for (i, Block(weights)) in weights.iter().enumerate() {
            for (Block(sums), run) in sums.iter_mut().zip(runs) {
                let x = run[i];
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = match FUSED {
                        true => x.mul_add(*weight, *sum),
                        false => *sum + x * *weight,
                    };
                }
            }
        }
    }
    sums
}

/// As [`Outer::add`], which has checked the sums.
pub(crate) fn add_outer<const FUSED: bool>(outer: &mut Outer<'_>) {
    for number in 0..outer.runs * outer.run {
        let (run, i) = (number / outer.run, number % outer.run);
        let left = &outer.left[run * outer.run_step + i..];
        for first in (0..outer.lanes).step_by(BLOCK) {
            let lanes = BLOCK.min(outer.lanes - first);
            let right = &outer.right[first..];
            let mut sums = [0.0f32; BLOCK];
            for row in 0..outer.height {
                for column in 0..outer.width {
                    let x = left[row * outer.left_line + column * outer.left_step];
                    let at = row * outer.right_line + column * outer.right_step;
                    for (sum, value) in sums.iter_mut().zip(&right[at..][..lanes]) {
                        *sum = match FUSED {
                            true => x.mul_add(*value, *sum),
                            false => *sum + x * *value,
                        };
                    }
                }
            }
            let place = &mut outer.sums[number * outer.sums_step + first..][..lanes];
            for (whole, sum) in place.iter_mut().zip(sums) {
                *whole += sum;
            }
        }
    }
}
