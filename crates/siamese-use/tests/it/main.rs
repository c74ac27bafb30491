//! The tests of `siamese-use`, one module a subject, in one program. What the command shows is tested there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod lists;
mod pictures;
mod ready;
