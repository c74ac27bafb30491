//! Says at build time that libtorch is missing, before anything that needs it is built: see the build script.
//!
//! `torch-sys` finds libtorch where `LIBTORCH` says, in the installed PyTorch where `LIBTORCH_USE_PYTORCH` is set, or among
//! the system's libraries. This crate looks in the same places. It has no dependencies, so that its build script runs
//! while those of the bindings are still being compiled.

/// The version of libtorch that `siamese-model` speaks to.
pub const VERSION: &str = include_str!("version.txt");

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
