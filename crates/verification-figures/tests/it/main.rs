//! The tests of `verification-figures`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calibration;
mod coverage;
#[cfg(feature = "serde")]
mod decided;
mod difference;
mod independent;
mod intervals;
mod levelled;
mod measured;
mod pooled_searches;
mod population;
mod reference_values;
mod scores;
mod search_and_retrieval;
#[cfg(feature = "serde")]
mod stored;
mod streaming;
mod subject_errors;
mod subjects_alike;
