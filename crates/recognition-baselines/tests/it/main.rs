//! The tests of `recognition-baselines`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod properties;
mod reference_values;
mod refuse;
