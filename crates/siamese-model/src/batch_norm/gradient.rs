//! From the gradient of a part's result to those of weight, bias and the part.

use std::mem::MaybeUninit;

use multiversion::multiversion;

use super::{BatchNorm, Figures, Pool, Sides, Sums, by_lanes};

/// Sums over all values of each channel: of the gradient of what the layer gives before pooling and relu, and of the same
/// times the normalised value. They are the gradients of bias and weight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GradientSums {
    pub(crate) of_bias: Vec<f64>,
    pub(crate) of_weight: Vec<f64>,
}

impl Sums for GradientSums {
    fn join(mut self, other: &Self) -> Self {
        let sums = self.of_bias.iter_mut().chain(&mut self.of_weight);
        for (sum, other) in sums.zip(other.of_bias.iter().chain(&other.of_weight)) {
            *sum += other;
        }
        self
    }

    /// Those of biases, then of weights.
    fn to_numbers(&self) -> Vec<f64> {
        [&self.of_bias[..], &self.of_weight].concat()
    }

    fn from_numbers(numbers: &[f64]) -> Self {
        let (of_bias, of_weight) = numbers.split_at(numbers.len() / 2);
        Self {
            of_bias: of_bias.to_vec(),
            of_weight: of_weight.to_vec(),
        }
    }
}

/// A part on its way back.
#[derive(Clone, Copy)]
pub(crate) struct Returning<'a> {
    pub(crate) sides: Sides,
    /// What went in.
    pub(crate) x: &'a [f32],
    /// What [`BatchNorm::apply`] gave.
    pub(crate) winners: &'a [u8],
    /// The gradient of the result.
    pub(crate) gradient: &'a [f32],
}

/// Numbers of a row that is treated as one, where nothing is pooled.
const CHUNK: usize = 4096;

impl BatchNorm {
    /// The sums over a part.
    ///
    /// # Panics
    /// Where a slice has another length.
    pub(crate) fn gradient_sums(&self, figures: &Figures, part: Returning<'_>) -> GradientSums {
        let channels = part.sides.channels;
        let mut sums = GradientSums {
            of_bias: vec![0.0; channels],
            of_weight: vec![0.0; channels],
        };
        self.rows(figures, part, |_, x, gradient| {
            by_lanes!(channels, add_row(figures, x, gradient, &mut sums));
        });
        let deviations = sums.of_weight.iter_mut().zip(&figures.inverse_deviation);
        for (sum, inverse) in deviations {
            *sum *= f64::from(*inverse);
        }
        sums
    }

    /// Writes the gradient of a part into `out`, given the sums over the whole batch and how many values of each channel
    /// it has.
    ///
    /// # Panics
    /// Where a slice has another length.
    pub(crate) fn gradient(
        &self,
        figures: &Figures,
        part: Returning<'_>,
        whole: &GradientSums,
        count: f64,
        out: &mut [MaybeUninit<f32>],
    ) {
        assert_eq!(out.len(), part.sides.len());
        let channels = part.sides.channels;
        // x's gradient is scale · g + slope · (x - mean) + level.
        let scales = figures.scale.iter().zip(&figures.inverse_deviation);
        let slopes = scales.zip(&whole.of_weight);
        let slopes: Vec<f32> = slopes
            .map(|((scale, inverse), sum)| {
                (-f64::from(*scale) * f64::from(*inverse) * sum / count) as f32
            })
            .collect();
        let levels = figures.scale.iter().zip(&whole.of_bias);
        let levels: Vec<f32> = levels
            .map(|(scale, sum)| (-f64::from(*scale) * sum / count) as f32)
            .collect();
        self.rows(figures, part, |at, x, gradient| {
            let out = &mut out[at..][..x.len()];
            by_lanes!(
                channels,
                write_row(figures, &slopes, &levels, x, gradient, out)
            );
        });
    }

    /// Calls `each` with the place of each row of pixels, the row, and the gradient of what the layer gives for it before
    /// pooling and relu.
    fn rows(
        &self,
        figures: &Figures,
        part: Returning<'_>,
        mut each: impl FnMut(usize, &[f32], &[f32]),
    ) {
        let Returning {
            sides,
            x,
            winners,
            gradient,
        } = part;
        let channels = sides.channels;
        assert_eq!(x.len(), sides.len());
        assert_eq!(gradient.len(), self.output_len(sides));
        let Some(Pool { window, .. }) = self.pool else {
            let row = (CHUNK / channels).max(1) * channels;
            let mut passed = vec![0.0; row];
            let rows = x.chunks(row).zip(gradient.chunks(row));
            for (i, (x, gradient)) in rows.enumerate() {
                if self.relu {
                    let passed = &mut passed[..x.len()];
                    by_lanes!(channels, through_relu(figures, x, gradient, passed));
                    each(i * row, x, passed);
                } else {
                    each(i * row, x, gradient);
                }
            }
            return;
        };
        assert_eq!(winners.len(), gradient.len());
        let [high, wide] = window;
        let [pooled_rows, columns] = self.output(sides);
        let (row, pooled_row) = (sides.width * channels, columns * channels);
        let mut passed = vec![0.0; row];
        for (i, x) in x.chunks_exact(row).enumerate() {
            let (image, y) = (i / sides.height, i % sides.height);
            passed.fill(0.0);
            if y / high < pooled_rows {
                let from = (image * pooled_rows + y / high) * pooled_row;
                let gradient = &gradient[from..][..pooled_row];
                let winners = &winners[from..][..pooled_row];
                let first = (y % high * wide) as u8;
                by_lanes!(
                    channels,
                    to_winners(wide, first, channels, gradient, winners, &mut passed)
                );
            }
            each(i * row, x, &passed);
        }
    }
}

