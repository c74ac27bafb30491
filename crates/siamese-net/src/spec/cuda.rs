//! How libtorch computes on an NVIDIA GPU.

use serde::{Deserialize, Serialize};

/// How libtorch computes on an NVIDIA GPU while a network is trained. The default is libtorch's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CudaSpec {
    /// What is computed from numbers rounded to TF32.
    pub tf32: Tf32,
    /// cuDNN takes only kernels that give the same bytes each time.
    pub deterministic: bool,
    /// cuDNN tries its kernels on each new shape, and takes the fastest.
    pub benchmark: bool,
}

/// What is computed from numbers rounded to TF32, which have 10 bits after the point where f32 has 23. Sums are f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tf32 {
    /// Nothing.
    None,
    /// Convolutions.
    #[default]
    Convolutions,
    /// Convolutions and products of matrices.
    All,
}

impl CudaSpec {
    /// Whether it is what recipes mean that do not speak of it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
