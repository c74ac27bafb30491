//! The server as its clients have it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod compreface;
mod galleries;
mod hostile;
mod http;
mod jobs;
mod many;
mod people;
mod pictures;
mod started;
