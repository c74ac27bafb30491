//! What is kept of an image to tell whether it is another one's near-duplicate.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::alignment;
use crate::grid::{GRID, area_means};
use crate::picture::{Picture, Samples};
use crate::thumbnail::{SIDE, Thumbnail};
use crate::tints::Tints;

/// Comparisons along a row or a column of the gradient signs.
const SIGNS: usize = 8;
/// A smoothed thumbnail that spans less than this shows nothing: two of a byte's 256 levels.
const FEATURELESS: u32 = 2 * 257;

/// About 650 bytes (850 in colour) that stand for an image of any size, for finding it again after it was
/// re-encoded, resized, made brighter or darker, or trimmed by a pixel or two.
///
/// Four things are kept, from the coarse to the exact:
///
/// - 128 *gradient signs*: whether the mean brightness rises from one cell to the next, 64 along
///   the rows of an 8 x 9 grid and 64 down the columns of a 9 x 8 grid (the "difference hash" of
///   N. Krawetz, "Kind of like that", 2013, in both directions). Their
///   [Hamming distance](Self::distance) is quick to compute and to [search](crate::NearDuplicates).
/// - a *thumbnail* of 24 x 24 area means, smoothed and stretched to its own range, for the
///   [correlation](Self::correlation) that decides;
/// - of images in colour, which share of the light is [red and which is blue](Self::has_like_colours), on an 8 x 8 grid;
/// - the SHA-256 of size, maxval and samples, colours included, for [equality](Self::has_same_pixels).
///
/// Images are stretched to a square first, so their shape does not count. Turned or mirrored copies
/// and crops of more than about two per cent of a side are other images to it.
///
/// ```
/// use near_duplicates::{Fingerprint, Picture, PictureError};
///
/// let fingerprint = |gain: usize, width: usize| {
///     let pixel = |k: usize| (k / width * 50 / 60 * (k % width) * 80 / width % 64 * gain + 9) as u8;
///     let pixels: Vec<u8> = (0..width * 60).map(pixel).collect();
///     Ok::<_, PictureError>(Fingerprint::of(Picture::grey(width, 60, &pixels[..])?))
/// };
/// let (original, darker) = (fingerprint(3, 80)?, fingerprint(2, 80)?);
/// assert!(!original.has_same_pixels(&darker));
/// assert!(original.correlation(&darker).is_some_and(|correlation| correlation > 0.999));
/// # Ok::<(), PictureError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint {
    digest: [u8; 32],
    signs: u128,
    thumbnail: Option<Box<Thumbnail>>,
    tints: Option<Box<Tints>>,
}

impl Fingerprint {
    /// The fingerprint of a picture.
    #[must_use]
    pub fn of(picture: Picture<'_>) -> Self {
        let grid = area_means(picture);
        Self {
            digest: digest(picture),
            signs: gradient_signs(&grid),
            thumbnail: thumbnail(&grid),
            tints: Tints::of(picture).map(Box::new),
        }
    }

    /// Whether both images have the same width, height, maxval and samples. A picture in colour whose three channels are
    /// equal is the grey picture.
    #[must_use]
    pub fn has_same_pixels(&self, other: &Self) -> bool {
        self.digest == other.digest
    }

    /// How many of the 128 gradient signs differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        (self.signs ^ other.signs).count_ones()
    }

    /// The normalised (Pearson) correlation of the thumbnails, from -1 to 1, after one was laid over
    /// the other as well as a trimming of two per cent a side allows. `None` if either image is
    /// [featureless](Self::is_featureless).
    ///
    /// Brightness and contrast do not count. The order of the two does not matter. An image
    /// correlates with itself to exactly 1.
    ///
    /// The alignment shifts and scales both axes by Gauss-Newton steps on the squared difference:
    /// B. D. Lucas and T. Kanade, "An iterative image registration technique with an application to
    /// stereo vision", IJCAI 1981. Where the correlation is below 0.9 without it, it is left out.
    #[must_use]
    pub fn correlation(&self, other: &Self) -> Option<f64> {
        let (own, others) = (self.thumbnail.as_deref()?, other.thumbnail.as_deref()?);
        Some(alignment::correlation(own, others))
    }

    /// Whether both images have much the same colours in the same places: in no cell of an 8 x 8 grid do the shares of red,
    /// or those of blue, in all light differ by more than 0.1. True also where one of them is grey, since a copy may be,
    /// and where a cell is nearly black.
    ///
    /// Brightness does not count. A shirt in red and in blue may correlate to 1; here they differ.
    #[must_use]
    pub fn has_like_colours(&self, other: &Self) -> bool {
        match (&self.tints, &other.tints) {
            (Some(own), Some(others)) => own.agree(others),
            _ => true,
        }
    }

    /// Whether the image shows nothing to compare: its smoothed thumbnail spans less than two of
    /// 256 levels, as that of an image of one colour does, and of an even noise or hatching. Such
    /// an image is nobody's near-duplicate; it may still have [the same
    /// pixels](Self::has_same_pixels).
    #[must_use]
    pub fn is_featureless(&self) -> bool {
        self.thumbnail.is_none()
    }

    pub(crate) fn signs(&self) -> u128 {
        self.signs
    }

    pub(crate) fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fingerprint")
            .field("signs", &format_args!("{:032x}", self.signs))
            .field("is_featureless", &self.is_featureless())
            .finish_non_exhaustive()
    }
}

fn digest(picture: Picture<'_>) -> [u8; 32] {
    match picture.samples {
        Samples::U8(samples) => digest_of(picture, samples, |row| row.into()),
        Samples::U16(samples) => digest_of(picture, samples, |row| {
            row.iter().flat_map(|sample| sample.to_le_bytes()).collect()
        }),
    }
}

