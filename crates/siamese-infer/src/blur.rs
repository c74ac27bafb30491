//! A Gaussian blur of a plane.

use multiversion::multiversion;
use siamese_net::gaussian;

/// A Gaussian out to three of its standard deviations. Beyond the edge the edge goes on.
#[derive(Debug)]
pub(crate) struct Blur {
    /// Of a pixel and of those to both sides of it.
    weights: Vec<f32>,
}

impl Blur {
    /// Of this standard deviation in pixels.
    pub(crate) fn new(sigma: f64) -> Self {
        let weights = gaussian(sigma).into_iter();
        Self {
            weights: weights.map(|weight| weight as f32).collect(),
        }
    }

    /// A plane `[height, width]` blurred into another.
    pub(crate) fn apply(&self, plane: &[f32], width: usize, out: &mut [f32]) {
        let reach = self.weights.len() / 2;
        // Along each row, whose edges go on as far as the weights reach, into the middle of a plane whose own go on, too.
        let mut across = vec![0.0; plane.len() + 2 * reach * width];
        let (above, rest) = across.split_at_mut(reach * width);
        let (middle, below) = rest.split_at_mut(plane.len());
        let mut row = vec![0.0; width + 2 * reach];
        for (plane, across) in plane
            .chunks_exact(width)
            .zip(middle.chunks_exact_mut(width))
        {
            row[..reach].fill(plane[0]);
            row[reach..][..width].copy_from_slice(plane);
            row[reach + width..].fill(plane[width - 1]);
            weigh(&self.weights, &row, 1, across);
        }
        let (first, last) = (&middle[..width], &middle[middle.len() - width..]);
        above
            .chunks_exact_mut(width)
            .for_each(|row| row.copy_from_slice(first));
        below
            .chunks_exact_mut(width)
            .for_each(|row| row.copy_from_slice(last));
        weigh(&self.weights, &across, width, out);
    }
}

/// Numbers that are summed side by side.
const SIDE_BY_SIDE: usize = 32;

/// For each number of `out` the weighted sum of numbers of `from`, which stand `step` apart, the first at the same place.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn weigh(weights: &[f32], from: &[f32], step: usize, out: &mut [f32]) {
    let mut at = 0;
    while at < out.len() {
        // The last ones begin early, and sum some once more.
        at = at.min(out.len().saturating_sub(SIDE_BY_SIDE));
        let count = SIDE_BY_SIDE.min(out.len() - at);
        let mut sums = [0.0_f32; SIDE_BY_SIDE];
        for (i, weight) in weights.iter().enumerate() {
            let from = &from[at + i * step..][..count];
            // Of a fixed length, so that the sums stay in registers.
            if let Ok(from) = <&[f32; SIDE_BY_SIDE]>::try_from(from) {
                for (sum, x) in sums.iter_mut().zip(from) {
                    *sum += x * weight;
                }
            } else {
                for (sum, x) in sums.iter_mut().zip(from) {
                    *sum += x * weight;
                }
            }
        }
        out[at..at + count].copy_from_slice(&sums[..count]);
        at += count;
    }
}
