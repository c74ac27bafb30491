//! A data set: who is in which image, and the pixels.

mod checksums;
mod data_set;
mod files;
mod memory;
mod said;
mod source;

pub use checksums::Checksums;
pub use data_set::{Data, LoadedImages, load};
pub use memory::half_of_what_is_free;
pub use source::DataSource;
