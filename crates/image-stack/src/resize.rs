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
    /// The mean over areas as under [`Area`](Self::Area), as large as it fits into this size without being stretched, in the
    /// middle of a ground of one colour. Sides are rounded to the nearest pixel; where a margin is odd, the right or the lower one is
    /// wider.
    Fit {
        /// Rows of the result.
        height: usize,
        /// Columns of the result.
        width: usize,
        /// Red, green and blue of the ground; of grey images their luma.
        fill: [u8; 3],
        /// Pixels of the ground on each side that the image stays out of.
        margin: usize,
    },
}

impl Resize {
    /// Whether images of any size become images of one.
    #[must_use]
    pub fn takes_any_size(self) -> bool {
        matches!(self, Self::Area { .. } | Self::Fit { .. })
    }

    /// `(width, height)` of the result for an image of that size; `None` where a step or a side is
    /// zero.
    pub(crate) fn size(self, (width, height): (usize, usize)) -> Option<(usize, usize)> {
        match self {
            Self::None => Some((width, height)),
            Self::Stride(0)
            | Self::Area { height: 0, .. }
            | Self::Area { width: 0, .. }
            | Self::Fit { height: 0, .. }
            | Self::Fit { width: 0, .. } => None,
            Self::Fit {
                height,
                width,
                margin,
                ..
            } if margin >= height.min(width).div_ceil(2) => None,
            Self::Stride(k) => Some((width.div_ceil(k), height.div_ceil(k))),
            Self::Area { height, width } | Self::Fit { height, width, .. } => Some((width, height)),
        }
    }
}

/// `(width, height)` of an image of size `old` that fits into `new` without being stretched.
pub(crate) fn fitted(old: (usize, usize), new: (usize, usize)) -> (usize, usize) {
    let ((old_width, old_height), (width, height)) = (old, new);
    let scaled = |side: usize, by: usize, of: usize| {
        let (side, by, of) = (side as u128, by as u128, of.max(1) as u128);
        ((2 * side * by + of) / (2 * of)).max(1) as usize
    };
    match old_width as u128 * height as u128 > width as u128 * old_height as u128 {
        true => (width, scaled(old_height, width, old_width).min(height)),
        false => (scaled(old_width, height, old_height).min(width), height),
    }
}
