//! The tests of `siamese-net`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod atomic;
mod compare;
mod contract;
mod hostile;
mod model_file;
#[cfg(feature = "images")]
mod picture;
mod refused;
mod small;
