//! Correlation of two thumbnails, one laid over the other as well as a small trimming allows.

use crate::thumbnail::{SIDE, Thumbnail};

/// Pixels at each border that are not compared, where an aligned thumbnail may have no data.
const MARGIN: usize = 2;
/// Corrections of the alignment.
const STEPS: usize = 2;
/// Images less alike than this are not aligned.
pub(crate) const WORTH_ALIGNING: f64 = 0.9;
/// How far the middle may move, as a share of the side: half of what may be trimmed off one border.
const MOST_SHIFT: f32 = 0.013;
/// How much an axis may be scaled: what is trimmed off both borders.
const MOST_SCALE: f32 = 0.045;

/// Coordinates of the middle.
const MIDDLE: f32 = (SIDE - 1) as f32 / 2.0;

/// A thumbnail in floats, around zero.
type Pixels = [f32; SIDE * SIDE];

/// See [`Fingerprint::correlation`](crate::Fingerprint::correlation).
pub(crate) fn correlation(a: &Thumbnail, b: &Thumbnail) -> f64 {
    let unaligned = unaligned(a, b);
    if unaligned < WORTH_ALIGNING {
        return unaligned;
    }
    let [a, b] = [a, b].map(|thumbnail| thumbnail.map(|value| f32::from(value) - 127.5));
    // Laying a smooth image over a detailed one is easier than the other way round.
    aligned(&a, &b).min(aligned(&b, &a))
}

/// Pearson's correlation of thumbnails as they are, in integers: for most pairs this is all.
fn unaligned(a: &Thumbnail, b: &Thumbnail) -> f64 {
    let product = |a: &Thumbnail, b: &Thumbnail| -> i64 {
        let products = a.iter().zip(b).map(|(&a, &b)| u32::from(a) * u32::from(b));
        products.sum::<u32>().into()
    };
    let sum = |a: &Thumbnail| -> i64 { a.iter().map(|&a| u32::from(a)).sum::<u32>().into() };
    let count = a.len() as i64;
    let covariance = |a, b| (count * product(a, b) - sum(a) * sum(b)) as f64;
    (covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt()).clamp(-1.0, 1.0)
}

/// How the axes of one thumbnail lie over those of another: pixel `x` on `middle + shift +
/// (1 + scale) * (x - middle)`, the same for `y`.
#[derive(Clone, Copy, Default)]
struct Alignment {
    /// For x and y.
    shift: [f32; 2],
    /// For x and y.
    scale: [f32; 2],
}

/// The highest correlation of `still` with `moved` on the way to the best alignment.
fn aligned(still: &Pixels, moved: &Pixels) -> f64 {
    let mut alignment = Alignment::default();
    let mut warped = *moved;
    let mut best = correlate(still, moved);
    for _ in 0..STEPS {
        let Some(corrected) = alignment.corrected(still, &warped) else {
            break;
        };
        alignment = corrected;
        warped = alignment.warp(moved);
        best = best.max(correlate(still, &warped));
    }
    best
}

impl Alignment {
    /// `pixels` on the other thumbnail's axes, by cubic convolution with the border repeated: R. G.
    /// Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29(6),
    /// 1981. Linear interpolation blurs so much that a trimmed copy looks like another photo.
    fn warp(&self, pixels: &Pixels) -> Pixels {
        let [columns, rows] = [0, 1].map(|axis| -> [Taps; SIDE] {
            std::array::from_fn(|at| {
                let off_middle = at as f32 - MIDDLE;
                Taps::at(MIDDLE + self.shift[axis] + (1.0 + self.scale[axis]) * off_middle)
            })
        });
        let (mut across, mut warped) = ([0.0; SIDE * SIDE], [0.0; SIDE * SIDE]);
        for (to, from) in across.chunks_exact_mut(SIDE).zip(pixels.chunks_exact(SIDE)) {
            for (to, taps) in to.iter_mut().zip(&columns) {
                *to = taps.sum(|column| from[column]);
            }
        }
        for (to, taps) in warped.chunks_exact_mut(SIDE).zip(&rows) {
            for (column, to) in to.iter_mut().enumerate() {
                *to = taps.sum(|row| across[row * SIDE + column]);
            }
        }
        warped
    }

