//! One image in grey or colour, its samples perhaps still in the file.

use std::borrow::Cow;

use crate::channels::Channels;
use crate::graymap::{Graymap, Samples};

/// An image of a PGM or PPM file, grey or in colour. Samples that lie in the file as they are stay there: an 8-bit P5 or
/// P6 is decoded without a copy.
///
/// The three samples of a colour pixel stand next to each other.
///
/// ```
/// use pgm_io::{Channels, Limits, Raster, RasterSamples};
///
/// let raster = Raster::decode(b"P6 2 1 255 \xff\x80\x00\x01\x02\x03", &Limits::default())?;
/// assert_eq!((raster.width, raster.height, raster.channels), (2, 1, Channels::Rgb));
/// assert!(matches!(raster.samples, RasterSamples::U8(samples) if *samples == [255, 128, 0, 1, 2, 3]));
/// # Ok::<(), pgm_io::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Raster<'a> {
    /// Columns, at least 1.
    pub width: usize,
    /// Rows, at least 1.
    pub height: usize,
    /// The sample value that means white, 1 to 65,535.
    pub maxval: u16,
    /// Grey or colour.
    pub channels: Channels,
    /// `height * width * channels` samples, row by row, each at most `maxval`.
    pub samples: RasterSamples<'a>,
    /// How many more images follow this one in its file.
    pub more_images: usize,
}

/// The samples of a [`Raster`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RasterSamples<'a> {
    /// One byte each, for a maxval up to 255.
    U8(Cow<'a, [u8]>),
    /// Two bytes each, for a maxval of 256 and more.
    U16(Cow<'a, [u16]>),
}

impl Raster<'_> {
    /// The graymap of a raster of one channel.
    pub(crate) fn into_graymap(self) -> Graymap {
        let samples = match self.samples {
            RasterSamples::U8(samples) => Samples::U8(samples.into_owned()),
            RasterSamples::U16(samples) => Samples::U16(samples.into_owned()),
        };
        Graymap::checked(self.width, self.height, self.maxval, samples)
    }
}
