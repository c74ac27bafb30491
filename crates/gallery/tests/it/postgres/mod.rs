//! What is PostgreSQL's alone: see also the tests in the other modules that run on each store.

mod cut;
mod faults;
mod in_store;
mod schema;
mod server;
mod tls;

pub(crate) use server::{Server, shared};
