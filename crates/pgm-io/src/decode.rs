//! Bytes in, graymaps out.

use std::iter::FusedIterator;

use crate::error::DecodeError;
use crate::graymap::{Graymap, Samples};
use crate::header::{Encoding, Header};
use crate::limits::Limits;
use crate::{plain, raw};

/// Decodes the first image of a P2 or P5 file.
///
/// More images may follow it (see [`images`]); any other bytes behind it are an error, since they
/// mostly mean that the header or the samples are damaged. So is a header whose lines all end in
/// CR LF, the last included, even where its LF could pass for a first pixel.
///
/// ```
/// use pgm_io::{Limits, decode};
///
/// let image = decode(b"P2 # a comment\n2 1 15\n0 15\n", &Limits::default())?;
/// assert_eq!((image.width(), image.height(), image.maxval()), (2, 1, 15));
/// assert_eq!(*image.to_u8(), [0, 255]);
/// # Ok::<(), pgm_io::DecodeError>(())
/// ```
///
/// # Errors
/// [`DecodeError`], with the place in `bytes`.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Graymap, DecodeError> {
    Ok(decode_at(bytes, 0, limits)?.0)
}

/// All images of a file, in order, from start to end. The first error ends the iteration, and its
/// offset counts from the start of the file.
///
/// ```
/// use pgm_io::{Limits, images};
///
/// let film = b"P5 2 1 255\n\x00\xffP5 1 1 255\n\x80";
/// let widths: Result<Vec<_>, _> =
///     images(film, &Limits::default()).map(|image| image.map(|i| i.width())).collect();
/// assert_eq!(widths?, [2, 1]);
/// # Ok::<(), pgm_io::DecodeError>(())
/// ```
#[must_use]
pub fn images<'a>(bytes: &'a [u8], limits: &Limits) -> Images<'a> {
    Images {
        bytes,
        at: Some(0),
        limits: *limits,
    }
}

/// The iterator that [`images`] makes.
#[derive(Debug, Clone)]
pub struct Images<'a> {
    bytes: &'a [u8],
    /// Place of the next image; `None` behind the last one and after an error.
    at: Option<usize>,
    limits: Limits,
}

impl Iterator for Images<'_> {
    type Item = Result<Graymap, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at.take()?;
        let decoded = decode_at(self.bytes, start, &self.limits);
        Some(decoded.map(|(image, end)| {
            self.at = (end < self.bytes.len()).then_some(end);
            image
        }))
    }
}

impl FusedIterator for Images<'_> {}

/// Decodes the image at `start`, which is the first or follows another one; with the place
/// behind it.
fn decode_at(bytes: &[u8], start: usize, limits: &Limits) -> Result<(Graymap, usize), DecodeError> {
    let (raster, end) = raster_at(bytes, start, limits)?;
    Ok((raster.into_graymap(), end))
}

/// An image whose samples may still lie in the file.
pub(crate) enum Raster<'a> {
    /// P5 with one byte a sample, checked but not copied.
    Borrowed {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// The value of white, at most 255.
        maxval: u16,
        /// The samples.
        samples: &'a [u8],
    },
    /// Everything else.
    Owned(Graymap),
}

impl Raster<'_> {
    /// Columns and rows.
    pub(crate) fn size(&self) -> (usize, usize) {
        match self {
            Self::Borrowed { width, height, .. } => (*width, *height),
            Self::Owned(image) => (image.width(), image.height()),
        }
    }

    pub(crate) fn into_graymap(self) -> Graymap {
        match self {
            Self::Borrowed {
                width,
                height,
                maxval,
                samples,
            } => Graymap::checked(width, height, maxval, Samples::U8(samples.to_vec())),
            Self::Owned(image) => image,
        }
    }
}

/// The first image of `bytes`, without a copy where none is needed.
pub(crate) fn raster<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Raster<'a>, DecodeError> {
    Ok(raster_at(bytes, 0, limits)?.0)
}

fn raster_at<'a>(
    bytes: &'a [u8],
    start: usize,
    limits: &Limits,
) -> Result<(Raster<'a>, usize), DecodeError> {
    let header = Header::parse(bytes, start, limits)?;
    let Header {
        width,
        height,
        maxval,
        ..
    } = header;
    let (samples, end) = match header.encoding {
        Encoding::Plain => plain::samples(bytes, &header)?,
        Encoding::Raw => {
            let (payload, end) = raw::payload(bytes, &header)?;
            if maxval <= 255 {
                raw::check_bytes(payload, &header)?;
                return Ok((
                    Raster::Borrowed {
                        width,
                        height,
                        maxval,
                        samples: payload,
                    },
                    end,
                ));
            }
            (Samples::U16(raw::words(payload, &header)?), end)
        }
    };
    Ok((
        Raster::Owned(Graymap::checked(width, height, maxval, samples)),
        end,
    ))
}
