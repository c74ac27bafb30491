//! Tiles, whatever the instructions.

use std::ops::Range;

use crate::product::Product;
use crate::weights::{BLOCK, Block, Weights};

/// A block of numbers in registers.
pub(super) trait Registers: Copy {
    /// # Safety
    /// The processor has the instructions, and `from` is a block.
    unsafe fn load_block(from: *const Block) -> Self;

    /// # Safety
    /// The processor has the instructions, and as many numbers as a block has may be read.
    unsafe fn load(from: *const f32) -> Self;

    /// # Safety
    /// The processor has the instructions, and as many numbers as a block has may be written.
    unsafe fn store(self, to: *mut f32);

    /// One number everywhere.
    ///
    /// # Safety
    /// The processor has the instructions, and the number may be read.
    unsafe fn repeat(number: *const f32) -> Self;

    /// `self + x * weights`, rounded once.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn add_product(self, x: Self, weights: Self) -> Self;

    /// # Safety
    /// The processor has the instructions.
    unsafe fn add(self, other: Self) -> Self;

    /// Negative numbers become 0; what is no number stays.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn relu(self) -> Self;
}

/// The windows of these columns of a product with the `BLOCKS` blocks of weights from `block` on, in tiles of `WINDOWS`.
///
/// # Safety
/// The processor has the instructions, `Product::check` has passed, the weights have as many blocks from `block` on, and the
/// columns are of a row, a multiple of `WINDOWS` of them.
#[inline(always)]
pub(super) unsafe fn sweep<R: Registers, const WINDOWS: usize, const BLOCKS: usize>(
    weights: &Weights,
    block: usize,
    product: &mut Product<'_>,
    columns: Range<usize>,
) {
    for map in 0..product.maps {
        for row in 0..product.height {
            for column in columns.clone().step_by(WINDOWS) {
                let place = [map, row, column];
                // SAFETY: the map, the row and the columns from this one on are of the product.
                unsafe {
                    let sums = multiply::<R, WINDOWS, BLOCKS>(weights, block, product, place);
                    store(sums, weights, block, product, place);
                }
            }
        }
    }
}

/// The sums of one tile.
///
/// # Safety
/// As [`sweep`], and the windows from the column on are in the row, which is in the map, which is one of the product.
#[inline(always)]
unsafe fn multiply<R: Registers, const WINDOWS: usize, const BLOCKS: usize>(
    weights: &Weights,
    block: usize,
    product: &Product<'_>,
    [map, row, column]: [usize; 3],
) -> [[R; BLOCKS]; WINDOWS] {
    let inputs = weights.inputs();
    let length = inputs / product.runs;
    let step = product.step;
    // SAFETY: `Product::check` has seen to it that every run of every window lies in the input; `of_block` gives `inputs`
    // weights for each block, one block's after the other's.
    unsafe {
        let mut sums = [[R::load_block(weights.bias(block)); BLOCKS]; WINDOWS];
        for b in 1..BLOCKS {
            let bias = R::load_block(weights.bias(block + b));
            for sums in &mut sums {
                sums[b] = bias;
            }
        }
        let mut packed = weights.of_block(block).as_ptr();
        let first = product
            .input
            .as_ptr()
            .add(map * product.map + row * product.line + column * step);
        for run in 0..product.runs {
            let mut x = first.add(run * product.run_step);
            for _ in 0..length {
                if BLOCKS < WINDOWS {
                    let mut loaded = [R::load_block(packed); BLOCKS];
                    for (b, loaded) in loaded.iter_mut().enumerate() {
                        *loaded = R::load_block(packed.add(b * inputs));
                    }
                    for (window, sums) in sums.iter_mut().enumerate() {
                        let x = R::repeat(x.add(window * step));
                        for (sum, loaded) in sums.iter_mut().zip(loaded) {
                            *sum = sum.add_product(x, loaded);
                        }
                    }
                } else {
                    let mut loaded = [R::repeat(x); WINDOWS];
                    for (window, loaded) in loaded.iter_mut().enumerate() {
                        *loaded = R::repeat(x.add(window * step));
                    }
                    for b in 0..BLOCKS {
                        let weights = R::load_block(packed.add(b * inputs));
                        for (sums, x) in sums.iter_mut().zip(loaded) {
                            sums[b] = sums[b].add_product(x, weights);
                        }
                    }
                }
                packed = packed.add(1);
                x = x.add(1);
            }
        }
        sums
    }
}

/// Stores the outputs of one tile.
///
/// # Safety
/// As [`multiply`].
#[inline(always)]
unsafe fn store<R: Registers, const WINDOWS: usize, const BLOCKS: usize>(
    sums: [[R; BLOCKS]; WINDOWS],
    weights: &Weights,
    block: usize,
    product: &mut Product<'_>,
    [map, row, column]: [usize; 3],
) {
    let outputs = weights.outputs();
    let relu = product.relu;
    // SAFETY: `Product::check` has seen to it that the outputs of every window, and what is added to them, lie in their
    // slices. Of a block that is not full only the outputs that there are are touched.
    unsafe {
        let begin = map * product.output_map + row * product.output_line;
        let out = product.output.as_mut_ptr().add(begin);
        let added = product.add.map(|added| {
            added
                .values
                .as_ptr()
                .add(map * added.map + row * added.line)
        });
        for (window, sums) in sums.into_iter().enumerate() {
            for (b, mut sums) in sums.into_iter().enumerate() {
                let output = (block + b) * BLOCK;
                let place = (column + window) * outputs + output;
                let lanes = outputs - output;
                if lanes >= BLOCK {
                    if let Some(added) = added {
                        sums = sums.add(R::load(added.add(place)));
                    }
                    if relu {
                        sums = sums.relu();
                    }
                    sums.store(out.add(place));
                } else {
                    let mut part = [0.0; BLOCK];
                    if let Some(added) = added {
                        part.as_mut_ptr()
                            .copy_from_nonoverlapping(added.add(place), lanes);
                        sums = sums.add(R::load(part.as_ptr()));
                    }
                    if relu {
                        sums = sums.relu();
                    }
                    sums.store(part.as_mut_ptr());
                    out.add(place)
                        .copy_from_nonoverlapping(part.as_ptr(), lanes);
                }
            }
        }
    }
}
