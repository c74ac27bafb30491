//! Histograms of local binary patterns.

use multiversion::multiversion;
use siamese_net::{LBP_PATTERNS, lbp_patterns};

use crate::map::{Map, MapMut};

/// A neighbour this much darker than the middle still counts as bright: as in training.
const TOLERANCE: f32 = 1e-5;

/// How often each pattern is seen in each cell: the root of its share of the cell's pixels.
///
/// A pattern says which of the 8 neighbours on a circle of some pixels are at least as bright as the pixel in the middle;
/// those between pixels are interpolated (T. Ahonen, A. Hadid and M. Pietikainen, "Face description with local binary
/// patterns", IEEE Transactions on Pattern Analysis and Machine Intelligence 28, 2006). The pixels of a border as wide as
/// the radius have no pattern; cells are parts, as equal as whole pixels allow, of what is inside.
#[derive(Debug)]
pub(crate) struct Lbp {
    radius: usize,
    cells: [usize; 2],
    /// The pattern of each of the 256 codes: uniform ones in their order, then all others as one.
    patterns: [u8; 256],
    /// Bit k is the neighbour at 45 k degrees.
    neighbours: [Neighbour; 8],
}

/// A place beside a pixel.
#[derive(Debug, Clone, Copy, Default)]
struct Neighbour {
    /// Rows and columns from the upper left corner of the circle's square to the upper left of the pixels around it.
    corner: [usize; 2],
    /// Shares of the pixels around: upper left, upper right, lower left, lower right. `None` where it is a pixel.
    shares: Option<[f32; 4]>,
}

impl Lbp {
    pub(crate) fn new(radius: usize, cells: [usize; 2]) -> Self {
        let mut neighbours = [Neighbour::default(); 8];
        for (bit, neighbour) in neighbours.iter_mut().enumerate() {
            *neighbour = Neighbour::at(bit, radius);
        }
        Self {
            radius,
            cells,
            patterns: lbp_patterns(),
            neighbours,
        }
    }

    /// Of a map of `[height, width]` for each channel to `[row][column of cells][channel][pattern]`.
    pub(crate) fn apply(&self, from: Map<'_>, mut to: MapMut<'_>) {
        let [channels, height, width] = from.shape;
        let inside = [height, width].map(|side| side - 2 * self.radius);
        let edge = |cell: usize, axis: usize| cell * inside[axis] / self.cells[axis];
        let mut codes = vec![0; inside[1]];
        let mut plane = vec![0.0; height * width];
        for row in 0..self.cells[0] {
            to.row(row).fill(0.0);
        }
        for channel in 0..channels {
            for (y, plane) in plane.chunks_exact_mut(width).enumerate() {
                for (value, pixel) in plane.iter_mut().zip(from.row(y).chunks_exact(channels)) {
                    *value = pixel[channel];
                }
            }
            for row in 0..self.cells[0] {
                for y in edge(row, 0)..edge(row + 1, 0) {
                    let around = &plane[y * width..][..(2 * self.radius + 1) * width];
                    codes_of_row(around, width, self.radius, &self.neighbours, &mut codes);
                    for column in 0..self.cells[1] {
                        let counts =
                            &mut to.pixel(row, column)[channel * LBP_PATTERNS..][..LBP_PATTERNS];
                        for &code in &codes[edge(column, 1)..edge(column + 1, 1)] {
                            counts[usize::from(self.patterns[usize::from(code)])] += 1.0;
                        }
                    }
                }
            }
        }
        for row in 0..self.cells[0] {
            for column in 0..self.cells[1] {
                let pixels =
                    (edge(row + 1, 0) - edge(row, 0)) * (edge(column + 1, 1) - edge(column, 1));
                for count in to.pixel(row, column) {
                    *count = (*count / pixels as f32).sqrt();
                }
            }
        }
    }
}

impl Neighbour {
    fn at(bit: usize, radius: usize) -> Self {
        let angle = bit as f64 * std::f64::consts::FRAC_PI_4;
        let reach = radius as f64;
        let (down, right) = (-reach * angle.sin(), reach * angle.cos());
        let corner = |down: f64, right: f64| [down, right].map(|by| (by + reach) as usize);
        if bit.is_multiple_of(2) {
            return Self {
                corner: corner(down.round(), right.round()),
                shares: None,
            };
        }
        let (low, far) = (down - down.floor(), right - right.floor());
        let shares = [
            (1.0 - low) * (1.0 - far),
            (1.0 - low) * far,
            low * (1.0 - far),
            low * far,
        ];
        Self {
            corner: corner(down.floor(), right.floor()),
            shares: Some(shares.map(|share| share as f32)),
        }
    }
}

/// The codes of a row of pixels, given `2 radius + 1` rows with it in the middle.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn codes_of_row(
    around: &[f32],
    width: usize,
    radius: usize,
    neighbours: &[Neighbour; 8],
    codes: &mut [u8],
) {
    let count = codes.len();
    let from = |row: usize, column: usize| &around[row * width + column..][..count];
    let middle = from(radius, radius);
    codes.fill(0);
    for (bit, neighbour) in neighbours.iter().enumerate() {
        let [row, column] = neighbour.corner;
        let first = from(row, column);
        let Some([a, b, c, d]) = neighbour.shares else {
            for ((code, x), middle) in codes.iter_mut().zip(first).zip(middle) {
                *code |= u8::from(*x >= middle - TOLERANCE) << bit;
            }
            continue;
        };
        let (right, below, across) = (
            from(row, column + 1),
            from(row + 1, column),
            from(row + 1, column + 1),
        );
        for i in 0..count {
            let between = first[i] * a + right[i] * b + below[i] * c + across[i] * d;
            codes[i] |= u8::from(between >= middle[i] - TOLERANCE) << bit;
        }
    }
}
