//! Bytes in, graymaps out.

use std::iter::FusedIterator;

use crate::error::DecodeError;
use crate::format::Content;
use crate::graymap::{Graymap, Samples};
use crate::header::{Encoding, Header};
use crate::limits::Limits;
use crate::raster::{Raster, RasterSamples};
use crate::{plain, raw};

/// Decodes the first image of a P2 or P5 file. (Colours, P3 and P6, are for [`Raster::decode`].)
///
/// White space and more images may follow it (see [`images`]); any other bytes behind it are an error, since they
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

/// Decodes the graymap at `start`, which is the first image or follows another one; with the place
/// behind it.
fn decode_at(bytes: &[u8], start: usize, limits: &Limits) -> Result<(Graymap, usize), DecodeError> {
    if matches!(bytes.get(start..start + 2), Some(b"P3" | b"P6")) {
        return Err(DecodeError::NotPgm {
            found: Content::of(&bytes[start..]),
        });
    }
    let (raster, end) = raster_at(bytes, start, limits)?;
    Ok((raster.into_graymap(), end))
}

/// Decodes the image at `start`, PGM or PPM, without a copy where none is needed; with the place behind it.
pub(crate) fn raster_at<'a>(
    bytes: &'a [u8],
    start: usize,
    limits: &Limits,
) -> Result<(Raster<'a>, usize), DecodeError> {
    let header = Header::parse(bytes, start, limits)?;
    let (samples, end) = match header.encoding {
        Encoding::Plain => {
            let (samples, end) = plain::samples(bytes, &header)?;
            let samples = match samples {
                Samples::U8(samples) => RasterSamples::U8(samples.into()),
                Samples::U16(samples) => RasterSamples::U16(samples.into()),
            };
            (samples, end)
        }
        Encoding::Raw => {
            let (payload, end) = raw::payload(bytes, &header)?;
            let samples = if header.maxval <= 255 {
                raw::check_bytes(payload, &header)?;
                RasterSamples::U8(payload.into())
            } else {
                RasterSamples::U16(raw::words(payload, &header)?.into())
            };
            (samples, end)
        }
    };
    let raster = Raster {
        width: header.width,
        height: header.height,
        maxval: header.maxval,
        channels: header.channels,
        samples,
        more_images: 0,
    };
    Ok((raster, end))
}

impl<'a> Raster<'a> {
    /// Decodes the first image of a PGM or PPM file (P2, P3, P5 or P6).
    ///
    /// What may follow the image is what may follow it in [`decode`](crate::decode()): more images of its kind, grey or
    /// colour, or nothing. The others are counted, see [`more_images`](Self::more_images).
    ///
    /// # Errors
    /// [`DecodeError`], with the place in `bytes`, also where it is a later image that is damaged.
    pub fn decode(bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        let (mut first, mut end) = raster_at(bytes, 0, limits)?;
        while end < bytes.len() {
            (_, end) = raster_at(bytes, end, limits)?;
            first.more_images += 1;
        }
        Ok(first)
    }
}
