//! Bytes or one file in, one upright image out, by its content.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use pgm_io::{DecodeError, Limits, Raster, is_image};

use crate::error::{FileError, ReadError};
use crate::format::is_readable;
use crate::image::Image;

/// Bytes that a [`Buffer`] starts with: most face images fit.
const FIRST_READ: usize = 1 << 16;

/// Reads the first image of a file that is in memory: an upload, a part of an archive. What it is gets decided by its
/// content: PGM and PPM, and with the feature `formats` also PNG, JPEG, BMP, WebP and TIFF.
///
/// Samples stay as they are, 8 or 16 bit, with fewer bits spread over 8. Alpha is dropped, and the colour stored under a
/// transparent pixel counts as it is. An orientation noted in the file (EXIF, as phones write it) is applied.
///
/// # Errors
/// [`ReadError`], which names no file; [`FileError::new`] gives it a name.
///
/// ```
/// use image_stack::{Channels, Limits, Resize, read};
///
/// let upload = b"P5 4 2 255 \x00\x02\x10\x12\x04\x06\x14\x16";
/// let pixels = read(upload, &Limits::default())?.planes(Channels::Grey, Resize::Area { height: 1, width: 2 })?;
/// assert_eq!(pixels.as_slice(), Some(&[0x03, 0x13][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Image<'a>, ReadError> {
    #[cfg(feature = "formats")]
    if let Some(format) = is_image(bytes).filter(|&format| crate::format::needs_formats(format)) {
        return crate::foreign::decode(bytes, format, limits);
    }
    match Raster::decode(bytes, limits) {
        Ok(raster) => Ok(raster.into()),
        Err(DecodeError::NotPgm { found }) => Err(ReadError::NotReadable { found }),
        Err(error) => Err(error.into()),
    }
}

/// Reads the first image of a file, as [`read`] does. The file's name is never looked at.
///
/// # Errors
/// [`FileError`], which names the path.
///
/// ```no_run
/// use image_stack::{Channels, Limits, Resize, open};
///
/// let pixels = open("faces/s1/1.jpg", &Limits::default())?.planes(Channels::Rgb, Resize::None)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(path: impl AsRef<Path>, limits: &Limits) -> Result<Image<'static>, FileError> {
    Buffer::default()
        .open(path.as_ref(), limits)
        .map(Image::into_owned)
}

/// Memory for one file after another, kept between them.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// The first image of a file.
    pub(crate) fn open(&mut self, path: &Path, limits: &Limits) -> Result<Image<'_>, FileError> {
        let image = match self.fill(path, limits) {
            Ok(bytes) => read(bytes, limits),
            Err(error) => Err(error),
        };
        image.map_err(|source| FileError::new(path, source))
    }

    /// Reads a whole file, or only its start if that shows that the file is of no use.
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
                if !is_image(&self.bytes).is_some_and(is_readable) {
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
