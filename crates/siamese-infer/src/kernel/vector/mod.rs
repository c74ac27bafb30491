//! The kernels in vector instructions: the only module with `unsafe`.
//!
//! A tile of windows, up to 14 of one row, times one to eight blocks of outputs stays in registers from the first input to
//! the last. How many fit is a matter of the processor; each size is compiled on its own, so that loops over windows and
//! blocks are unrolled.

#![allow(
    unsafe_code,
    reason = "vector instructions; everything they touch is checked by Product::check"
)]

#[cfg(target_arch = "aarch64")]
mod neon;
mod tile;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::instructions::Vectors;
use super::product::Product;
use super::weights::Weights;

/// Computes the blocks of outputs from one on, of as many as it was compiled for, in tiles of as many windows.
type Sweep = unsafe fn(&Weights, usize, &mut Product<'_>);

/// For tiles of so many blocks, the sweeps by tiles of 1, 2, 3 and so on windows.
type Sweeps = &'static [(usize, &'static [Sweep])];

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
        let (blocks, sweep) = choose(sweeps, weights.blocks() - block, product.width);
        // SAFETY: `Vectors` are only made where the processor has the instructions; `Product::check` has seen to it that
        // windows and outputs lie in their slices; and `choose` takes a sweep of no more blocks than are left, in tiles of
        // no more windows than are in a row.
        unsafe { sweep(weights, block, product) };
        block += blocks;
    }
}

/// For how many blocks, of so many that are left, and by which tiles.
fn choose(sweeps: Sweeps, blocks: usize, width: usize) -> (usize, Sweep) {
    // From the most blocks to the fewest: where a row is so short that one tile takes it, more blocks share its windows.
    let fitting = sweeps
        .iter()
        .filter(|(of_blocks, by_windows)| {
            *of_blocks <= blocks && (*of_blocks <= 2 || width <= by_windows.len())
        })
        .max_by_key(|(of_blocks, _)| *of_blocks);
    let &(of_blocks, by_windows) = fitting.unwrap_or(&sweeps[0]);
    // As few tiles as it takes, all of one size: the last begins early, and computes a few windows once more.
    let tiles = width.div_ceil(by_windows.len());
    (of_blocks, by_windows[width.div_ceil(tiles) - 1])
}
