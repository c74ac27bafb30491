//! The pixels of one image as they were asked for.

use ndarray::Array3;

use crate::findings::Findings;

/// The pixels of one image as they were asked for, see [`read_planes`](crate::read_planes) and [`open_planes`](crate::open_planes).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Planes {
    /// `[c, h, w]`, bytes over their full range.
    pub pixels: Array3<u8>,
    /// What a user should be told of the file.
    pub findings: Findings,
}
