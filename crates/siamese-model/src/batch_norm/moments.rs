//! Mean and variance of each channel, and how those of parts become those of the whole.

use multiversion::multiversion;

use super::{Sums, by_lanes};

/// Count, mean and sum of squared differences from it, of each channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    count: f64,
    means: Vec<f64>,
    squares: Vec<f64>,
}

/// Numbers that are summed up before sums are joined: what a core's fastest memory holds.
const CHUNK: usize = 4096;

impl Moments {
    /// Those of `x`, whose channels are last.
    pub(crate) fn of(x: &[f32], channels: usize) -> Self {
        let mut all = Self {
            count: 0.0,
            means: vec![0.0; channels],
            squares: vec![0.0; channels],
        };
        let rows = (CHUNK / channels).max(1);
        for chunk in x.chunks(rows * channels) {
            by_lanes!(channels, add_chunk(chunk, channels, &mut all));
        }
        all
    }

    /// Of a batch with this mean and variance.
    pub(crate) fn running(means: &[f32], variances: &[f32]) -> Self {
        Self {
            count: 1.0,
            means: means.iter().copied().map(f64::from).collect(),
            squares: variances.iter().copied().map(f64::from).collect(),
        }
    }

    /// Values of each channel.
    pub(crate) fn count(&self) -> f64 {
        self.count
    }

    pub(crate) fn means(&self) -> &[f64] {
        &self.means
    }

    /// Of the values themselves.
    pub(crate) fn variances(&self) -> impl Iterator<Item = f64> {
        self.squares.iter().map(|squares| squares / self.count)
    }

    /// Unbiased: of what the values are drawn from. No number for a single value.
    pub(crate) fn unbiased_variances(&self) -> impl Iterator<Item = f64> {
        let freedom = self.count - 1.0;
        self.squares.iter().map(move |squares| squares / freedom)
    }
}

impl Sums for Moments {
    /// T. Chan, G. Golub and R. LeVeque 1979.
    fn join(mut self, other: &Self) -> Self {
        let count = self.count + other.count;
        let (share, weight) = (other.count / count, self.count * other.count / count);
        let own = self.means.iter_mut().zip(&mut self.squares);
        for ((mean, squares), (of, more)) in own.zip(other.means.iter().zip(&other.squares)) {
            let apart = of - *mean;
            *mean += apart * share;
            *squares += more + apart * apart * weight;
        }
        self.count = count;
        self
    }

    /// The count, then means, then squares.
    fn to_numbers(&self) -> Vec<f64> {
        let figures = self.means.iter().chain(&self.squares);
        std::iter::once(&self.count)
            .chain(figures)
            .copied()
            .collect()
    }

    fn from_numbers(numbers: &[f64]) -> Self {
        let (count, figures) = numbers.split_first().unwrap_or((&0.0, &[]));
        let (means, squares) = figures.split_at(figures.len() / 2);
        Self {
            count: *count,
            means: means.to_vec(),
            squares: squares.to_vec(),
        }
    }
}

/// Joins the moments of a few rows.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_chunk<const B: usize>(x: &[f32], channels: usize, all: &mut Moments) {
    let rows = x.len() / channels;
    let count = rows as f64;
    let joined = all.count + count;
    let (share, weight) = (count / joined, all.count * count / joined);
    let x = x.as_chunks::<B>().0;
    let blocks = channels / B;
    let means = all.means.as_chunks_mut::<B>().0.iter_mut();
    let squares = all.squares.as_chunks_mut::<B>().0.iter_mut();
    for (block, (means, squares)) in means.zip(squares).enumerate() {
        let column = || x[block..].iter().step_by(blocks);
        let mut sums = [0.0f32; B];
        for row in column() {
            for lane in 0..B {
                sums[lane] += row[lane];
            }
        }
        let near: [f32; B] = sums.map(|sum| (f64::from(sum) / count) as f32);
        // What the mean is off by, its rounding included.
        let mut off = [0.0f32; B];
        let mut around = [0.0f32; B];
        for row in column() {
            for lane in 0..B {
                let difference = row[lane] - near[lane];
                off[lane] += difference;
                around[lane] += difference * difference;
            }
        }
        for lane in 0..B {
            let off = f64::from(off[lane]);
            let mean = f64::from(near[lane]) + off / count;
            let own = (f64::from(around[lane]) - off * off / count).max(0.0);
            let apart = mean - means[lane];
            means[lane] += apart * share;
            squares[lane] += own + apart * apart * weight;
        }
    }
    all.count = joined;
}
