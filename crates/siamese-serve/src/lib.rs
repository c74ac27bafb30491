//! Galleries of people over HTTP: enrol, verify and identify from pictures, with decisions at calibrated error rates.
//!
//! [`Server`] opens galleries, each with the model that it keeps, and answers under `/v1/`; `/openapi.json` and `/docs` say what
//! is there, and `/` is a page for people. It needs no libtorch, and no other program: a gallery is one file, or with the feature
//! `postgres` one in a PostgreSQL database, where several servers share it.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use siamese_serve::{Server, Settings};
//!
//! # async fn example() -> Result<(), siamese_serve::Error> {
//! let settings = Settings::new(([127, 0, 0, 1], 8080).into(), vec![Path::new("staff.db").into()]);
//! let server = Server::bind(settings, |line| eprintln!("{line}")).await?;
//! println!("http://{}/", server.address());
//! server.run(std::future::pending()).await;
//! # Ok(())
//! # }
//! ```
//!
//! # How it works
//!
//! - A request passes, from outside in: its id, the names of hosts and sites, keys, sizes and times, and its handler. Every
//!   answer that is no success is a problem document (RFC 9457) with a `code`.
//! - A body is read only where memory allows it: all requests that are being answered share a budget. Pictures wait in a
//!   bounded queue. What does not fit is answered with 503 and Retry-After at once.
//! - Pictures are decoded a few at a time, and embedded in batches on a thread of their model.
//! - Each gallery has a thread of its own, which does everything in order; searches that wait are done in one pass.
//! - No address but a loopback one is listened on without keys, and names of hosts are checked in any case.
//!
//! Other than the libraries below it, it asks for the time: people expire, and the audit log says when.

mod access;
mod alarm;
mod api;
mod app;
mod audit;
mod background;
mod clock;
mod conditional;
mod cursor;
mod docs;
mod engine;
mod error;
mod guard;
mod hex;
mod hosts;
mod idempotency;
mod jobs;
mod keys;
mod memory;
mod metrics;
mod name;
mod problem;
mod rates;
mod recent;
mod server;
mod settings;
mod shelf;
mod shelves;
mod upload;

pub use error::Error;
pub use keys::{Key, KeyFile, NewKey, Scope};
pub use server::{Server, openapi};
pub use settings::{Limits, Settings};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
