//! Many files in, and of each what is wanted.

use std::path::Path;

use rayon::prelude::*;

use crate::error::{FileError, StackError};
use crate::image::Image;
use crate::read::Buffer;
use crate::reading::Reading;
use crate::resize::Resize;

/// Reads many image files, in parallel, and keeps of each what `keep` makes of it, in the order of `paths`.
///
/// The files are what [`read`](crate::read()) takes, and may be of any size each. No more than one image is held for each
/// thread of the current rayon pool.
///
/// # Errors
/// [`StackError::Files`] with every file that cannot be used, not only the first.
///
/// ```
/// use image_stack::{Reading, map_files};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("1.pgm");
/// std::fs::write(&path, b"P5 2 1 255 \x07\x09")?;
///
/// let sizes = map_files(&[&path], &Reading::default(), |image| (image.width(), image.height()))?;
/// assert_eq!(sizes, [(2, 1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn map_files<P: AsRef<Path> + Sync, T: Send>(
    paths: &[P],
    reading: &Reading,
    keep: impl Fn(&Image<'_>) -> T + Sync,
) -> Result<Vec<T>, StackError> {
    let outcomes = paths
        .par_iter()
        .map_init(Buffer::default, |buffer, path| {
            let mut decoded = buffer.open(path.as_ref(), reading, Resize::None)?;
            // Held until the image is no longer needed.
            let _memory = std::mem::take(&mut decoded.memory);
            Ok(keep(&decoded.upright()))
        })
        .collect();
    good_or_all_errors(outcomes)
}

/// What came of every file, or all errors where there is one.
pub(crate) fn good_or_all_errors<T>(
    outcomes: Vec<Result<T, FileError>>,
) -> Result<Vec<T>, StackError> {
    let files = outcomes.len();
    let mut good = Vec::with_capacity(files);
    let mut errors = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(value) => good.push(value),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(good)
    } else {
        Err(StackError::Files { errors, files })
    }
}
