//! The tests of `image-stack`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bytes;
mod colour;
mod formats;
#[cfg(feature = "formats")]
mod jpeg;
mod plane_reader;
mod stack;
