//! The tests of `pgm-io`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod decode;
mod hostile;
mod raster;
mod refuse;
mod round_trip;
