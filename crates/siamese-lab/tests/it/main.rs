//! The tests of `siamese-lab`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod images;
#[cfg(feature = "train")]
mod in_process;
mod judge;
mod notes;
mod onnx;
