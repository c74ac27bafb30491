//! Pictures: losses, distances, sheets of images.

mod canvas;
mod contact_sheet;
mod distances;
mod losses;
#[cfg(feature = "train")]
mod preview;

pub use contact_sheet::{Block, Layout};
pub use distances::{Panel, distance_histograms};
pub use losses::loss_curves;
#[cfg(feature = "train")]
pub use preview::{PreviewSheet, PreviewedNetwork};
