//! One grey image and its samples.

use std::borrow::Cow;

use crate::error::GraymapError;
use crate::scale;

/// A grey image, row by row from the top left; sample 0 is black and `maxval` is white.
///
/// The samples are as the file holds them. [`to_u8`](Self::to_u8) and [`to_u16`](Self::to_u16)
/// spread them over the full range of their type, whatever the maxval.
///
/// ```
/// use pgm_io::Graymap;
///
/// let ten_levels = Graymap::new(3, 1, 9, vec![0_u8, 5, 9])?;
/// assert_eq!(*ten_levels.to_u8(), [0, 142, 255]);
/// assert_eq!(*ten_levels.to_u16(), [0, 36_408, 65_535]);
/// # Ok::<(), pgm_io::GraymapError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graymap {
    width: usize,
    height: usize,
    maxval: u16,
    samples: Samples,
}

/// The samples of a [`Graymap`], `height * width` of them, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// One byte each, for a maxval up to 255.
    U8(Vec<u8>),
    /// Two bytes each, for a maxval of 256 and more.
    U16(Vec<u16>),
}

impl Samples {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(samples) => samples.len(),
            Self::U16(samples) => samples.len(),
        }
    }

    /// `true` when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Vec<u8>> for Samples {
    fn from(samples: Vec<u8>) -> Self {
        Self::U8(samples)
    }
}

impl From<Vec<u16>> for Samples {
    fn from(samples: Vec<u16>) -> Self {
        Self::U16(samples)
    }
}

impl Graymap {
    /// An image of `height` rows of `width` samples: `Vec<u8>` for a maxval up to 255,
    /// `Vec<u16>` above.
    ///
    /// # Errors
    /// [`GraymapError`] when a side or the maxval is zero, the number or the type of the samples
    /// does not fit, or a sample is over the maxval.
    pub fn new(
        width: usize,
        height: usize,
        maxval: u16,
        samples: impl Into<Samples>,
    ) -> Result<Self, GraymapError> {
        let samples = samples.into();
        let found = samples.len();
        if width == 0 || height == 0 || width.checked_mul(height) != Some(found) {
            return Err(GraymapError::Size {
                width,
                height,
                found,
            });
        }
        let over = match &samples {
            Samples::U8(_) if maxval == 0 || maxval > 255 => {
                return Err(GraymapError::Maxval { maxval, bits: 8 });
            }
            Samples::U16(_) if maxval <= 255 => {
                return Err(GraymapError::Maxval { maxval, bits: 16 });
            }
            Samples::U8(samples) => first_over(samples, maxval as u8).map(|(i, v)| (i, v.into())),
            Samples::U16(samples) => first_over(samples, maxval),
        };
        match over {
            Some((index, found)) => Err(GraymapError::Sample {
                index,
                maxval,
                found,
            }),
            None => Ok(Self {
                width,
                height,
                maxval,
                samples,
            }),
        }
    }

    /// An image whose parts the decoder has checked already.
    pub(crate) fn checked(width: usize, height: usize, maxval: u16, samples: Samples) -> Self {
        debug_assert_eq!(samples.len(), width * height);
        Self {
            width,
            height,
            maxval,
            samples,
        }
    }

    /// Columns, at least 1.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows, at least 1.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The sample value that means white, 1 to 65,535.
    #[must_use]
    pub fn maxval(&self) -> u16 {
        self.maxval
    }

    /// The samples as stored, 0 to [`maxval`](Self::maxval).
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The samples as stored, without a copy.
    #[must_use]
    pub fn into_samples(self) -> Samples {
        self.samples
    }

    /// The image over the full range of a byte: `sample * 255 / maxval`, rounded to the nearest
    /// (halves up). Borrowed as it is when the maxval is 255.
    #[must_use]
    pub fn to_u8(&self) -> Cow<'_, [u8]> {
        match &self.samples {
            Samples::U8(samples) if self.maxval == 255 => Cow::Borrowed(samples),
            Samples::U8(samples) => {
                let table = scale::table(self.maxval);
                Cow::Owned(samples.iter().map(|&s| table[usize::from(s)]).collect())
            }
            Samples::U16(samples) => Cow::Owned(
                samples
                    .iter()
                    .map(|&s| scale::to_u8(s, self.maxval))
                    .collect(),
            ),
        }
    }

    /// The image over the full range of 16 bits: `sample * 65535 / maxval`, rounded to the nearest
    /// (halves up). Borrowed as it is when the maxval is 65,535.
    #[must_use]
    pub fn to_u16(&self) -> Cow<'_, [u16]> {
        match &self.samples {
            Samples::U16(samples) if self.maxval == u16::MAX => Cow::Borrowed(samples),
            Samples::U16(samples) => Cow::Owned(
                samples
                    .iter()
                    .map(|&s| scale::to_u16(s, self.maxval))
                    .collect(),
            ),
            Samples::U8(samples) => Cow::Owned(
                samples
                    .iter()
                    .map(|&s| scale::to_u16(s.into(), self.maxval))
                    .collect(),
            ),
        }
    }
}

/// The first sample over `maxval`, with its index.
///
/// The first pass keeps only the maximum, which compiles to vector instructions; the search for
/// the place runs only when there is something to find.
pub(crate) fn first_over<T: Copy + Ord + Default>(samples: &[T], maxval: T) -> Option<(usize, T)> {
    let largest = samples
        .iter()
        .fold(T::default(), |max, &sample| max.max(sample));
    if largest <= maxval {
        return None;
    }
    samples
        .iter()
        .copied()
        .enumerate()
        .find(|&(_, sample)| sample > maxval)
}
