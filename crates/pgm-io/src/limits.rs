//! How large an image may be before it is refused.

/// Upper bounds that are checked against a file's own claims before anything is allocated for it.
///
/// ```
/// use pgm_io::{DecodeError, Limits, decode};
///
/// let thumbnails = Limits { max_width: 256, max_height: 256, ..Limits::default() };
/// let claims_a_lot = b"P5 4000000000 4000000000 255\n";
/// assert!(matches!(decode(claims_a_lot, &thumbnails), Err(DecodeError::Limit { .. })));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest width in pixels (default 65,536).
    pub max_width: usize,
    /// Largest height in pixels (default 65,536).
    pub max_height: usize,
    /// Largest `width * height` (default 2^27, about 134 million).
    pub max_pixels: usize,
    /// Largest file in bytes that [`read`](crate::read()) and [`decode_stack`](crate::decode_stack)
    /// take in (default 1 GiB).
    pub max_file_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_width: 1 << 16,
            max_height: 1 << 16,
            max_pixels: 1 << 27,
            max_file_bytes: 1 << 30,
        }
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
    /// The field of [`Limits`] that bounds this measure.
    pub(crate) fn limit_name(self) -> &'static str {
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

/// A measure over its limit: which, the limit and what was claimed.
pub(crate) struct Exceeded {
    pub(crate) measure: Measure,
    pub(crate) limit: u64,
    pub(crate) found: u64,
}

impl Limits {
    /// Checks a claimed size and gives it back as `usize`, with a product that cannot overflow.
    pub(crate) fn check(&self, width: u64, height: u64) -> Result<(usize, usize), Exceeded> {
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
