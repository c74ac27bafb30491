//! The first pass: products of coded rows and coded queries, by the instructions that the processor has.
//!
//! Rows lie in groups of 16. A group holds the first four codes of each of its rows, then the next four of each, and so
//! on: 64 bytes at a time, so that a register sums up for many rows and nothing is ever added across a register.
//!
//! The products are whole numbers, and so are the same on every processor.

mod driver;
mod portable;
// The only unsafe code of the crate: loads, stores and calls that need instructions the compiler does not take for granted.
#[cfg(target_arch = "aarch64")]
#[allow(unsafe_code, reason = "processor instructions")]
mod neon;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "processor instructions")]
mod x86;

use super::codes::CodedQuery;
use crate::error::Error;

/// Bytes of four codes of each row of a group.
pub(super) const WIDTH: usize = 4 * super::codes::GROUP;

/// Groups that are looked at together; blocks hold a multiple of it.
pub(super) const STRIDE: usize = 4;

/// The instructions that a search runs on. All find the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstructionSet {
    /// AVX-512 with BW and VNNI (x86-64 servers since 2019, Zen 4).
    Avx512,
    /// AVX2 (x86-64 since 2013).
    Avx2,
    /// NEON (every 64-bit ARM).
    Neon,
    /// What the compiler makes of plain Rust.
    Portable,
}

impl InstructionSet {
    /// All that this processor has, the fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [Self::Avx512, Self::Avx2, Self::Neon, Self::Portable]
            .into_iter()
            .filter(|set| set.is_there())
            .collect()
    }

    /// The fastest that this processor has.
    #[must_use]
    pub fn best() -> Self {
        Self::available().first().copied().unwrap_or(Self::Portable)
    }

    fn is_there(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vnni")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            Self::Portable => true,
            #[allow(unreachable_patterns, reason = "those of other processors")]
            _ => false,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512 with VNNI",
            Self::Avx2 => "AVX2",
            Self::Neon => "NEON",
            Self::Portable => "portable code",
        }
    }
}

/// Coded rows: groups one after the other, and what bounds their errors.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// [`WIDTH`] codes for each four dimensions of each group.
    pub(super) codes: &'a [[i8; WIDTH]],
    pub(super) step: &'a [f32],
    pub(super) error: &'a [f32],
    pub(super) length: &'a [f32],
}

/// An instruction set that the processor is known to have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel(InstructionSet);

impl Kernel {
    pub(super) fn new(set: InstructionSet) -> Result<Self, Error> {
        if set.is_there() {
            Ok(Self(set))
        } else {
            Err(Error::InstructionSet { wanted: set.name() })
        }
    }

    /// The largest likeness of each row to each query: `out[query * rows + row]`. The number of rows is a multiple of
    /// [`STRIDE`] groups.
    #[cfg_attr(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        allow(unsafe_code, reason = "one call each")
    )]
    pub(super) fn bounds(self, rows: Rows<'_>, queries: &[CodedQuery], out: &mut [f32]) {
        match self.0 {
            // SAFETY: `new` found these instructions on this processor.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => unsafe { x86::bounds_avx512(rows, queries, out) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => unsafe { x86::bounds_avx2(rows, queries, out) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => unsafe { neon::bounds(rows, queries, out) },
            _ => portable::bounds(rows, queries, out),
        }
    }
}

#[cfg(test)]
mod tests;
