//! Histograms of local binary patterns.

use rayon::prelude::*;

/// Cells on a side of the grid of histograms.
const GRID: usize = 7;

/// Pixels from a pixel to its neighbours.
const RADIUS: usize = 2;

/// Bins of a histogram: the 58 uniform patterns, in the order of their codes, and one for all others.
const BINS: usize = 59;

/// Components of the histograms of an image.
pub(crate) const COMPONENTS: usize = GRID * GRID * BINS;

/// The least height and width that give every cell a pixel.
pub(crate) const SMALLEST_SIDE: usize = GRID + 2 * RADIUS;

/// A neighbour at 45 degrees lies at sqrt(2) from the centre in both axes, between the pixels at 1
/// and 2. Its fraction is 0.41421, the rounding of the common implementations, in whole numbers,
/// so that the grey value at that place is exact and a flat patch is flat.
const FAR: i64 = 41_421;
const NEAR: i64 = 100_000 - FAR;
const WHOLE: i64 = 100_000 * 100_000;

/// Counts of patterns in the cells of each image, `[images, GRID * GRID * BINS]`, or nothing if the
/// images are smaller than [`SMALLEST_SIDE`].
///
/// A pattern says which of the 8 pixels on a circle of radius 2 are at least as bright as the one
/// in the middle; it is uniform if its bits change at most twice around the circle. The cells are
/// the 7x7 parts, as equal as whole pixels allow, of the image without a border of 2 pixels, row
/// by row (T. Ahonen, A. Hadid and M. Pietikainen, "Face description with local binary patterns",
/// IEEE Transactions on Pattern Analysis and Machine Intelligence 28, 2006).
///
/// The counts are whole numbers. They do not change if grey values `g` become `a g + b` with
/// a positive `a`.
pub(crate) fn histograms(pixels: &[u8], height: usize, width: usize) -> Option<Vec<f32>> {
    if height < SMALLEST_SIDE || width < SMALLEST_SIDE {
        return None;
    }
    let bins = bins_of_codes();
    let mut counts = vec![0.0; pixels.len() / (height * width) * COMPONENTS];
    counts
        .par_chunks_exact_mut(COMPONENTS)
        .zip(pixels.par_chunks_exact(height * width))
        .for_each(|(counts, image)| count(image, height, width, &bins, counts));
    Some(counts)
}

fn count(image: &[u8], height: usize, width: usize, bins: &[u8; 256], counts: &mut [f32]) {
    let edge = |cell: usize, side: usize| RADIUS + cell * (side - 2 * RADIUS) / GRID;
    for (cell, counts) in counts.chunks_exact_mut(BINS).enumerate() {
        let (row, column) = (cell / GRID, cell % GRID);
        for y in edge(row, height)..edge(row + 1, height) {
            for x in edge(column, width)..edge(column + 1, width) {
                let code = code(&image[(y - RADIUS) * width + x - RADIUS..], width);
                counts[usize::from(bins[usize::from(code)])] += 1.0;
            }
        }
    }
}

/// The pattern of the pixel in the middle of the 5x5 pixels that start here: bit k is the
/// neighbour at 45 k degrees, counted from the right against the clock.
#[inline]
fn code(corner: &[u8], width: usize) -> u8 {
    const MIDDLE: isize = RADIUS as isize;
    let at = |down: isize, right: isize| {
        i64::from(corner[(MIDDLE + down) as usize * width + (MIDDLE + right) as usize])
    };
    let centre = at(0, 0);
    let straight = |down: isize, right: isize| at(2 * down, 2 * right) >= centre;
    let slanted = |down: isize, right: isize| {
        let grey = NEAR * NEAR * at(down, right)
            + NEAR * FAR * (at(down, 2 * right) + at(2 * down, right))
            + FAR * FAR * at(2 * down, 2 * right);
        grey >= WHOLE * centre
    };
    u8::from(straight(0, 1))
        | u8::from(slanted(-1, 1)) << 1
        | u8::from(straight(-1, 0)) << 2
        | u8::from(slanted(-1, -1)) << 3
        | u8::from(straight(0, -1)) << 4
        | u8::from(slanted(1, -1)) << 5
        | u8::from(straight(1, 0)) << 6
        | u8::from(slanted(1, 1)) << 7
}

