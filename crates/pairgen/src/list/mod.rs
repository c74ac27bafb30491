//! Lists written by hand: CSV with a fixed header, or plain lines. No catalogue is needed to read one.

pub(crate) mod file;
pub(crate) mod names;
pub(crate) mod subjects;
