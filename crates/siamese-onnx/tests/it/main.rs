//! The tests of `siamese-onnx`, one module a subject, in one program.
//!
//! Whether graphs give the embeddings of libtorch is tested in `siamese-model`, which has it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod export;
mod small;
