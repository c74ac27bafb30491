//! What becomes of the size of an image.

/// What becomes of the size of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Resize {
    /// Keeps it.
    #[default]
    None,
    /// Keeps every k-th row and column from the first on, as NumPy's `[::k, ::k]`: sides become
    /// `ceil(side / k)`. Nothing smooths the image first, so fine patterns alias.
    Stride(usize),
    /// The mean over the area that each new pixel covers, with border pixels weighted by the part
    /// of them that is covered. It is exact: integers throughout, rounded once at the end. Images
    /// of any size and shape are stretched to this one; a larger one is made by repetition.
    Area {
        /// Rows of the result.
        height: usize,
        /// Columns of the result.
        width: usize,
    },
}

impl Resize {
    /// `(width, height)` of the result for an image of that size; `None` where a step or a side is
    /// zero.
    pub(crate) fn size(self, (width, height): (usize, usize)) -> Option<(usize, usize)> {
        match self {
            Self::None => Some((width, height)),
            Self::Stride(0) | Self::Area { height: 0, .. } | Self::Area { width: 0, .. } => None,
            Self::Stride(k) => Some((width.div_ceil(k), height.div_ceil(k))),
            Self::Area { height, width } => Some((width, height)),
        }
    }
}
