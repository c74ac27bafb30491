//! Single images of a set that is too large for one array.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use pgm_io::Channels;

use crate::decoded::Decoded;
use crate::error::{FileError, ReadError, StackError};
use crate::findings::Findings;
use crate::memory::no_memory;
use crate::read::{Buffer, decode};
use crate::reading::Reading;
use crate::resize::Resize;
use crate::stack::first_size;

/// Reads the images of a set one at a time, each to the bytes that [`decode_planes`](crate::decode_planes) gives it
/// among all the others; from several threads at once.
///
/// ```
/// use image_stack::{Channels, PlaneReader, Reading, Resize};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("1.pgm");
/// std::fs::write(&path, b"P5 2 1 255 \x07\x09")?;
///
/// let reader = PlaneReader::new(&[&path], Channels::Rgb, Resize::None, &Reading::default())?;
/// assert_eq!(reader.shape(), [3, 1, 2]);
/// let mut pixels = [0; 6];
/// reader.read(&path, &mut pixels)?;
/// assert_eq!(pixels, [7, 9, 7, 9, 7, 9]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PlaneReader {
    channels: Channels,
    resize: Resize,
    reading: Reading,
    /// Of the first image, in its file.
    first: (usize, usize),
    /// Width and height of what is read.
    size: (usize, usize),
    /// Memory for the files being read, one for each thread at most.
    buffers: Mutex<Vec<Buffer>>,
}

impl PlaneReader {
    /// Decodes the first image for its size, which all others must have, except under
    /// [`Resize::Area`] and [`Resize::Fit`]. Without paths the images have no pixels.
    ///
    /// # Errors
    /// [`StackError::ZeroResize`]; [`StackError::Files`] with every file that cannot be used where
    /// the first cannot; [`StackError::Memory`] where not even one image could be held.
    pub fn new<P: AsRef<Path> + Sync>(
        paths: &[P],
        channels: Channels,
        resize: Resize,
        reading: &Reading,
    ) -> Result<Self, StackError> {
        if resize.size((0, 0)).is_none() {
            return Err(StackError::ZeroResize { resize });
        }
        let first = first_size(paths, resize, reading)?;
        Self::of(paths.len(), first, channels, resize, reading)
    }

    /// A reader of images of `[height, width]` in their files, or of any size under [`Resize::Area`] and [`Resize::Fit`]; nothing is decoded
    /// for it. This is for images that come one by one, such as uploads.
    ///
    /// # Errors
    /// [`StackError::ZeroResize`]; [`StackError::Memory`] where not even one image could be held.
    ///
    /// ```
    /// use image_stack::{Channels, PlaneReader, Reading, Resize};
    ///
    /// let reader = PlaneReader::of_size([1, 2], Channels::Grey, Resize::None, &Reading::default())?;
    /// let mut pixels = [0; 2];
    /// reader.read_bytes(b"P5 2 1 255 \x07\x09", &mut pixels)?;
    /// assert_eq!(pixels, [7, 9]);
    /// assert!(reader.read_bytes(b"P5 1 1 255 \x07", &mut pixels).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_size(
        [height, width]: [usize; 2],
        channels: Channels,
        resize: Resize,
        reading: &Reading,
    ) -> Result<Self, StackError> {
        Self::of(1, (width, height), channels, resize, reading)
    }

    /// For `images` images, the first of which has the size `first`.
    fn of(
        images: usize,
        first: (usize, usize),
        channels: Channels,
        resize: Resize,
        reading: &Reading,
    ) -> Result<Self, StackError> {
        let Some(size) = resize.size(first) else {
            return Err(StackError::ZeroResize { resize });
        };
        let rows = channels.count().checked_mul(size.1);
        let bytes = rows.and_then(|rows| rows.checked_mul(size.0));
        if bytes.is_none_or(|bytes| isize::try_from(bytes).is_err()) {
            return Err(no_memory([images, channels.count(), size.1, size.0]));
        }
        Ok(Self {
            channels,
            resize,
            reading: *reading,
            first,
            size,
            buffers: Mutex::default(),
        })
    }

    /// `[channels, height, width]` of each image.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        [self.channels.count(), self.size.1, self.size.0]
    }

    /// Reads one file to `out`, one channel after the other, each row by row, and tells what a user should know of it.
    ///
    /// # Errors
    /// [`FileError`], which names the path; [`ReadError::Size`] for an image of another size than
    /// the first.
    ///
    /// # Panics
    /// Where `out` has not as many bytes as [`Self::shape`] says.
    pub fn read(&self, path: impl AsRef<Path>, out: &mut [u8]) -> Result<Findings, FileError> {
        let path = path.as_ref();
        let mut buffer = self.buffers().pop().unwrap_or_default();
        let written = buffer
            .open(path, &self.reading, self.resize)
            .and_then(|decoded| {
                self.write(decoded, out)
                    .map_err(|source| FileError::new(path, source))
            });
        buffer.trim();
        self.buffers().push(buffer);
        written
    }

    /// Reads one image that is in memory to `out`, as [`Self::read`] does.
    ///
    /// # Errors
    /// [`ReadError`]; it is [`ReadError::Size`] for an image of another size than the first.
    ///
    /// # Panics
    /// Where `out` has not as many bytes as [`Self::shape`] says.
    pub fn read_bytes(&self, bytes: &[u8], out: &mut [u8]) -> Result<Findings, ReadError> {
        self.write(decode(bytes, &self.reading, self.resize)?, out)
    }

    fn write(&self, decoded: Decoded<'_>, out: &mut [u8]) -> Result<Findings, ReadError> {
        assert_eq!(out.len(), self.shape().iter().product::<usize>());
        let size = decoded.size();
        if size != self.first && !self.resize.takes_any_size() {
            return Err(ReadError::Size {
                expected: self.first,
                found: size,
            });
        }
        let findings = decoded.image.findings;
        decoded.write(self.channels, self.resize, out);
        Ok(findings)
    }

    fn buffers(&self) -> std::sync::MutexGuard<'_, Vec<Buffer>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
