//! Which image shows whom: read from folders, from a list, or made in memory.

mod from_csv;
mod numbering;
mod scan;

pub use numbering::Catalog;
pub use scan::{ScanOptions, ScanReport};
