//! Histograms of local binary patterns, as a first layer that learns nothing.

use siamese_net::{LBP_PATTERNS, lbp_patterns};
use tch::{Device, Kind, Tensor};

use crate::error::Error;
use crate::upload::{constant, to_device};

/// A neighbour this much darker than the middle still counts as bright: far less than a grey of 255 is worth after any
/// normalisation, and more than what f32 loses between pixels.
const TOLERANCE: f64 = 1e-5;

/// How often each pattern is seen in each cell of images `[n, c, h, w]` of f32, as `[n, c * 59, rows, columns]`: the root of
/// its share of the cell's pixels, so that a dot product of two is Bhattacharyya's coefficient.
///
/// A pattern says which of the 8 neighbours on a circle of `radius` pixels are at least as bright as the pixel in the
/// middle; those between pixels are interpolated. The cells are parts, as equal as whole pixels allow, of the image
/// without a border of `radius` pixels (T. Ahonen, A. Hadid and M. Pietikainen, "Face description with local binary
/// patterns", IEEE Transactions on Pattern Analysis and Machine Intelligence 28, 2006). The image must be larger than its
/// border by a pixel for each cell, as [`Plan`](siamese_net::Plan) sees to.
pub(crate) fn histograms(x: &Tensor, radius: i64, cells: [i64; 2]) -> Result<Tensor, Error> {
    let (n, c, height, width) = x.size4()?;
    let inside = [height, width].map(|side| side - 2 * radius);
    let codes = codes(&x.f_reshape([n * c, height, width])?, radius, inside)?;
    let patterns = patterns_of_codes(x.device())?
        .f_index_select(0, &codes.f_to_kind(Kind::Int64)?.f_flatten(0, -1)?)?
        .f_reshape([n * c, inside[0] * inside[1]])?;

    let bins = patterns.f_add(&bins_of_pixels(inside, cells, x.device())?)?;
    let pixels = pixels_of_cells(inside, cells, x.device())?;
    // Sums of ones, so the same in whatever order they are added up.
    let floats = (Kind::Float, x.device());
    let ones = Tensor::f_ones(bins.size(), floats)?;
    let counts = Tensor::f_zeros([n * c, cells[0] * cells[1] * LBP_PATTERNS as i64], floats)?
        .f_scatter_add(1, &bins, &ones)?;
    Ok(counts
        .f_reshape([n, c, cells[0] * cells[1], LBP_PATTERNS as i64])?
        .f_div(&pixels)?
        .f_sqrt()?
        .f_permute([0, 1, 3, 2])?
        .f_reshape([n, c * LBP_PATTERNS as i64, cells[0], cells[1]])?)
}

/// For each pixel where the bins of its cell begin, `[h * w]`.
fn bins_of_pixels(inside: [i64; 2], cells: [i64; 2], device: Device) -> Result<Tensor, Error> {
    constant(("bins", name(inside, cells)), device, || {
        let [rows, columns] = [0, 1].map(|axis| cell_of_each_pixel(inside[axis], cells[axis]));
        let of_row = |row: &i64| {
            let first = row * cells[1];
            let columns = columns.iter();
            columns
                .map(|column| (first + column) * LBP_PATTERNS as i64)
                .collect::<Vec<_>>()
        };
        let bins: Vec<i64> = rows.iter().flat_map(of_row).collect();
        to_device(&bins, device)
    })
}

/// How many pixels each cell has, `[cells, 1]`.
fn pixels_of_cells(inside: [i64; 2], cells: [i64; 2], device: Device) -> Result<Tensor, Error> {
    constant(("pixels of cells", name(inside, cells)), device, || {
        let mut pixels = vec![0.0_f32; (cells[0] * cells[1]) as usize];
        for row in cell_of_each_pixel(inside[0], cells[0]) {
            for column in cell_of_each_pixel(inside[1], cells[1]) {
                pixels[(row * cells[1] + column) as usize] += 1.0;
            }
        }
        Ok(to_device(&pixels, device)?.f_unsqueeze(1)?)
    })
}

