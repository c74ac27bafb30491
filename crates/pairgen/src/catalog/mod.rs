//! Which image shows which subject: read from folders, from a list, or made in memory.

mod alike;
mod families;
mod folder;
mod from_csv;
mod groups;
mod layout;
mod nothing_found;
mod numbering;
mod parts;
mod report;
mod runs;
mod scan;
mod walk;

pub use alike::AlikeNames;
pub use layout::Layout;
pub use numbering::Catalog;
pub use report::{LinkAcross, ScanReport};
pub use scan::ScanOptions;

pub(crate) use alike::alike;
pub(crate) use from_csv::HEADERS as IMAGE_LISTS;
pub(crate) use parts::{Part, part_of};
pub(crate) use runs::RunSamples;
