//! What a fingerprint is taken of: pixels that lie in memory.

/// A borrowed image in grey or in colour, row by row from the top left; 0 is black and the maxval is white.
///
/// ```
/// use near_duplicates::{Fingerprint, Picture};
///
/// let (width, height) = (40, 30);
/// let pixels: Vec<u8> = (0..width * height).map(|k| (k * k / 50 % 251) as u8).collect();
/// let fingerprint = Fingerprint::of(Picture::grey(width, height, &pixels[..])?);
/// assert!(!fingerprint.is_featureless());
///
/// // 12 bits.
/// let pixels: Vec<u16> = pixels.iter().map(|&pixel| u16::from(pixel) * 16).collect();
/// let twelve_bits = Picture::grey(width, height, &pixels[..])?.with_maxval(4095)?;
/// let correlation = fingerprint.correlation(&Fingerprint::of(twelve_bits));
/// assert!(correlation.is_some_and(|correlation| correlation > 0.9999));
/// # Ok::<(), near_duplicates::PictureError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) maxval: u16,
    /// 1 or 3.
    pub(crate) channels: usize,
    pub(crate) samples: Samples<'a>,
}

/// The samples of a [`Picture`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Samples<'a> {
    /// One byte each.
    U8(&'a [u8]),
    /// Two bytes each.
    U16(&'a [u16]),
}

impl Samples<'_> {
    fn len(self) -> usize {
        match self {
            Self::U8(samples) => samples.len(),
            Self::U16(samples) => samples.len(),
        }
    }

    /// The first that is over `maxval`, with its place.
    fn first_over(self, maxval: u16) -> Option<(usize, u16)> {
        fn first<T: Copy + Into<u16>>(samples: &[T], maxval: u16) -> Option<(usize, u16)> {
            let values = samples.iter().map(|&sample| sample.into());
            values.enumerate().find(|&(_, sample)| sample > maxval)
        }
        match self {
            Self::U8(samples) => first(samples, maxval),
            Self::U16(samples) => first(samples, maxval),
        }
    }
}

impl<'a> From<&'a [u8]> for Samples<'a> {
    fn from(samples: &'a [u8]) -> Self {
        Self::U8(samples)
    }
}

impl<'a> From<&'a [u16]> for Samples<'a> {
    fn from(samples: &'a [u16]) -> Self {
        Self::U16(samples)
    }
}

impl<'a> Picture<'a> {
    /// A grey picture of `height` rows of `width` samples. White is 255 for bytes and 65,535 for 16 bits.
    ///
    /// # Errors
    /// [`PictureError::Size`].
    pub fn grey(
        width: usize,
        height: usize,
        samples: impl Into<Samples<'a>>,
    ) -> Result<Self, PictureError> {
        Self::new(width, height, 1, samples.into())
    }

    /// A picture in colour: `height` rows of `width` pixels of red, green and blue. White is 255 for bytes and 65,535 for
    /// 16 bits.
    ///
    /// # Errors
    /// [`PictureError::Size`].
    pub fn rgb(
        width: usize,
        height: usize,
        samples: impl Into<Samples<'a>>,
    ) -> Result<Self, PictureError> {
        Self::new(width, height, 3, samples.into())
    }

    fn new(
        width: usize,
        height: usize,
        channels: usize,
        samples: Samples<'a>,
    ) -> Result<Self, PictureError> {
        let expected = width
            .checked_mul(height)
            .and_then(|pixels| pixels.checked_mul(channels));
        let found = samples.len();
        if found == 0 || expected != Some(found) {
            return Err(PictureError::Size {
                width,
                height,
                channels,
                found,
            });
        }
        let maxval = match samples {
            Samples::U8(_) => u8::MAX.into(),
            Samples::U16(_) => u16::MAX,
        };
        Ok(Self {
            width,
            height,
            maxval,
            channels,
            samples,
        })
    }

    /// The same picture with another value of white: 1 to 255 for bytes, 256 to 65,535 for 16 bits.
    ///
    /// # Errors
    /// [`PictureError::Maxval`] for a value out of this range; [`PictureError::Sample`] for a sample over it.
    pub fn with_maxval(self, maxval: u16) -> Result<Self, PictureError> {
        let bits = match self.samples {
            Samples::U8(_) => 8,
            Samples::U16(_) => 16,
        };
        let least = if bits == 8 { 1 } else { 256 };
        let most = if bits == 8 { 255 } else { u16::MAX };
        if !(least..=most).contains(&maxval) {
            return Err(PictureError::Maxval { maxval, bits });
        }
        if let Some((index, found)) = self.samples.first_over(maxval) {
            return Err(PictureError::Sample {
                index,
                maxval,
                found,
            });
        }
        Ok(Self { maxval, ..self })
    }
}

/// Why a [`Picture`] cannot be made of some samples.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The samples do not fill the picture, or it has none.
    #[error(
        "expected width * height * channels samples, at least one, for {width}x{height} in {channels} channels; found {found}"
    )]
    Size {
        /// The width given.
        width: usize,
        /// The height given.
        height: usize,
        /// 1 for grey, 3 for colour.
        channels: usize,
        /// How many samples were given.
        found: usize,
    },
    /// The maxval does not belong to the samples' type.
    #[error(
        "expected a maxval from {} for {bits}-bit samples, found {maxval}",
        if *bits == 8 { "1 to 255" } else { "256 to 65535" }
    )]
    Maxval {
        /// The maxval given.
        maxval: u16,
        /// Bits of the samples given: 8 or 16.
        bits: u8,
    },
    /// A sample is over the maxval.
    #[error("expected samples up to the maxval {maxval}, found {found} as sample {index}")]
    Sample {
        /// The sample's number, row by row from 0.
        index: usize,
        /// The maxval given.
        maxval: u16,
        /// The sample.
        found: u16,
    },
}