    /// One Gauss-Newton step: the change of shift and scale that, together with a gain and an
    /// offset of brightness, explains best by `warped` and its slopes what `still` shows. `None`
    /// where the slopes leave that open.
    fn corrected(mut self, still: &Pixels, warped: &Pixels) -> Option<Self> {
        let mut system = [[0.0_f64; 7]; 6];
        for (y, x) in compared() {
            let place = y * SIDE + x;
            let along = (warped[place + 1] - warped[place - 1]) / 2.0;
            let down = (warped[place + SIDE] - warped[place - SIDE]) / 2.0;
            let (right, below) = (x as f32 - MIDDLE, y as f32 - MIDDLE);
            let terms = [
                warped[place],
                1.0,
                along,
                down,
                along * right,
                down * below,
                still[place],
            ]
            .map(f64::from);
            for (row, &term) in system.iter_mut().zip(&terms) {
                for (sum, &other) in row.iter_mut().zip(&terms) {
                    *sum += term * other;
                }
            }
        }
        let [gain, _, along, down, wider, higher] = solve(system)?;
        if gain <= 0.0 {
            return None;
        }
        let most_shift = MOST_SHIFT * SIDE as f32;
        let change = |value: &mut f32, by: f64, most: f32| {
            *value = (*value + (by / gain) as f32).clamp(-most, most);
        };
        change(&mut self.shift[0], along, most_shift);
        change(&mut self.shift[1], down, most_shift);
        change(&mut self.scale[0], wider, MOST_SCALE);
        change(&mut self.scale[1], higher, MOST_SCALE);
        Some(self)
    }
}

/// The four pixels of an axis around a place, and their weights.
struct Taps {
    places: [usize; 4],
    weights: [f32; 4],
}

impl Taps {
    fn at(place: f32) -> Self {
        let before = place.floor();
        let t = place - before;
        let place = |k: usize| (before + k as f32 - 1.0).clamp(0.0, (SIDE - 1) as f32) as usize;
        let weights = [
            t * (t * (1.0 - 0.5 * t) - 0.5),
            1.0 + t * t * (1.5 * t - 2.5),
            t * (0.5 + t * (2.0 - 1.5 * t)),
            t * t * (0.5 * t - 0.5),
        ];
        Self {
            places: std::array::from_fn(place),
            weights,
        }
    }

    fn sum(&self, pixel: impl Fn(usize) -> f32) -> f32 {
        let weighted = self.places.iter().zip(&self.weights);
        weighted.map(|(&place, weight)| weight * pixel(place)).sum()
    }
}

/// Rows and columns that are compared.
fn compared() -> impl Iterator<Item = (usize, usize)> {
    let inner = MARGIN..SIDE - MARGIN;
    inner
        .clone()
        .flat_map(move |y| inner.clone().map(move |x| (y, x)))
}

/// Pearson's correlation inside the margin; 0 where either side is even there.
fn correlate(a: &Pixels, b: &Pixels) -> f64 {
    let (mut count, mut sum_a, mut sum_b) = (0.0, 0.0, 0.0);
    let (mut squares_a, mut squares_b, mut products) = (0.0, 0.0, 0.0);
    for (y, x) in compared() {
        let place = y * SIDE + x;
        let (a, b) = (f64::from(a[place]), f64::from(b[place]));
        sum_a += a;
        sum_b += b;
        squares_a += a * a;
        squares_b += b * b;
        products += a * b;
        count += 1.0;
    }
    let variance_a = squares_a - sum_a * sum_a / count;
    let variance_b = squares_b - sum_b * sum_b / count;
    let covariance = products - sum_a * sum_b / count;
    if variance_a <= 0.0 || variance_b <= 0.0 {
        return 0.0;
    }
    (covariance / (variance_a * variance_b).sqrt()).clamp(-1.0, 1.0)
}

/// Solves six linear equations, the right side in the last column, by elimination with the largest
/// pivot of each column; `None` where they do not determine all unknowns.
fn solve(mut system: [[f64; 7]; 6]) -> Option<[f64; 6]> {
    for column in 0..6 {
        let pivot = (column..6).max_by(|&a, &b| {
            let [a, b] = [a, b].map(|row| system[row][column].abs());
            a.total_cmp(&b)
        })?;
        system.swap(column, pivot);
        let pivot = system[column];
        if pivot[column].abs() < 1e-6 {
            return None;
        }
        for row in (0..6).filter(|&row| row != column) {
            let share = system[row][column] / pivot[column];
            for (value, pivot) in system[row].iter_mut().zip(pivot) {
                *value -= share * pivot;
            }
        }
    }
    Some(std::array::from_fn(|k| system[k][6] / system[k][k]))
}
