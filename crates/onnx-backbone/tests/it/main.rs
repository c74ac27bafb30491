//! The tests of `onnx-backbone`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod networks;
mod outline;
#[cfg(feature = "run")]
mod run;
mod written;
