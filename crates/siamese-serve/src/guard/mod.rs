//! What stands before every handler: the request's id, names of hosts, keys, sizes and times.

mod access;
mod body;
mod host;
mod outer;

pub(crate) use access::{Access, Caller, authenticate, session_cookie};
pub(crate) use body::measure;
pub(crate) use host::{Hosts, check_host};
pub(crate) use outer::{outer, panicked};
