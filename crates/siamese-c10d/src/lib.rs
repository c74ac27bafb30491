//! Processes that meet and exchange tensors, by libtorch's own c10d: on Gloo on CPUs, on NCCL on GPUs, without Python.
//!
//! [`Launch`] is what `torchrun`, Slurm or a shell script says by environment variables, [`Processes::meet`] waits until all
//! have come, and [`Processes::gather`] and [`Processes::exchange`] are the two exchanges that there are. No sums: which order
//! numbers are added in is the caller's business, and here it must not depend on how many processes there are.
//!
//! A process that ends, hangs or loses its network ends the others with its number ([`Error::Gone`]): within ten seconds where
//! its connections close, as they do when it is killed, and after [`SILENCE`] more where they do not. One that says why it
//! cannot go on ([`Processes::fail`]) ends them with its words.
//!
//! The packages of libtorch hold Gloo and leave out its headers. What libtorch's own headers name of them is declared in
//! `shim/gloo`; no object of Gloo is made or looked into here. NCCL is compiled in where libtorch is one for CUDA and
//! `nccl.h` is found (see `build.rs`).
//!
//! ```no_run
//! use siamese_c10d::{Launch, Processes};
//! use tch::{Device, Tensor};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let Some(launch) = Launch::from_environment(|name| std::env::var(name).ok())? else {
//!     return Ok(()); // Nobody launched several.
//! };
//! let processes = Processes::meet(&launch, Device::Cpu)?;
//! let ranks = processes.gather(&Tensor::from_slice(&[launch.rank as f32]))?;
//! assert_eq!(ranks.len(), launch.size);
//! # Ok(())
//! # }
//! ```

mod error;
mod ffi;
mod heart;
mod launch;
mod processes;

pub use error::Error;
pub use launch::Launch;
pub use processes::{Processes, SILENCE};

/// Whether tensors on GPUs can be exchanged: NCCL was found when this was built.
#[must_use]
pub fn has_nccl() -> bool {
    cfg!(nccl)
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
