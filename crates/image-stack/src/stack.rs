//! Many files in, one array out.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::{Array3, Array4, Axis};
use pgm_io::Channels;
use rayon::prelude::*;

use crate::error::{FileError, SizeGroup, StackError};
use crate::findings::Findings;
use crate::map_files::good_or_all_errors;
use crate::memory::{no_memory, zeros};
use crate::read::Buffer;
use crate::reading::Reading;
use crate::resize::Resize;

/// How many paths a [`SizeGroup`] names.
const EXAMPLES: usize = 3;

/// Decodes many image files, in parallel, to one array `[n, h, w]` of bytes over their full range
/// (0 is black, 255 is white, whatever each file's maxval), image `i` from `paths[i]`.
///
/// The files are what [`read`](crate::read()) takes; colours become [grey](crate::Image::grey). The pixels go straight from
/// the file's bytes to their place in the array, on the current rayon pool; the result is the same for any number
/// of threads. No paths make an empty array, `[0, 0, 0]` where the size is not given by
/// [`Resize::Area`].
///
/// # Errors
/// - [`StackError::Files`] with every file that cannot be used, not only the first;
/// - [`StackError::Sizes`] when images of different sizes meet, except under [`Resize::Area`] and [`Resize::Fit`];
/// - [`StackError::ZeroResize`] for a step or a side of zero;
/// - [`StackError::Memory`] when the array cannot be allocated.
///
/// ```
/// use image_stack::{Reading, Resize, decode_stack};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("1.pgm");
/// std::fs::write(&path, "P2 4 4 255  0 1 2 3  4 5 6 7  8 9 10 11  12 13 14 15")?;
///
/// let stack = decode_stack(&[&path, &path], Resize::Stride(2), &Reading::default())?;
/// assert_eq!(stack.shape(), [2, 2, 2]);
/// assert_eq!(stack.as_slice(), Some(&[0, 2, 8, 10, 0, 2, 8, 10][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decode_stack<P: AsRef<Path> + Sync>(
    paths: &[P],
    resize: Resize,
    reading: &Reading,
) -> Result<Array3<u8>, StackError> {
    let stack = decode_planes(paths, Channels::Grey, resize, reading)?;
    Ok(stack.pixels.index_axis_move(Axis(1), 0))
}

/// The pixels of many images, see [`decode_planes`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stack {
    /// `[n, c, h, w]`, bytes over their full range.
    pub pixels: Array4<u8>,
    /// What a user should be told of each file, in the order of the paths.
    pub findings: Vec<Findings>,
}

/// Decodes many image files, in parallel, to one array `[n, c, h, w]` of bytes: as [`decode_stack`], with the channels
/// that are asked for.
///
/// Each image is what [`Image::planes`](crate::Image::planes) makes of it.
///
/// # Errors
/// As for [`decode_stack`].
///
/// ```
/// use image_stack::{Channels, Reading, Resize, decode_planes};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("1.ppm");
/// std::fs::write(&path, b"P6 2 1 255 \xff\x80\x00\x01\x02\x03")?;
///
/// let colours = decode_planes(&[&path], Channels::Rgb, Resize::None, &Reading::default())?;
/// assert_eq!(colours.pixels.shape(), [1, 3, 1, 2]);
/// assert_eq!(colours.pixels.as_slice(), Some(&[0xff, 1, 0x80, 2, 0, 3][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decode_planes<P: AsRef<Path> + Sync>(
    paths: &[P],
    channels: Channels,
    resize: Resize,
    reading: &Reading,
) -> Result<Stack, StackError> {
    let count = channels.count();
    let Some((width, height)) = resize.size((0, 0)) else {
        return Err(StackError::ZeroResize { resize });
    };
    if paths.is_empty() {
        return stack([0, count, height, width], Vec::new(), Vec::new());
    }

    // The whole first file is decoded for its size, so that no header's bare claim is allocated
    // for as many times as there are files.
    let first = first_size(paths, resize, reading)?;
    let (width, height) = resize.size(first).unwrap_or(first);
    let shape = [paths.len(), count, height, width];
    let mut pixels = zeros(shape)?;
    let outcomes = pixels
        .par_chunks_exact_mut(count * width * height)
        .zip(paths)
        .map_init(Buffer::default, |buffer, (out, path)| {
            let decoded = buffer.open(path.as_ref(), reading, resize)?;
            let (size, findings) = (decoded.size(), decoded.image.findings);
            if resize.size(size) == Some((width, height)) {
                decoded.write(channels, resize, out);
            }
            Ok((size, findings))
        })
        .collect();

    let (sizes, findings): (Vec<_>, Vec<_>) = good_or_all_errors(outcomes)?.into_iter().unzip();
    let one_size_needed = !resize.takes_any_size();
    if one_size_needed && sizes.iter().any(|&size| size != first) {
        return Err(StackError::Sizes {
            groups: groups(&sizes, paths),
        });
    }
    stack(shape, pixels, findings)
}

fn stack(shape: [usize; 4], pixels: Vec<u8>, findings: Vec<Findings>) -> Result<Stack, StackError> {
    let pixels = Array4::from_shape_vec(shape, pixels).map_err(|_| no_memory(shape))?;
    Ok(Stack { pixels, findings })
}

/// An image's own `(width, height)`, before any resize.
type Outcome = Result<(usize, usize), FileError>;

/// The size of the first image that can be read, or everything that is wrong when none can.
pub(crate) fn first_size<P: AsRef<Path> + Sync>(
    paths: &[P],
    resize: Resize,
    reading: &Reading,
) -> Result<(usize, usize), StackError> {
    let size_of = |buffer: &mut Buffer, path: &P| -> Outcome {
        Ok(buffer.open(path.as_ref(), reading, resize)?.size())
    };
    if let Some(Ok(size)) = paths
        .first()
        .map(|path| size_of(&mut Buffer::default(), path))
    {
        return Ok(size);
    }
    // Something is wrong already: find everything else that is, too.
    let outcomes: Vec<Outcome> = paths
        .par_iter()
        .map_init(Buffer::default, size_of)
        .collect();
    let sizes = good_or_all_errors(outcomes)?;
    Ok(sizes.first().copied().unwrap_or_default())
}

/// The different sizes, the most frequent first, with the first paths of each.
fn groups<P: AsRef<Path>>(sizes: &[(usize, usize)], paths: &[P]) -> Vec<SizeGroup> {
    let mut by_size = BTreeMap::new();
    for (&(width, height), path) in sizes.iter().zip(paths) {
        let group = by_size.entry((width, height)).or_insert_with(|| SizeGroup {
            width,
            height,
            count: 0,
            examples: Vec::new(),
        });
        group.count += 1;
        if group.examples.len() < EXAMPLES {
            group.examples.push(path.as_ref().to_owned());
        }
    }
    let mut groups: Vec<SizeGroup> = by_size.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}
