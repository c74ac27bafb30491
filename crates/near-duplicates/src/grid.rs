//! Mean brightness of the cells of a grid that is laid over an image.

use crate::picture::{Picture, Samples};

/// Rows and columns of the grid: a multiple of all coarser grids that are made of it.
pub(crate) const GRID: usize = 72;

/// The means over `GRID * GRID` equal areas of the picture, row by row, in grey, over the full range of 16 bits. They are
/// exact: integers throughout, rounded once at the end.
pub(crate) fn area_means(picture: Picture<'_>) -> Vec<u16> {
    match (picture.samples, picture.channels) {
        (Samples::U8(samples), 1) => means(samples, picture),
        (Samples::U16(samples), 1) => means(samples, picture),
        (Samples::U8(samples), _) => means(&lumas(samples), picture),
        (Samples::U16(samples), _) => means(&lumas(samples), picture),
    }
}

/// ITU-R BT.601 luma `0.299 R + 0.587 G + 0.114 B` of each pixel, rounded to the nearest; it never exceeds the samples.
fn lumas<T: Copy + Into<u32>>(samples: &[T]) -> Vec<u16> {
    let luma = |&[r, g, b]: &[T; 3]| {
        ((299 * r.into() + 587 * g.into() + 114 * b.into() + 500) / 1000) as u16
    };
    samples.as_chunks::<3>().0.iter().map(luma).collect()
}

/// Separable: the rows under a row of cells are summed first, then the columns of that sum.
///
/// No sum exceeds `height * width * maxval`, which stays within 64 bits for every image that
/// fits an address space of 47 bits.
fn means<T: Copy + Into<u64>>(samples: &[T], picture: Picture<'_>) -> Vec<u16> {
    let Picture {
        width,
        height,
        maxval,
        ..
    } = picture;
    let (rows, columns) = (cover(height), cover(width));
    // Row weights add up to the height and column weights to the width.
    let white = height as u128 * width as u128 * u128::from(maxval);
    let mut means = Vec::with_capacity(GRID * GRID);
    let mut row_sums = vec![0_u64; width];
    for under in &rows {
        row_sums.fill(0);
        for &(row, weight) in under {
            let from = &samples[row * width..][..width];
            for (sum, &sample) in row_sums.iter_mut().zip(from) {
                *sum += weight * sample.into();
            }
        }
        means.extend(columns.iter().map(|under| {
            let parts = under
                .iter()
                .map(|&(column, weight)| weight * row_sums[column]);
            let sum: u64 = parts.sum();
            ((u128::from(sum) * 65_535 + white / 2) / white) as u16
        }));
    }
    means
}

/// Which pixels of an axis lie under each cell, with the length of the overlap. In units of `1 / (GRID * pixels)` of the
/// axis pixel `j` is `[j * GRID, (j + 1) * GRID)` and cell `i` is `[i * pixels, (i + 1) * pixels)`, so that the lengths
/// under a cell add up to `pixels`.
fn cover(pixels: usize) -> Vec<Vec<(usize, u64)>> {
    let (wide, cells) = (pixels as u128, GRID as u128);
    let under = |i: u128| {
        let (start, end) = (i * wide, (i + 1) * wide);
        let overlap = |j: u128| {
            let length = end.min((j + 1) * cells) - start.max(j * cells);
            (j as usize, length as u64)
        };
        (start / cells..end.div_ceil(cells)).map(overlap).collect()
    };
    (0..cells).map(under).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean over one cell, pixel by pixel.
    fn naive(pixel: impl Fn(usize, usize) -> f64, [h, w]: [usize; 2], y: usize, x: usize) -> f64 {
        let overlap = |cell: usize, at: usize, pixels: usize| {
            let scale = pixels as f64 / GRID as f64;
            let (start, end) = (cell as f64 * scale, (cell + 1) as f64 * scale);
            (end.min((at + 1) as f64) - start.max(at as f64)).max(0.0) / scale
        };
        let rows = 0..h;
        rows.flat_map(|row| (0..w).map(move |column| (row, column)))
            .map(|(row, column)| overlap(y, row, h) * overlap(x, column, w) * pixel(row, column))
            .sum()
    }

    #[test]
    fn a_cell_is_the_mean_of_what_it_covers() {
        for (width, height) in [(1, 1), (5, 3), (72, 9), (73, 91), (144, 72)] {
            let samples: Vec<u8> = (0..width * height)
                .map(|k| (k * k * 7 % 201) as u8)
                .collect();
            let picture = Picture::grey(width, height, &samples[..]).unwrap();
            let means = area_means(picture.with_maxval(200).unwrap());
            let pixel = |row: usize, column: usize| f64::from(samples[row * width + column]);
            for (y, x) in [(0, 0), (7, 3), (35, 36), (71, 71)] {
                let exact = naive(pixel, [height, width], y, x) * 65_535.0 / 200.0;
                let found = f64::from(means[y * GRID + x]);
                assert!((found - exact).abs() <= 0.5 + 1e-6, "{width}x{height}");
            }
        }
    }

    #[test]
    fn colours_count_as_their_luma() {
        let colours = [
            255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 200, 30_u8,
        ];
        assert_eq!(lumas(&colours), [76, 150, 29, 255, 124]);
        let grey = [76, 150, 29, 255, 124_u8];
        assert_eq!(
            area_means(Picture::rgb(5, 1, &colours[..]).unwrap()),
            area_means(Picture::grey(5, 1, &grey[..]).unwrap())
        );
        assert_eq!(lumas(&[u16::MAX; 3]), [u16::MAX]);
    }
}
