//! Where a picture has which colour, brightness aside.

use crate::picture::{Picture, Samples};

/// Cells along a side.
const CELLS: usize = 8;
/// A cell whose red, green and blue come to less of white's than this is too dark to have a colour: noise decides.
const DARK: f64 = 0.04;
/// Shares of the light that differ by more are two colours. Cells keep shares in 255ths.
const APART: u8 = 26;

/// The share of red, and that of blue, in the light of each cell of an 8 x 8 grid; `None` where it is dark.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tints([Option<[u8; 2]>; CELLS * CELLS]);

impl Tints {
    /// Of a picture in colour; `None` of a grey one, also where it is stored in three channels.
    pub(crate) fn of(picture: Picture<'_>) -> Option<Self> {
        if picture.channels != 3 {
            return None;
        }
        match picture.samples {
            Samples::U8(samples) => Self::of_pixels(picture, samples),
            Samples::U16(samples) => Self::of_pixels(picture, samples),
        }
    }

    fn of_pixels<T: Copy + Into<u64>>(picture: Picture<'_>, samples: &[T]) -> Option<Self> {
        let Picture { width, height, .. } = picture;
        let mut sums = [[0_u64; 3]; CELLS * CELLS];
        let mut pixels = [0_u64; CELLS * CELLS];
        let mut is_grey = true;
        for (y, row) in samples.chunks_exact(3 * width).enumerate() {
            for (x, pixel) in row.as_chunks::<3>().0.iter().enumerate() {
                let cell = y * CELLS / height * CELLS + x * CELLS / width;
                let pixel = pixel.map(Into::into);
                is_grey &= pixel[0] == pixel[1] && pixel[1] == pixel[2];
                for (sum, sample) in sums[cell].iter_mut().zip(pixel) {
                    *sum += sample;
                }
                pixels[cell] += 1;
            }
        }
        if is_grey {
            return None;
        }
        let white = 3.0 * f64::from(picture.maxval);
        Some(Self(std::array::from_fn(|cell| {
            let light = sums[cell].iter().sum::<u64>() as f64;
            let is_dark = light <= DARK * white * pixels[cell] as f64;
            let share = |sum: u64| (sum as f64 / light * 255.0).round() as u8;
            (!is_dark).then(|| [share(sums[cell][0]), share(sums[cell][2])])
        })))
    }

    /// Whether no cell has another colour, as far as both are bright enough to have one.
    pub(crate) fn agree(&self, other: &Self) -> bool {
        let cells = self.0.iter().zip(&other.0);
        cells
            .filter_map(|(own, other)| own.zip(*other))
            .all(|(own, other)| {
                let shares = own.into_iter().zip(other);
                shares.into_iter().all(|(a, b)| a.abs_diff(b) <= APART)
            })
    }
}
