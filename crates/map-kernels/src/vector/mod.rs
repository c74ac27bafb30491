//! The kernels in vector instructions: the only module with `unsafe`.
//!
//! A tile of windows, up to 14 of one row, times one to eight blocks of outputs stays in registers from the first input to
//! the last. How many fit is a matter of the processor; each size is compiled on its own, so that loops over windows and
//! blocks are unrolled.

#![allow(
    unsafe_code,
    reason = "vector instructions; everything they touch is checked by Product::check and Outer::check"
)]

#[cfg(target_arch = "aarch64")]
mod neon;
mod outer;
mod tile;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

use super::instructions::Vectors;
use super::outer::Outer;
use super::product::Product;
use super::weights::{BLOCK, Weights};

/// Computes the blocks of outputs from one on, of as many as it was compiled for, in the windows of these columns, in tiles of
/// as many as it was compiled for.
type Sweep = unsafe fn(&Weights, usize, &mut Product<'_>, Range<usize>);

/// For tiles of so many blocks, the sweeps by tiles of 1, 2, 3 and so on windows.
type Sweeps = &'static [(usize, &'static [Sweep])];

/// Adds the sums of these numbers of a run with the blocks of lanes from one on, of as many as it was compiled for, in tiles
/// of as many numbers as it was compiled for.
type OuterSweep = unsafe fn(&mut Outer<'_>, usize, Range<usize>, usize);

/// For tiles of so many blocks of lanes, the sweeps by tiles of 1, 2, 3 and so on numbers; the most blocks last.
type OuterSweeps = &'static [(usize, &'static [OuterSweep])];

/// As [`Product::compute`], which has checked the product.
pub(super) fn compute(vectors: Vectors, weights: &Weights, product: &mut Product<'_>) {
    let sweeps: Sweeps = match vectors {
        #[cfg(target_arch = "x86_64")]
        Vectors::Avx512 => x86::AVX512,
        #[cfg(target_arch = "x86_64")]
        Vectors::Avx2 => x86::AVX2,
        #[cfg(target_arch = "aarch64")]
        Vectors::Neon => neon::SWEEPS,
    };
    let mut block = 0;
    while block < weights.blocks() {
        let (blocks, by_windows) = choose(sweeps, weights.blocks() - block, product.width);
        for (columns, size) in tiles(product.width, by_windows.len()) {
            // SAFETY: `Vectors` are only made where the processor has the instructions; `Product::check` has seen to it
            // that windows and outputs lie in their slices; `choose` takes sweeps of no more blocks than are left; and
            // the columns are of a row, and as many as so many tiles have windows.
            unsafe { by_windows[size - 1](weights, block, product, columns) };
        }
        block += blocks;
    }
}

/// As [`Outer::add`], which has checked the sums.
pub(super) fn add_outer(vectors: Vectors, outer: &mut Outer<'_>) {
    let sweeps: OuterSweeps = match vectors {
        #[cfg(target_arch = "x86_64")]
        Vectors::Avx512 => x86::OUTER_AVX512,
        #[cfg(target_arch = "x86_64")]
        Vectors::Avx2 => x86::OUTER_AVX2,
        #[cfg(target_arch = "aarch64")]
        Vectors::Neon => neon::OUTER_SWEEPS,
    };
    let mut block = 0;
    let all = outer.lanes.div_ceil(BLOCK);
    while block < all {
        let fitting = sweeps.iter().rfind(|(blocks, _)| *blocks <= all - block);
        let (blocks, by_numbers) = fitting.unwrap_or(&sweeps[0]);
        for run in 0..outer.runs {
            for (numbers, size) in tiles(outer.run, by_numbers.len()) {
                // SAFETY: `Vectors` are only made where the processor has the instructions; `Outer::check` has seen to it
                // that windows, lanes and sums lie in their slices; there are as many blocks left; and the numbers are of
                // the run, and as many as so many tiles have.
                unsafe { by_numbers[size - 1](outer, run, numbers, block) };
            }
        }
        block += blocks;
    }
}

/// So many numbers in as few tiles of at most so many as it takes, of sizes that differ by one at most: ranges that are not
/// empty, and the size of the tiles in them.
fn tiles(count: usize, most: usize) -> impl Iterator<Item = (Range<usize>, usize)> {
    let tiles = count.div_ceil(most);
    let (size, larger) = (count / tiles, count % tiles);
    let middle = larger * (size + 1);
    let ranges = [(0..middle, size + 1), (middle..count, size)];
    ranges.into_iter().filter(|(range, _)| !range.is_empty())
}

/// For how many blocks, of so many that are left, and by which sweeps.
fn choose(sweeps: Sweeps, blocks: usize, width: usize) -> (usize, &'static [Sweep]) {
    // From the most blocks to the fewest: where a row is so short that one tile takes it, more blocks share its windows.
    let fitting = sweeps
        .iter()
        .filter(|(of_blocks, by_windows)| {
            *of_blocks <= blocks && (*of_blocks <= 2 || width <= by_windows.len())
        })
        .max_by_key(|(of_blocks, _)| *of_blocks);
    *fitting.unwrap_or(&sweeps[0])
}
