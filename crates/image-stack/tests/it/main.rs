//! The tests of `image-stack`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod alpha;
mod bytes;
mod colour;
#[cfg(feature = "formats")]
mod cut;
mod fit;
mod formats;
#[cfg(feature = "formats")]
mod hostile;
#[cfg(feature = "formats")]
mod jpeg;
#[cfg(feature = "formats")]
mod made;
mod plane_reader;
mod quality;
mod stack;
#[cfg(feature = "formats")]
mod tiff;