/// Of the three samples of a pixel one is enough where they are equal in all pixels; otherwise they stand beside each
/// other in a row that is three times as wide.
fn digest_of<T: Copy + PartialEq>(
    picture: Picture<'_>,
    samples: &[T],
    bytes: fn(&[T]) -> Cow<'_, [u8]>,
) -> [u8; 32] {
    let Picture {
        width,
        height,
        maxval,
        channels,
        ..
    } = picture;
    let pixels = samples.as_chunks::<3>().0;
    let is_grey = channels == 3 && pixels.iter().all(|[r, g, b]| r == g && g == b);
    let columns = if is_grey { width } else { width * channels };
    let mut hasher = Sha256::new();
    hasher.update((columns as u64).to_le_bytes());
    hasher.update((height as u64).to_le_bytes());
    hasher.update(maxval.to_le_bytes());
    for row in samples.chunks_exact(width * channels) {
        if is_grey {
            let grey: Vec<T> = row.iter().copied().step_by(3).collect();
            hasher.update(bytes(&grey));
        } else {
            hasher.update(bytes(row));
        }
    }
    hasher.finalize().into()
}

/// Sums over `rows * columns` equal blocks of the grid.
fn blocks(grid: &[u16], rows: usize, columns: usize) -> Vec<u32> {
    let (height, width) = (GRID / rows, GRID / columns);
    let mut sums = vec![0; rows * columns];
    for (y, row) in grid.chunks_exact(GRID).enumerate() {
        let sums = &mut sums[y / height * columns..][..columns];
        for (sum, block) in sums.iter_mut().zip(row.chunks_exact(width)) {
            *sum += block.iter().map(|&mean| u32::from(mean)).sum::<u32>();
        }
    }
    sums
}

/// One bit for each comparison of neighbours, set where the brightness rises.
///
/// Signs that lie close together tend to agree. Each 16 bits therefore hold signs from all over the
/// image, so that few images share all 16, which is what the search looks them up by.
fn gradient_signs(grid: &[u16]) -> u128 {
    let along = blocks(grid, SIGNS, SIGNS + 1);
    let down = blocks(grid, SIGNS + 1, SIGNS);
    let mut signs = 0;
    for row in 0..SIGNS {
        for column in 0..SIGNS {
            let left = row * (SIGNS + 1) + column;
            let above = row * SIGNS + column;
            let place = (row + column) % SIGNS * 2 * SIGNS + row;
            let rises = [
                along[left + 1] > along[left],
                down[above + SIGNS] > down[above],
            ];
            signs |= u128::from(rises[0]) << place;
            signs |= u128::from(rises[1]) << (place + SIGNS);
        }
    }
    signs
}

/// The grid at a third of its side, smoothed so that a part of a pixel of shift can be made good by
/// interpolation, and stretched to all 256 levels; `None` where there is next to nothing to stretch.
fn thumbnail(grid: &[u16]) -> Option<Box<Thumbnail>> {
    let sums = blocks(grid, SIDE, SIDE);
    let smooth = smoothed(&smoothed(&sums, 1), SIDE);
    let (low, high) = (*smooth.iter().min()?, *smooth.iter().max()?);
    // Each value is a sum of 3 x 3 cells with weights that add up to 4 x 4.
    if high - low < FEATURELESS * 9 * 16 {
        return None;
    }
    let mut thumbnail = Box::new([0; SIDE * SIDE]);
    for (to, value) in thumbnail.iter_mut().zip(smooth) {
        let (above, span) = (u64::from(value - low), u64::from(high - low));
        *to = ((above * 255 + span / 2) / span) as u8;
    }
    Some(thumbnail)
}

/// Binomial smoothing with the weights 1, 2, 1 between values `step` apart; the border is repeated.
fn smoothed(values: &[u32], step: usize) -> Vec<u32> {
    let weigh = |place: usize| {
        let along = place / step % SIDE;
        let before = if along == 0 { place } else { place - step };
        let after = if along + 1 == SIDE {
            place
        } else {
            place + step
        };
        values[before] + 2 * values[place] + values[after]
    };
    (0..values.len()).map(weigh).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(picture: Picture<'_>) -> String {
        let bytes = digest(picture);
        bytes[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// ```python
    /// import hashlib, struct
    /// def digest(w, h, maxval, samples): return hashlib.sha256(struct.pack("<QQH", w, h, maxval) + samples).hexdigest()[:16]
    /// digest(3, 2, 255, bytes(range(6))), digest(3, 2, 9, bytes(range(6)))
    /// digest(6, 1, 255, bytes(range(6)))                            # two pixels in colour
    /// digest(3, 2, 65535, struct.pack("<6H", *range(6)))
    /// ```
    #[test]
    fn the_digest_is_that_of_size_maxval_and_samples() {
        let bytes = [0_u8, 1, 2, 3, 4, 5];
        let words = bytes.map(u16::from);
        let grey = Picture::grey(3, 2, &bytes[..]).unwrap();
        assert_eq!(hex(grey), "21145a54a51b37d3");
        assert_eq!(hex(grey.with_maxval(9).unwrap()), "39d81fa366f1ca0d");
        assert_eq!(
            hex(Picture::rgb(2, 1, &bytes[..]).unwrap()),
            "e49be6145b6862ca"
        );
        assert_eq!(
            hex(Picture::grey(3, 2, &words[..]).unwrap()),
            "bc9a7a8c3e78b36d"
        );
        let three = bytes.map(|byte| [byte; 3]);
        let three = Picture::rgb(3, 2, three.as_flattened()).unwrap();
        assert_eq!(hex(three), hex(grey));
    }
}
