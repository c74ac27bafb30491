//! A data set: who is in which image, and the pixels.

mod bad;
mod checksums;
mod data_set;
mod files;
mod how_read;
mod images;
mod memory;
mod remarks;
mod said;
mod source;
mod unnamed;

pub use bad::{LeftOut, SubjectLeft};
pub use checksums::Checksums;
pub use data_set::Data;
pub use how_read::HowRead;
pub use images::{LoadedImages, load};
pub use memory::half_of_what_is_free;
pub(crate) use remarks::Remarks;
pub use source::DataSource;