/// Sides and cells as whole numbers of a constant's name; no side has more pixels than 32 bits count.
fn name(inside: [i64; 2], cells: [i64; 2]) -> [u64; 3] {
    let both = |sides: [i64; 2]| (sides[0] as u64) << 32 | sides[1] as u64;
    [both(inside), both(cells), 0]
}

/// The patterns of images `[n, h, w]` without their border, as u8: bit k is the neighbour at 45 k degrees.
fn codes(x: &Tensor, radius: i64, inside: [i64; 2]) -> Result<Tensor, Error> {
    let at = |down: i64, right: i64| {
        x.f_narrow(1, radius + down, inside[0])?
            .f_narrow(2, radius + right, inside[1])
    };
    let darkest = at(0, 0)?.f_sub_scalar(TOLERANCE)?;
    let mut codes = darkest.f_zeros_like()?.f_to_kind(Kind::Uint8)?;
    for bit in (0..8).rev() {
        let angle = f64::from(bit) * std::f64::consts::FRAC_PI_4;
        let (down, right) = (-(radius as f64) * angle.sin(), radius as f64 * angle.cos());
        let neighbour = if bit % 2 == 0 {
            at(down.round() as i64, right.round() as i64)?
        } else {
            between(at, down, right)?
        };
        let bright = neighbour.f_ge_tensor(&darkest)?;
        codes = codes.f_mul_scalar_(2i64)?.f_add_(&bright)?;
    }
    Ok(codes)
}

/// The image moved by a part of a pixel, interpolated between the four around.
fn between(
    at: impl Fn(i64, i64) -> Result<Tensor, tch::TchError>,
    down: f64,
    right: f64,
) -> Result<Tensor, Error> {
    let (y, x) = (down.floor(), right.floor());
    let (low, far) = (down - y, right - x);
    let (y, x) = (y as i64, x as i64);
    let mut sum = at(y, x)?.f_mul_scalar((1.0 - low) * (1.0 - far))?;
    for (dy, dx, share) in [
        (0, 1, (1.0 - low) * far),
        (1, 0, low * (1.0 - far)),
        (1, 1, low * far),
    ] {
        sum = sum.f_add_(&at(y + dy, x + dx)?.f_mul_scalar(share)?)?;
    }
    Ok(sum)
}

/// For each of the 256 codes its pattern: uniform ones in their order, then 58.
fn patterns_of_codes(device: Device) -> Result<Tensor, Error> {
    let patterns = lbp_patterns().map(i64::from);
    constant(("patterns", [0; 3]), device, || {
        to_device(&patterns, device)
    })
}

