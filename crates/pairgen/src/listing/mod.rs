//! What data sets and lists name, and what two of them share: the leak check.

mod builder;
mod contents;
mod files;
mod forms;
mod image;
mod overlap;
mod read;

pub use contents::{Listing, ListingCounts, ListingForm};
pub use files::{ListedFile, ListedFiles};
pub use overlap::Overlap;
