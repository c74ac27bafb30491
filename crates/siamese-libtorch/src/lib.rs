//! For the build scripts of crates on libtorch: they depend on this crate, so its own build script runs before them, and
//! before the bindings are built, and says in one sentence where libtorch is missing.
//!
//! `torch-sys` finds libtorch where `LIBTORCH` says, in the installed PyTorch where `LIBTORCH_USE_PYTORCH` is set, or among
//! the system's libraries. The build script looks in the same places. This crate has no dependencies, and several build
//! scripts wait for it: that is why cargo runs it early.

use std::path::PathBuf;

/// The version of libtorch that `siamese-model` speaks to.
pub const VERSION: &str = include_str!("version.txt");

/// In a build script: puts the folder of libtorch, which the environment variable of this name holds, into the run path
/// of what is built here, and hands it on to dependents as `libtorch_lib`. Does nothing where the variable is not set.
///
/// Gives the folder.
#[allow(
    clippy::print_stdout,
    reason = "this is how a build script speaks to cargo"
)]
pub fn hand_on(variable: &str) -> Option<String> {
    println!("cargo::rerun-if-env-changed={variable}");
    let lib = std::env::var(variable).ok()?;
    println!("cargo::rustc-link-arg=-Wl,-rpath,{lib}");
    println!("cargo::metadata=libtorch_lib={lib}");
    Some(lib)
}

/// In the build script of a crate that names `torch-sys`, which has found libtorch: its folder, put into the run path and handed on as
/// [`hand_on`] does. Its headers are in the folder `include`, its libraries in `lib`.
///
/// # Errors
/// What to do, where `torch-sys` has found none.
pub fn folder() -> Result<PathBuf, &'static str> {
    // Set by torch-sys, which declares `links = "tch"`.
    let lib = hand_on("DEP_TCH_LIBTORCH_LIB")
        .ok_or("torch-sys did not say where libtorch lies: run scripts/setup.sh")?;
    match PathBuf::from(lib).parent() {
        Some(folder) => Ok(folder.to_owned()),
        None => Err("libtorch's lib folder has no parent: run scripts/setup.sh"),
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
