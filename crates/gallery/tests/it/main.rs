//! The tests of `gallery`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod deletion;
mod exchange;
mod gallery;
mod kept;
mod kill;
mod made;
#[cfg(feature = "postgres")]
mod postgres;
mod search;
mod store;