/// The gradient where relu let the value through.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn through_relu<const B: usize>(
    figures: &Figures,
    x: &[f32],
    gradient: &[f32],
    passed: &mut [f32],
) {
    let scales = figures.scale.as_chunks::<B>().0;
    let shifts = figures.shift.as_chunks::<B>().0;
    let pixels = x.as_chunks::<B>().0.chunks_exact(scales.len());
    let gradients = gradient.as_chunks::<B>().0.chunks_exact(scales.len());
    let passed = passed.as_chunks_mut::<B>().0;
    let passed = passed.chunks_exact_mut(scales.len());
    for ((x, gradient), passed) in pixels.zip(gradients).zip(passed) {
        for block in 0..scales.len() {
            // Copies, so that loads do not wait for what is decided.
            let (x, gradient) = (x[block], gradient[block]);
            for lane in 0..B {
                let value = x[lane] * scales[block][lane] + shifts[block][lane];
                let let_through = gradient[lane];
                passed[block][lane] = if value <= 0.0 { 0.0 } else { let_through };
            }
        }
    }
}

/// The gradients of a row of windows at those of their winners that lie in one row of pixels, whose first place in a
/// window is `first`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn to_winners<const B: usize>(
    wide: usize,
    first: u8,
    channels: usize,
    gradient: &[f32],
    winners: &[u8],
    passed: &mut [f32],
) {
    let blocks = channels / B;
    let gradients = gradient.as_chunks::<B>().0.chunks_exact(blocks);
    let winners = winners.as_chunks::<B>().0.chunks_exact(blocks);
    let windows = passed.as_chunks_mut::<B>().0.chunks_mut(wide * blocks);
    for ((gradient, winners), window) in gradients.zip(winners).zip(windows) {
        for (dx, pixel) in window.chunks_exact_mut(blocks).enumerate() {
            let place = first + dx as u8;
            for block in 0..blocks {
                let (gradient, winners) = (gradient[block], winners[block]);
                for lane in 0..B {
                    let let_through = gradient[lane];
                    let won = winners[lane] == place;
                    pixel[block][lane] = if won { let_through } else { 0.0 };
                }
            }
        }
    }
}

/// Adds a row to sums of the gradient, and of the gradient times the distance from the mean.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_row<const B: usize>(
    figures: &Figures,
    x: &[f32],
    gradient: &[f32],
    sums: &mut GradientSums,
) {
    let means = figures.mean.as_chunks::<B>().0;
    let blocks = means.len();
    let (x, gradient) = (x.as_chunks::<B>().0, gradient.as_chunks::<B>().0);
    let of_bias = sums.of_bias.as_chunks_mut::<B>().0.iter_mut();
    let sums = of_bias.zip(sums.of_weight.as_chunks_mut::<B>().0);
    for (block, (mean, (of_bias, of_weight))) in means.iter().zip(sums).enumerate() {
        let (mut plain, mut weighted) = ([0.0f32; B], [0.0f32; B]);
        let column = x[block..].iter().zip(&gradient[block..]);
        for (x, gradient) in column.step_by(blocks) {
            for lane in 0..B {
                plain[lane] += gradient[lane];
                weighted[lane] += gradient[lane] * (x[lane] - mean[lane]);
            }
        }
        for lane in 0..B {
            of_bias[lane] += f64::from(plain[lane]);
            of_weight[lane] += f64::from(weighted[lane]);
        }
    }
}

/// Writes `scale · g + slope · (x - mean) + level`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn write_row<const B: usize>(
    figures: &Figures,
    slopes: &[f32],
    levels: &[f32],
    x: &[f32],
    gradient: &[f32],
    out: &mut [MaybeUninit<f32>],
) {
    let means = figures.mean.as_chunks::<B>().0;
    let scales = figures.scale.as_chunks::<B>().0;
    let slopes = slopes.as_chunks::<B>().0;
    let levels = levels.as_chunks::<B>().0;
    let blocks = means.len();
    let pixels = x.as_chunks::<B>().0.chunks_exact(blocks);
    let gradients = gradient.as_chunks::<B>().0.chunks_exact(blocks);
    let outs = out.as_chunks_mut::<B>().0.chunks_exact_mut(blocks);
    for ((x, gradient), out) in pixels.zip(gradients).zip(outs) {
        for block in 0..blocks {
            for lane in 0..B {
                let value = scales[block][lane] * gradient[block][lane]
                    + (slopes[block][lane] * (x[block][lane] - means[block][lane])
                        + levels[block][lane]);
                out[block][lane].write(value);
            }
        }
    }
}
