//! AVX-512 and AVX2.

use std::arch::x86_64::*;
use std::ops::Range;

use super::outer::sweep as outer_sweep;
use super::tile::{Registers, sweep};
use super::{OuterSweeps, Sweep, Sweeps};
use crate::outer::Outer;
use crate::product::Product;
use crate::weights::{Block, Weights};

/// One register holds a block.
#[derive(Clone, Copy)]
struct One(__m512);

/// Two registers hold a block.
#[derive(Clone, Copy)]
struct Two(__m256, __m256);

impl Registers for One {
    #[inline(always)]
    unsafe fn load_block(from: *const Block) -> Self {
        // SAFETY: as the trait says; a block is aligned.
        Self(unsafe { _mm512_load_ps(from.cast()) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the trait says.
        Self(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the trait says.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn repeat(number: *const f32) -> Self {
        // SAFETY: as the trait says.
        Self(unsafe { _mm512_set1_ps(*number) })
    }

    #[inline(always)]
    unsafe fn add_product(self, x: Self, weights: Self) -> Self {
        // SAFETY: as the trait says.
        Self(unsafe { _mm512_fmadd_ps(x.0, weights.0, self.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: as the trait says.
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        // SAFETY: as the trait says. Where one is no number, the second one is taken.
        Self(unsafe { _mm512_max_ps(_mm512_setzero_ps(), self.0) })
    }
}

impl Registers for Two {
    #[inline(always)]
    unsafe fn load_block(from: *const Block) -> Self {
        let from = from.cast::<f32>();
        // SAFETY: as the trait says; a block is aligned.
        unsafe { Self(_mm256_load_ps(from), _mm256_load_ps(from.add(8))) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the trait says.
        unsafe { Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the trait says.
        unsafe {
            _mm256_storeu_ps(to, self.0);
            _mm256_storeu_ps(to.add(8), self.1);
        }
    }

    #[inline(always)]
    unsafe fn repeat(number: *const f32) -> Self {
        // SAFETY: as the trait says.
        let both = unsafe { _mm256_set1_ps(*number) };
        Self(both, both)
    }

    #[inline(always)]
    unsafe fn add_product(self, x: Self, weights: Self) -> Self {
        // SAFETY: as the trait says.
        unsafe {
            Self(
                _mm256_fmadd_ps(x.0, weights.0, self.0),
                _mm256_fmadd_ps(x.1, weights.1, self.1),
            )
        }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: as the trait says.
        unsafe {
            Self(
                _mm256_add_ps(self.0, other.0),
                _mm256_add_ps(self.1, other.1),
            )
        }
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        // SAFETY: as the trait says. Where one is no number, the second one is taken.
        unsafe {
            let zero = _mm256_setzero_ps();
            Self(_mm256_max_ps(zero, self.0), _mm256_max_ps(zero, self.1))
        }
    }
}

/// # Safety
/// As [`sweep`].
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const WINDOWS: usize, const BLOCKS: usize>(
    weights: &Weights,
    block: usize,
    product: &mut Product<'_>,
    columns: Range<usize>,
) {
    // SAFETY: as this function says.
    unsafe { sweep::<One, WINDOWS, BLOCKS>(weights, block, product, columns) }
}

/// # Safety
/// As [`sweep`].
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const WINDOWS: usize, const BLOCKS: usize>(
    weights: &Weights,
    block: usize,
    product: &mut Product<'_>,
    columns: Range<usize>,
) {
    // SAFETY: as this function says.
    unsafe { sweep::<Two, WINDOWS, BLOCKS>(weights, block, product, columns) }
}

/// Of 32 registers 24 to 28 hold sums.
pub(super) const AVX512: Sweeps = &[
    (1, &ONE_BLOCK),
    (2, &TWO_BLOCKS),
    (4, &FOUR_BLOCKS),
    (8, &EIGHT_BLOCKS),
];

const ONE_BLOCK: [Sweep; 14] = [
    avx512::<1, 1>,
    avx512::<2, 1>,
    avx512::<3, 1>,
    avx512::<4, 1>,
    avx512::<5, 1>,
    avx512::<6, 1>,
    avx512::<7, 1>,
    avx512::<8, 1>,
    avx512::<9, 1>,
    avx512::<10, 1>,
    avx512::<11, 1>,
    avx512::<12, 1>,
    avx512::<13, 1>,
    avx512::<14, 1>,
];

const TWO_BLOCKS: [Sweep; 12] = [
    avx512::<1, 2>,
    avx512::<2, 2>,
    avx512::<3, 2>,
    avx512::<4, 2>,
    avx512::<5, 2>,
    avx512::<6, 2>,
    avx512::<7, 2>,
    avx512::<8, 2>,
    avx512::<9, 2>,
    avx512::<10, 2>,
    avx512::<11, 2>,
    avx512::<12, 2>,
];

const FOUR_BLOCKS: [Sweep; 6] = [
    avx512::<1, 4>,
    avx512::<2, 4>,
    avx512::<3, 4>,
    avx512::<4, 4>,
    avx512::<5, 4>,
    avx512::<6, 4>,
];

const EIGHT_BLOCKS: [Sweep; 3] = [avx512::<1, 8>, avx512::<2, 8>, avx512::<3, 8>];

/// Of 16 registers 8 to 12 hold sums.
pub(super) const AVX2: Sweeps = &[
    (
        1,
        &[
            avx2::<1, 1>,
            avx2::<2, 1>,
            avx2::<3, 1>,
            avx2::<4, 1>,
            avx2::<5, 1>,
            avx2::<6, 1>,
        ],
    ),
    (4, &[avx2::<1, 4>]),
];

/// # Safety
/// As [`outer_sweep`].
#[target_feature(enable = "avx512f")]
unsafe fn outer_avx512<const NUMBERS: usize, const BLOCKS: usize>(
    outer: &mut Outer<'_>,
    run: usize,
    numbers: Range<usize>,
    block: usize,
) {
    // SAFETY: as this function says.
    unsafe { outer_sweep::<One, NUMBERS, BLOCKS>(outer, run, numbers, block) }
}

/// # Safety
/// As [`outer_sweep`].
#[target_feature(enable = "avx2,fma")]
unsafe fn outer_avx2<const NUMBERS: usize, const BLOCKS: usize>(
    outer: &mut Outer<'_>,
    run: usize,
    numbers: Range<usize>,
    block: usize,
) {
    // SAFETY: as this function says.
    unsafe { outer_sweep::<Two, NUMBERS, BLOCKS>(outer, run, numbers, block) }
}

/// Of 32 registers 24 hold sums.
pub(super) const OUTER_AVX512: OuterSweeps = &[
    (
        1,
        &[
            outer_avx512::<1, 1>,
            outer_avx512::<2, 1>,
            outer_avx512::<3, 1>,
            outer_avx512::<4, 1>,
            outer_avx512::<5, 1>,
            outer_avx512::<6, 1>,
            outer_avx512::<7, 1>,
            outer_avx512::<8, 1>,
            outer_avx512::<9, 1>,
            outer_avx512::<10, 1>,
            outer_avx512::<11, 1>,
            outer_avx512::<12, 1>,
            outer_avx512::<13, 1>,
            outer_avx512::<14, 1>,
            outer_avx512::<15, 1>,
            outer_avx512::<16, 1>,
        ],
    ),
    (
        2,
        &[
            outer_avx512::<1, 2>,
            outer_avx512::<2, 2>,
            outer_avx512::<3, 2>,
            outer_avx512::<4, 2>,
            outer_avx512::<5, 2>,
            outer_avx512::<6, 2>,
            outer_avx512::<7, 2>,
            outer_avx512::<8, 2>,
            outer_avx512::<9, 2>,
            outer_avx512::<10, 2>,
            outer_avx512::<11, 2>,
            outer_avx512::<12, 2>,
        ],
    ),
    (
        4,
        &[
            outer_avx512::<1, 4>,
            outer_avx512::<2, 4>,
            outer_avx512::<3, 4>,
            outer_avx512::<4, 4>,
            outer_avx512::<5, 4>,
            outer_avx512::<6, 4>,
        ],
    ),
];

/// Of 16 registers 12 hold sums.
pub(super) const OUTER_AVX2: OuterSweeps = &[
    (
        1,
        &[
            outer_avx2::<1, 1>,
            outer_avx2::<2, 1>,
            outer_avx2::<3, 1>,
            outer_avx2::<4, 1>,
            outer_avx2::<5, 1>,
            outer_avx2::<6, 1>,
        ],
    ),
    (
        2,
        &[outer_avx2::<1, 2>, outer_avx2::<2, 2>, outer_avx2::<3, 2>],
    ),
];
