//! What libtorch's Rust bindings leave out of CUDA: whether products may be of TF32, which of cuDNN's kernels are taken, and how
//! much of a GPU's memory is free.

#![allow(
    unsafe_code,
    reason = "calls of cuda.cpp, which keeps nothing of what it is given"
)]

use std::ffi::c_int;
use std::fmt;

// So that libtorch is linked.
use torch_sys as _;

unsafe extern "C" {
    fn libtorch_cuda_set_switches(
        tf32_convolutions: c_int,
        tf32_products: c_int,
        deterministic: c_int,
        benchmark: c_int,
    ) -> c_int;
    fn libtorch_cuda_switches(
        tf32_convolutions: *mut c_int,
        tf32_products: *mut c_int,
        deterministic: *mut c_int,
        benchmark: *mut c_int,
    ) -> c_int;
    fn libtorch_cuda_free_memory(device: c_int, bytes: *mut u64) -> c_int;
}

/// How libtorch computes on NVIDIA GPUs. The default is libtorch's own. Without a GPU they do nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// cuDNN's convolutions round what they multiply to TF32, 10 bits after the point in place of 23.
    pub tf32_convolutions: bool,
    /// Products of matrices do.
    pub tf32_products: bool,
    /// cuDNN takes only kernels that give the same bytes each time.
    pub deterministic: bool,
    /// cuDNN tries its kernels on each new shape, and takes the fastest.
    pub benchmark: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            tf32_convolutions: true,
            tf32_products: false,
            deterministic: false,
            benchmark: false,
        }
    }
}

/// libtorch refuses a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("libtorch refuses its own switches for TF32 and cuDNN: is it another version than the one built for?")
    }
}

impl std::error::Error for Refused {}

impl Switches {
    /// As they are.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn current() -> Result<Self, Refused> {
        let mut found = [0; 4];
        let [a, b, c, d] = &mut found;
        // SAFETY: it writes one number to each of the four, and keeps none of them.
        match unsafe { libtorch_cuda_switches(a, b, c, d) } {
            0 => {
                let [tf32_convolutions, tf32_products, deterministic, benchmark] =
                    found.map(|switch| switch != 0);
                Ok(Self {
                    tf32_convolutions,
                    tf32_products,
                    deterministic,
                    benchmark,
                })
            }
            _ => Err(Refused),
        }
    }

    /// Sets all of them, for the whole process.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn set(self) -> Result<(), Refused> {
        let [convolutions, products, deterministic, benchmark] = [
            self.tf32_convolutions,
            self.tf32_products,
            self.deterministic,
            self.benchmark,
        ]
        .map(c_int::from);
        // SAFETY: it takes numbers alone.
        match unsafe {
            libtorch_cuda_set_switches(convolutions, products, deterministic, benchmark)
        } {
            0 => Ok(()),
            _ => Err(Refused),
        }
    }
}

/// The free memory of this GPU, in bytes, as its driver says: what libtorch keeps for later counts as taken; `None` where there is no such GPU.
#[must_use]
pub fn free_memory(device: usize) -> Option<u64> {
    let device = c_int::try_from(device).ok()?;
    let mut bytes = 0;
    // SAFETY: it writes one number, and keeps nothing.
    match unsafe { libtorch_cuda_free_memory(device, &raw mut bytes) } {
        0 => Some(bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Switches, free_memory};

    #[test]
    fn a_gpu_that_is_not_there_has_no_memory() {
        assert_eq!(free_memory(100), None);
    }

    #[test]
    fn each_switch_is_set_on_its_own_and_libtorch_begins_with_the_default() {
        let usual = Switches::default();
        assert_eq!(Switches::current(), Ok(usual));
        for changed in [
            Switches {
                tf32_convolutions: false,
                ..usual
            },
            Switches {
                tf32_products: true,
                ..usual
            },
            Switches {
                deterministic: true,
                ..usual
            },
            Switches {
                benchmark: true,
                ..usual
            },
        ] {
            changed.set().unwrap();
            assert_eq!(Switches::current(), Ok(changed));
        }
        usual.set().unwrap();
        assert_eq!(Switches::current(), Ok(usual));
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
