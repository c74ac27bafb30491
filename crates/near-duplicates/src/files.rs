//! Fingerprints of image files.

use std::path::Path;

use image_stack::{Image, RasterSamples, Reading, StackError, map_files};

use crate::fingerprint::Fingerprint;
use crate::picture::{Picture, Samples};

impl<'a> From<&'a Image<'_>> for Picture<'a> {
    fn from(image: &'a Image<'_>) -> Self {
        Self {
            width: image.width(),
            height: image.height(),
            maxval: image.maxval(),
            channels: image.channels().count(),
            samples: match image.samples() {
                RasterSamples::U8(samples) => Samples::U8(samples),
                RasterSamples::U16(samples) => Samples::U16(samples),
            },
        }
    }
}

/// Reads many image files, in parallel, and keeps the fingerprint of each, in the order of `paths`.
///
/// The files are what [`image_stack::read`] takes, and may be of any size each. No more than one image is held for each
/// thread of the current rayon pool.
///
/// # Errors
/// [`StackError::Files`] with every file that cannot be used, not only the first.
///
/// ```
/// use image_stack::Reading;
/// use near_duplicates::{NearDuplicates, fingerprints};
///
/// let folder = tempfile::tempdir()?;
/// let paths = [folder.path().join("a.pgm"), folder.path().join("copy.pgm")];
/// for path in &paths {
///     std::fs::write(path, b"P5 4 2 255 abcdefgh")?;
/// }
/// let found = NearDuplicates::default().within(&fingerprints(&paths, &Reading::default())?)?;
/// assert_eq!((found[0].first, found[0].second), (0, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fingerprints<P: AsRef<Path> + Sync>(
    paths: &[P],
    reading: &Reading,
) -> Result<Vec<Fingerprint>, StackError> {
    map_files(paths, reading, |image| Fingerprint::of(image.into()))
}
