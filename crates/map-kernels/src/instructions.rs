//! The instructions of a processor that kernels are made of.

use std::fmt;

/// Instructions to compute with.
///
/// All but [`Self::PORTABLE`] multiply and add in one step, so their results are the same to the byte. The portable ones
/// round in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instructions(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fused(Vectors),
    Portable,
}

/// Instructions that multiply and add many numbers at once. One is only made where the processor has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vectors {
    /// AVX-512, of x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 and FMA, of x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// NEON, of aarch64.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Instructions {
    /// What every processor has. Slow: for tests, and for processors that have nothing else.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// The fastest that this processor has.
    #[must_use]
    pub fn best() -> Self {
        Self::available().first().copied().unwrap_or(Self::PORTABLE)
    }

    /// All that this processor has, the fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let found = vectors()
            .into_iter()
            .map(|vectors| Self(Kind::Fused(vectors)));
        found.chain([Self::PORTABLE]).collect()
    }

    /// Those that multiply and add at once.
    pub(crate) fn fused(self) -> Option<Vectors> {
        match self.0 {
            Kind::Fused(vectors) => Some(vectors),
            Kind::Portable => None,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn vectors() -> Vec<Vectors> {
    let mut found = Vec::new();
    if is_x86_feature_detected!("avx512f") {
        found.push(Vectors::Avx512);
    }
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        found.push(Vectors::Avx2);
    }
    found
}

#[cfg(target_arch = "aarch64")]
fn vectors() -> Vec<Vectors> {
    match std::arch::is_aarch64_feature_detected!("neon") {
        true => vec![Vectors::Neon],
        false => Vec::new(),
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn vectors() -> Vec<Vectors> {
    Vec::new()
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Fused(Vectors::Avx512) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Kind::Fused(Vectors::Avx2) => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Kind::Fused(Vectors::Neon) => "NEON",
            Kind::Portable => "portable",
        })
    }
}
