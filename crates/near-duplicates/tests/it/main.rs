//! The tests of `near-duplicates`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod files;
mod near_duplicates;
mod photos;
