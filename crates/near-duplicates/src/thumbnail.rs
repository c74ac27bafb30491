//! A small grey picture that stands for an image.

/// Rows and columns of a thumbnail.
pub(crate) const SIDE: usize = 24;

/// The thumbnail of an image, row by row.
pub(crate) type Thumbnail = [u8; SIDE * SIDE];
