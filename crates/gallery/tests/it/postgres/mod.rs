//! What is PostgreSQL's alone: see also the tests in the other modules that run on each store.

mod cut;
mod faults;
mod schema;
mod server;

pub(crate) use server::{Server, shared};
