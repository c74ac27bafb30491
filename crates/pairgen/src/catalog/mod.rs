//! Which image shows which subject: read from folders, from a list, or made in memory.

mod alike;
mod families;
mod file_name;
mod folder;
mod forged;
mod from_csv;
mod groups;
mod kind;
mod layout;
mod likely;
mod nothing_found;
mod numbering;
mod parts;
mod report;
mod runs;
mod scan;
mod walk;

pub use alike::AlikeNames;
pub use kind::{ParseSampleKindError, SampleKind};
pub use layout::Layout;
pub use numbering::Catalog;
pub use report::{LinkAcross, ScanReport};
pub use scan::ScanOptions;

pub(crate) use alike::alike;
pub(crate) use from_csv::{COLUMNS as IMAGE_COLUMNS, HEADERS as IMAGE_LISTS};
pub(crate) use parts::{Part, part_of};
pub(crate) use runs::RunSamples;
