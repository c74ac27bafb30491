//! What stands before every handler: the request's id, names of hosts, keys, sizes and times.

mod authenticate;
mod body;
mod drained;
mod host;
mod noted;
mod outer;

pub(crate) use authenticate::authenticate;
pub(crate) use body::measure;
pub(crate) use host::check_host;
pub(crate) use outer::{MeantGallery, outer, panicked};