fn bins_of_codes() -> [u8; 256] {
    let mut bins = [BINS as u8 - 1; 256];
    let uniform = (0..=u8::MAX).filter(|code| (code ^ code.rotate_left(1)).count_ones() <= 2);
    for (bin, code) in uniform.enumerate() {
        bins[usize::from(code)] = bin as u8;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_58_uniform_patterns() {
        let bins = bins_of_codes();
        assert_eq!(bins.iter().filter(|&&bin| bin == 58).count(), 256 - 58);
        assert_eq!(
            [bins[0], bins[1], bins[0b11], bins[0b101], bins[255]],
            [0, 1, 3, 58, 57]
        );
    }

    #[test]
    fn the_smallest_image_has_one_pixel_in_each_cell() {
        let side = SMALLEST_SIDE;
        let counts = histograms(&vec![9; side * side], side, side).unwrap();
        for cell in counts.chunks(BINS) {
            // A flat patch: every neighbour is at least as bright.
            assert_eq!(cell[57], 1.0);
            assert_eq!(cell.iter().sum::<f32>(), 1.0);
        }
        assert_eq!(histograms(&vec![9; side * 10], side, 10), None);
        assert_eq!(histograms(&vec![9; side * 10], 10, side), None);
    }

    /// Counts of scikit-image's codes:
    ///
    /// ```python
    /// i, y, x = 7, *np.ogrid[:26, :23]
    /// noise = (i * 9973 + y * 131 + x * 17) ** 2 * 2654435761 % 2**32 >> 26
    /// image = ((y * 3 + x * 10) // 2 + 40) % 128 + noise + 18
    /// codes = local_binary_pattern(image.astype(np.uint8), 8, 2).astype(int)[2:-2, 2:-2]
    /// uniform = [c for c in range(256) if bin(c ^ ((c << 1 | c >> 7) & 255)).count("1") <= 2]
    /// bins = np.array([uniform.index(c) if c in uniform else 58 for c in range(256)])[codes]
    /// np.bincount(bins.ravel(), minlength=59)
    /// [bins[r * 22 // 7:(r + 1) * 22 // 7, c * 19 // 7:(c + 1) * 19 // 7].sum()
    ///  for r in range(7) for c in range(7)]
    /// ```
    #[test]
    fn counts_equal_those_of_scikit_image() {
        let image: Vec<u8> = (0..26 * 23_u32)
            .map(|pixel| {
                let (y, x) = (pixel / 23, pixel % 23);
                let noise = (7 * 9973 + y * 131 + x * 17_u32)
                    .wrapping_pow(2)
                    .wrapping_mul(2_654_435_761)
                    >> 26;
                (((y * 3 + x * 10) / 2 + 40) % 128 + noise + 18) as u8
            })
            .collect();
        let counts = histograms(&image, 26, 23).unwrap();
        let whole: Vec<f32> = (0..BINS)
            .map(|bin| counts.iter().skip(bin).step_by(BINS).sum())
            .collect();
        assert_eq!(
            whole,
            [
                53.0, 19.0, 3.0, 7.0, 6.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 4.0, 2.0, 0.0, 0.0, 0.0,
                1.0, 0.0, 3.0, 4.0, 0.0, 0.0, 14.0, 0.0, 1.0, 1.0, 3.0, 1.0, 2.0, 3.0, 3.0, 8.0,
                1.0, 0.0, 1.0, 5.0, 3.0, 3.0, 2.0, 6.0, 4.0, 5.0, 0.0, 1.0, 2.0, 8.0, 25.0, 0.0,
                1.0, 0.0, 6.0, 0.0, 1.0, 14.0, 0.0, 1.0, 2.0, 55.0, 131.0
            ]
        );
        let sums: Vec<f32> = counts
            .chunks(BINS)
            .map(|cell| {
                cell.iter()
                    .enumerate()
                    .map(|(bin, count)| bin as f32 * count)
                    .sum()
            })
            .collect();
        assert_eq!(
            sums,
            [
                325.0, 379.0, 284.0, 277.0, 364.0, 313.0, 348.0, 231.0, 399.0, 227.0, 262.0, 263.0,
                371.0, 382.0, 267.0, 366.0, 395.0, 211.0, 306.0, 427.0, 332.0, 220.0, 363.0, 326.0,
                173.0, 232.0, 382.0, 211.0, 235.0, 294.0, 358.0, 260.0, 369.0, 260.0, 372.0, 201.0,
                349.0, 380.0, 195.0, 491.0, 406.0, 375.0, 284.0, 521.0, 370.0, 219.0, 562.0, 447.0,
                478.0
            ]
        );
    }
}
