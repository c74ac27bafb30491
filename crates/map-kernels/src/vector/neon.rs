//! NEON.

use std::arch::aarch64::*;
use std::ops::Range;

use super::outer::sweep as outer_sweep;
use super::tile::{Registers, sweep};
use super::{OuterSweeps, Sweeps};
use crate::outer::Outer;
use crate::product::Product;
use crate::weights::{Block, Weights};

/// Four registers hold a block.
#[derive(Clone, Copy)]
struct Four([float32x4_t; 4]);

impl Registers for Four {
    #[inline(always)]
    unsafe fn load_block(from: *const Block) -> Self {
        // SAFETY: as the trait says.
        unsafe { Self::load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the trait says.
        unsafe {
            Self([
                vld1q_f32(from),
                vld1q_f32(from.add(4)),
                vld1q_f32(from.add(8)),
                vld1q_f32(from.add(12)),
            ])
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the trait says.
        unsafe {
            vst1q_f32(to, self.0[0]);
            vst1q_f32(to.add(4), self.0[1]);
            vst1q_f32(to.add(8), self.0[2]);
            vst1q_f32(to.add(12), self.0[3]);
        }
    }

    #[inline(always)]
    unsafe fn repeat(number: *const f32) -> Self {
        // SAFETY: as the trait says.
        Self([unsafe { vdupq_n_f32(*number) }; 4])
    }

    #[inline(always)]
    unsafe fn add_product(mut self, x: Self, weights: Self) -> Self {
        for ((sum, x), weights) in self.0.iter_mut().zip(x.0).zip(weights.0) {
            // SAFETY: as the trait says.
            *sum = unsafe { vfmaq_f32(*sum, x, weights) };
        }
        self
    }

    #[inline(always)]
    unsafe fn add(mut self, other: Self) -> Self {
        for (sum, other) in self.0.iter_mut().zip(other.0) {
            // SAFETY: as the trait says.
            *sum = unsafe { vaddq_f32(*sum, other) };
        }
        self
    }

    #[inline(always)]
    unsafe fn relu(mut self) -> Self {
        for value in &mut self.0 {
            // SAFETY: as the trait says.
            unsafe {
                let zero = vdupq_n_f32(0.0);
                *value = vbslq_f32(vcltq_f32(*value, zero), zero, *value);
            }
        }
        self
    }
}

/// # Safety
/// As [`sweep`].
#[target_feature(enable = "neon")]
unsafe fn neon<const WINDOWS: usize, const BLOCKS: usize>(
    weights: &Weights,
    block: usize,
    product: &mut Product<'_>,
    columns: Range<usize>,
) {
    // SAFETY: as this function says.
    unsafe { sweep::<Four, WINDOWS, BLOCKS>(weights, block, product, columns) }
}

/// Of 32 registers 16 to 24 hold sums.
pub(super) const SWEEPS: Sweeps = &[
    (
        1,
        &[
            neon::<1, 1>,
            neon::<2, 1>,
            neon::<3, 1>,
            neon::<4, 1>,
            neon::<5, 1>,
            neon::<6, 1>,
        ],
    ),
    (4, &[neon::<1, 4>]),
];

/// # Safety
/// As [`outer_sweep`].
#[target_feature(enable = "neon")]
unsafe fn outer_neon<const NUMBERS: usize, const BLOCKS: usize>(
    outer: &mut Outer<'_>,
    run: usize,
    numbers: Range<usize>,
    block: usize,
) {
    // SAFETY: as this function says.
    unsafe { outer_sweep::<Four, NUMBERS, BLOCKS>(outer, run, numbers, block) }
}

/// Of 32 registers 24 hold sums.
pub(super) const OUTER_SWEEPS: OuterSweeps = &[(
    1,
    &[
        outer_neon::<1, 1>,
        outer_neon::<2, 1>,
        outer_neon::<3, 1>,
        outer_neon::<4, 1>,
        outer_neon::<5, 1>,
        outer_neon::<6, 1>,
    ],
)];
