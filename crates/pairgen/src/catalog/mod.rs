//! Which image shows which subject: read from folders, from a list, or made in memory.

mod folder;
mod from_csv;
mod numbering;
mod scan;

pub use numbering::Catalog;
pub use scan::{ScanOptions, ScanReport};