/// In which of `cells` parts each of `length` pixels in a line lies.
fn cell_of_each_pixel(length: i64, cells: i64) -> Vec<i64> {
    let edge = |cell: i64| cell * length / cells;
    (0..cells)
        .flat_map(|cell| std::iter::repeat_n(cell, (edge(cell + 1) - edge(cell)) as usize))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, pixel by pixel in f64: root shares `[rows, columns][pattern]` of one image `[height, width]`.
    fn naive(image: &[f64], width: usize, radius: usize, cells: [usize; 2]) -> Vec<Vec<f64>> {
        let height = image.len() / width;
        let inside = [height - 2 * radius, width - 2 * radius];
        let uniform: Vec<usize> = (0..256usize)
            .filter(|code| {
                (0..8)
                    .filter(|k| code >> k & 1 != code >> ((k + 1) % 8) & 1)
                    .count()
                    <= 2
            })
            .collect();
        let sample = |y: f64, x: f64| {
            let (y0, x0) = ((y + 1e-9).floor(), (x + 1e-9).floor());
            let grey = |y: f64, x: f64| {
                image[(y as usize).min(height - 1) * width + (x as usize).min(width - 1)]
            };
            let (fy, fx) = ((y - y0).max(0.0), (x - x0).max(0.0));
            (1.0 - fy) * ((1.0 - fx) * grey(y0, x0) + fx * grey(y0, x0 + 1.0))
                + fy * ((1.0 - fx) * grey(y0 + 1.0, x0) + fx * grey(y0 + 1.0, x0 + 1.0))
        };
        let mut counts = vec![vec![0.0; 59]; cells[0] * cells[1]];
        let mut pixels = vec![0.0; cells[0] * cells[1]];
        for y in 0..inside[0] {
            for x in 0..inside[1] {
                let cell_of = |at: usize, axis: usize| {
                    (0..cells[axis])
                        .rfind(|cell| cell * inside[axis] / cells[axis] <= at)
                        .unwrap()
                };
                let cell = cell_of(y, 0) * cells[1] + cell_of(x, 1);
                let middle = image[(y + radius) * width + x + radius];
                let code = (0..8).fold(0, |code, bit| {
                    let angle = f64::from(bit) * std::f64::consts::PI / 4.0;
                    let reach = radius as f64;
                    let down = (y + radius) as f64 - reach * angle.sin();
                    let right = (x + radius) as f64 + reach * angle.cos();
                    code | usize::from(sample(down, right) >= middle - 1e-5) << bit
                });
                let pattern = uniform.iter().position(|&u| u == code).unwrap_or(58);
                counts[cell][pattern] += 1.0;
                pixels[cell] += 1.0;
            }
        }
        let cell = |(counts, pixels): (Vec<f64>, f64)| {
            counts.iter().map(|count| (count / pixels).sqrt()).collect()
        };
        counts.into_iter().zip(pixels).map(cell).collect()
    }

    #[test]
    fn histograms_are_those_of_the_definition() {
        let (height, width) = (23, 18);
        let mut rng = pairgen::stream(3, "test", 0);
        let image = |rng: &mut pairgen::Stream| -> Vec<f64> {
            let greys = (0..height * width).map(|_| f64::from(rng.below(9)) / 255.0);
            greys.collect()
        };
        let images: Vec<Vec<f64>> = (0..4).map(|_| image(&mut rng)).collect();
        let x = Tensor::from_slice(&images.concat())
            .reshape([2, 2, height as i64, width as i64])
            .to_kind(Kind::Float);
        for (radius, cells) in [(1, [3, 2]), (2, [7, 7]), (3, [1, 4])] {
            let got = histograms(&x, radius, cells).unwrap();
            assert_eq!(got.size(), [2, 118, cells[0], cells[1]]);
            let got = got.reshape([4, 59, cells[0] * cells[1]]);
            for (i, image) in images.iter().enumerate() {
                let want = naive(image, width, radius as usize, cells.map(|n| n as usize));
                for (cell, patterns) in want.iter().enumerate() {
                    for (pattern, share) in patterns.iter().enumerate() {
                        let got = got.double_value(&[i as i64, pattern as i64, cell as i64]);
                        assert!(
                            (got - share).abs() < 1e-6,
                            "radius {radius}, {i}, {cell}, {pattern}"
                        );
                    }
                }
            }
        }
    }

    /// Light that grows with a pixel's grey changes no pattern, and a flat patch is flat at every grey.
    #[test]
    fn more_light_and_contrast_change_nothing() {
        tch::manual_seed(1);
        let x = Tensor::randint(16, [3, 1, 30, 25], tch::kind::FLOAT_CPU) / 16.0;
        let plain = histograms(&x, 2, [7, 7]).unwrap();
        let changed = histograms(&(&x * 4.9 - 2.2), 2, [7, 7]).unwrap();
        assert_eq!(plain, changed);
        for grey in 0..256 {
            let flat = Tensor::full(
                [1, 1, 11, 11],
                (f64::from(grey) / 255.0 - 0.45) / 0.2,
                tch::kind::FLOAT_CPU,
            );
            let seen = histograms(&flat, 2, [7, 7]).unwrap();
            // All neighbours are as bright: the last of the uniform patterns.
            assert_eq!(
                seen.narrow(1, 57, 1).sum(Kind::Float).double_value(&[]),
                49.0
            );
        }
    }
}
