//! The tests of `siamese-infer` that need no libtorch; those against it are in `siamese-model`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod model;
#[cfg(feature = "onnx")]
mod ready;
