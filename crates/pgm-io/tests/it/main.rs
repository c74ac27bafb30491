//! The tests of `pgm-io`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod colour;
mod decode;
mod formats;
mod hostile;
mod near_duplicates;
mod plane_reader;
mod refuse;
mod round_trip;
mod stack;
