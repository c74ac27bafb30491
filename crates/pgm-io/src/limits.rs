//! How large an image may be before it is refused.

/// Upper bounds that are checked against a file's own claims before anything is allocated for it.
///
/// ```
/// use pgm_io::{DecodeError, Limits, decode};
///
/// let thumbnails = Limits::new().with_max_width(256).with_max_height(256);
/// let claims_a_lot = b"P5 4000000000 4000000000 255\n";
/// assert!(matches!(decode(claims_a_lot, &thumbnails), Err(DecodeError::Limit { .. })));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Largest width in pixels (default 65,536).
    pub max_width: usize,
    /// Largest height in pixels (default 65,536).
    pub max_height: usize,
    /// Largest `width * height` (default 2^27, about 134 million).
    pub max_pixels: usize,
    /// Largest file in bytes (default 1 GiB), for programs that read files; bytes that are in memory already are not
    /// refused for it.
    pub max_file_bytes: usize,
}

impl Limits {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            max_width: 1 << 16,
            max_height: 1 << 16,
            max_pixels: 1 << 27,
            max_file_bytes: 1 << 30,
        }
    }

    /// The same with another [`max_width`](Self::max_width).
    #[must_use]
    pub const fn with_max_width(mut self, max_width: usize) -> Self {
        self.max_width = max_width;
        self
    }

    /// The same with another [`max_height`](Self::max_height).
    #[must_use]
    pub const fn with_max_height(mut self, max_height: usize) -> Self {
        self.max_height = max_height;
        self
    }

    /// The same with another [`max_pixels`](Self::max_pixels).
    #[must_use]
    pub const fn with_max_pixels(mut self, max_pixels: usize) -> Self {
        self.max_pixels = max_pixels;
        self
    }

    /// The same with another [`max_file_bytes`](Self::max_file_bytes).
    #[must_use]
    pub const fn with_max_file_bytes(mut self, max_file_bytes: usize) -> Self {
        self.max_file_bytes = max_file_bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// The measure of an image that went over one of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// Its width, against [`Limits::max_width`].
    Width,
    /// Its height, against [`Limits::max_height`].
    Height,
    /// Its `width * height`, against [`Limits::max_pixels`].
    Pixels,
}

impl Measure {
    /// The name of the field of [`Limits`] that bounds this measure, such as `max_width`.
    #[must_use]
    pub fn limit_name(self) -> &'static str {
        match self {
            Self::Width => "max_width",
            Self::Height => "max_height",
            Self::Pixels => "max_pixels",
        }
    }
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Width => "width",
            Self::Height => "height",
            Self::Pixels => "number of pixels",
        })
    }
}

/// A measure over its limit, see [`Limits::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a {measure} of at most {limit}, found {found}; make the image smaller or, if it is meant to be that \
     large, raise `Limits::{}`",
    measure.limit_name()
)]
pub struct Exceeded {
    /// What is too large.
    pub measure: Measure,
    /// The limit set.
    pub limit: u64,
    /// The size claimed; the largest `u64` also stands for all above it.
    pub found: u64,
}

impl Limits {
    /// Checks a claimed width and height, and gives them back as `usize`, with a product that cannot overflow. For decoders
    /// of other formats; those of this crate check by themselves.
    ///
    /// # Errors
    /// [`Exceeded`], with the first measure that is over its limit.
    pub fn check(&self, width: u64, height: u64) -> Result<(usize, usize), Exceeded> {
        let columns = within(Measure::Width, Some(width), self.max_width)?;
        let rows = within(Measure::Height, Some(height), self.max_height)?;
        within(Measure::Pixels, width.checked_mul(height), self.max_pixels)?;
        Ok((columns, rows))
    }
}

/// `found` as `usize` where it is within `limit`; `None` stands for more than 64 bits.
fn within(measure: Measure, found: Option<u64>, limit: usize) -> Result<usize, Exceeded> {
    match found.and_then(|found| usize::try_from(found).ok()) {
        Some(size) if size <= limit => Ok(size),
        _ => Err(Exceeded {
            measure,
            limit: limit as u64,
            found: found.unwrap_or(u64::MAX),
        }),
    }
}
