//! One file in, one image out, by its content.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::decode;
use crate::file_error::{FileError, ReadError};
use crate::format::{Format, is_image};
use crate::graymap::Graymap;
use crate::limits::Limits;
use crate::raster::Raster;

/// Bytes that a [`Buffer`] starts with: most face images fit.
const FIRST_READ: usize = 1 << 16;

/// Reads the first image of a file. What the file is gets decided by its content, never by its
/// name: PGM and PPM, and with the feature `formats` also PNG, JPEG, BMP, WebP and TIFF.
///
/// All become grey so ([`decode_planes`](crate::decode_planes) keeps colours):
/// - grey samples stay as they are, 8 or 16 bit, with fewer bits spread over 8;
/// - colours become their ITU-R BT.601 luma `0.299 R + 0.587 G + 0.114 B` of the stored (gamma
///   encoded) values, rounded: what a JPEG's own brightness channel holds, and what Pillow and
///   OpenCV compute;
/// - alpha is dropped, and the colour stored under a transparent pixel counts as it is;
/// - an orientation noted in the file (EXIF, as phones write it) is applied.
///
/// # Errors
/// [`FileError`], which names the path.
///
/// ```no_run
/// let image = pgm_io::read("faces/s1/1.pgm", &pgm_io::Limits::default())?;
/// let pixels = image.to_u8();
/// # Ok::<(), pgm_io::FileError>(())
/// ```
pub fn read(path: impl AsRef<Path>, limits: &Limits) -> Result<Graymap, FileError> {
    let path = path.as_ref();
    Buffer::default()
        .raster(path, limits)
        .map(Raster::into_graymap)
}

/// Memory for one file after another, kept between them.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// The first image of a file.
    pub(crate) fn raster(&mut self, path: &Path, limits: &Limits) -> Result<Raster<'_>, FileError> {
        let raster = match self.fill(path, limits) {
            Ok(bytes) => decode_any(bytes, limits),
            Err(error) => Err(error),
        };
        raster.map_err(|source| FileError {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a whole file, or just its start where that says that it is of no use.
    fn fill(&mut self, path: &Path, limits: &Limits) -> Result<&[u8], ReadError> {
        let io = |source| ReadError::Io { source };
        let limit = limits.max_file_bytes;
        if self.bytes.is_empty() {
            self.bytes.resize(FIRST_READ, 0);
        }
        let mut file = File::open(path).map_err(io)?;
        let mut filled = 0;
        loop {
            match file.read(&mut self.bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(io(error)),
            }
            if filled > limit {
                return Err(ReadError::TooLong { limit });
            }
            if filled == self.bytes.len() {
                if !is_image(&self.bytes).is_some_and(Format::is_readable) {
                    break;
                }
                let length = file.metadata().map_or(0, |metadata| metadata.len());
                let length = usize::try_from(length)
                    .unwrap_or(usize::MAX)
                    .saturating_add(1);
                let room = length
                    .max(filled.saturating_mul(2))
                    .min(limit.saturating_add(1));
                self.bytes.resize(room, 0);
            }
        }
        Ok(&self.bytes[..filled])
    }
}

/// Decodes whatever this build can.
fn decode_any<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Raster<'a>, ReadError> {
    #[cfg(feature = "formats")]
    if let Some(format) = is_image(bytes).filter(|format| format.needs_formats()) {
        return crate::foreign::decode(bytes, format, limits);
    }
    Ok(decode::raster(bytes, limits)?)
}
