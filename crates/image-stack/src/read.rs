//! Bytes or one file in, one upright image out, by its content.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

#[cfg(feature = "formats")]
use pgm_io::Format;
use pgm_io::{Channels, DecodeError, Limits, Raster, is_image};

use crate::budget::{FILES, Share};
use crate::decoded::Decoded;
use crate::error::{FileError, ReadError};
use crate::format::is_readable;
use crate::image::Image;
use crate::planes::Planes;
use crate::reading::{Ink, Reading};
use crate::resize::Resize;

/// Bytes that a [`Buffer`] starts with: most face images fit.
const FIRST_READ: usize = 1 << 16;
/// Bytes that a [`Buffer`] keeps between files at most.
const KEPT: usize = 1 << 24;

/// Reads the first image of a file that is in memory: an upload, a part of an archive. What it is gets decided by its
/// content: PGM and PPM, and with the feature `formats` also PNG, JPEG, BMP, WebP and TIFF.
///
/// Samples stay as they are, 8 or 16 bit, with fewer bits spread over 8. What is transparent shows the
/// [`Background`](crate::Background). An orientation noted in the file (EXIF, as phones write it) is applied. All of the
/// image is decoded, whatever [`Reading::decoding`] says: that is for images that are made smaller, see [`read_planes`].
///
/// # Errors
/// [`ReadError`], which names no file; [`FileError::new`] gives it a name.
///
/// ```
/// use image_stack::{Channels, Reading, Resize, read};
///
/// let upload = b"P5 4 2 255 \x00\x02\x10\x12\x04\x06\x14\x16";
/// let image = read(upload, &Reading::default())?;
/// let pixels = image.planes(Channels::Grey, Resize::Area { height: 1, width: 2 })?;
/// assert_eq!(pixels.as_slice(), Some(&[0x03, 0x13][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read<'a>(bytes: &'a [u8], reading: &Reading) -> Result<Image<'a>, ReadError> {
    Ok(decode(bytes, reading, Resize::None)?.upright())
}

/// Reads the first image of a file, as [`read`] does. The file's name is never looked at.
///
/// # Errors
/// [`FileError`], which names the path.
///
/// ```no_run
/// use image_stack::{Channels, Reading, Resize, open};
///
/// let pixels = open("faces/s1/1.jpg", &Reading::default())?.planes(Channels::Rgb, Resize::None)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(path: impl AsRef<Path>, reading: &Reading) -> Result<Image<'static>, FileError> {
    Buffer::default()
        .open(path.as_ref(), reading, Resize::None)
        .map(|decoded| decoded.upright().into_owned())
}

/// Reads the first image of a file that is in memory to planes of the wanted size, as [`Image::planes`] makes them of what
/// [`read`] gives, but in less time where the image is large: it is turned upright after it was resized, and decoded no
/// larger than [`Decoding::Fast`](crate::Decoding::Fast) asks for.
///
/// # Errors
/// As for [`read`]; [`ReadError::Planes`] for a resize to nothing, and where there is no memory for the planes.
///
/// ```
/// use image_stack::{Channels, Reading, Resize, read_planes};
///
/// let size = Resize::Area { height: 1, width: 2 };
/// let planes = read_planes(b"P2 4 1 9  0 0 9 9", Channels::Grey, size, &Reading::default())?;
/// assert_eq!(planes.pixels.as_slice(), Some(&[0, 255][..]));
/// # Ok::<(), image_stack::ReadError>(())
/// ```
pub fn read_planes(
    bytes: &[u8],
    channels: Channels,
    resize: Resize,
    reading: &Reading,
) -> Result<Planes, ReadError> {
    decode(bytes, reading, resize)?.planes(channels, resize)
}

/// Reads the first image of a file, as [`read_planes`] does.
///
/// # Errors
/// As for [`read_planes`], with the path.
pub fn open_planes(
    path: impl AsRef<Path>,
    channels: Channels,
    resize: Resize,
    reading: &Reading,
) -> Result<Planes, FileError> {
    let path = path.as_ref();
    let mut buffer = Buffer::default();
    let planes = buffer.open(path, reading, resize)?.planes(channels, resize);
    planes.map_err(|source| FileError::new(path, source))
}

/// The first image of a file. `resize` is what will become of its size.
pub(crate) fn decode<'a>(
    bytes: &'a [u8],
    reading: &Reading,
    resize: Resize,
) -> Result<Decoded<'a>, ReadError> {
    // Ink is looked for in pixels.
    let resize = match reading.ink == Ink::default() {
        true => resize,
        false => Resize::None,
    };
    let mut decoded = decode_stored(bytes, reading, resize)?;
    decoded.image.findings.flat = decoded.image.is_flat();
    decoded.ink = reading.ink;
    Ok(decoded)
}

#[cfg_attr(
    not(feature = "formats"),
    expect(unused_variables, reason = "no other format can be decoded smaller")
)]
fn decode_stored<'a>(
    bytes: &'a [u8],
    reading: &Reading,
    resize: Resize,
) -> Result<Decoded<'a>, ReadError> {
    #[cfg(feature = "formats")]
    if let Some(format) = is_image(bytes).filter(|&format| crate::format::needs_formats(format)) {
        return match format {
            Format::Jpeg => crate::jpeg::decode(bytes, reading, resize),
            _ => crate::foreign::decode(bytes, format, reading),
        };
    }
    match Raster::decode(bytes, &reading.limits) {
        Ok(raster) => Ok(Image::from(raster).into()),
        Err(DecodeError::NotPgm { found }) => Err(ReadError::NotReadable { found }),
        Err(error) => Err(error.into()),
    }
}

/// Memory for one file after another, kept between them.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// The first image of a file. `resize` is what will become of its size.
    pub(crate) fn open(
        &mut self,
        path: &Path,
        reading: &Reading,
        resize: Resize,
    ) -> Result<Decoded<'_>, FileError> {
        let decoded = self.fill(path, &reading.limits).and_then(|(bytes, share)| {
            let mut decoded = decode(bytes, reading, resize)?;
            decoded.memory.extend(share);
            Ok(decoded)
        });
        decoded.map_err(|source| FileError::new(path, source))
    }

    /// Gives back what a large file took.
    pub(crate) fn trim(&mut self) {
        if self.bytes.len() > KEPT {
            self.bytes = Vec::new();
        }
    }

    /// Reads a whole file, or only its start if that shows that the file is of no use.
    fn fill(&mut self, path: &Path, limits: &Limits) -> Result<(&[u8], Option<Share>), ReadError> {
        let io = |source| ReadError::Io { source };
        let limit = limits.max_file_bytes;
        let mut share = None;
        self.trim();
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
                drop(share.take());
                share = Some(FILES.take(room as u64));
                self.bytes.resize(room, 0);
            }
        }
        Ok((&self.bytes[..filled], share))
    }
}
