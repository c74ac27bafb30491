//! A Gaussian blur of a plane.

use multiversion::multiversion;

/// A Gaussian out to three of its standard deviations. Beyond the edge the edge goes on.
#[derive(Debug)]
pub(crate) struct Blur {
    /// Of a pixel and of those to both sides of it.
    weights: Vec<f32>,
}

impl Blur {
    /// Of this standard deviation in pixels, for planes of these sides.
    pub(crate) fn new(sigma: f64) -> Self {
        let reach = (3.0 * sigma).ceil() as i64;
        let weight = |i: i64| (-0.5 * (i as f64 / sigma).powi(2)).exp();
        let sum: f64 = (-reach..=reach).map(weight).sum();
        Self {
            weights: (-reach..=reach).map(|i| (weight(i) / sum) as f32).collect(),
        }
    }

    /// A plane `[height, width]` blurred into another.
    pub(crate) fn apply(&self, plane: &[f32], width: usize, out: &mut [f32]) {
        let height = plane.len() / width;
        let reach = self.weights.len() / 2;
        // Along a row, whose edges go on as far as the weights reach.
        let mut across = vec![0.0; plane.len()];
        let mut row = vec![0.0; width + 2 * reach];
        for (plane, across) in plane
            .chunks_exact(width)
            .zip(across.chunks_exact_mut(width))
        {
            row[..reach].fill(plane[0]);
            row[reach..][..width].copy_from_slice(plane);
            row[reach + width..].fill(plane[width - 1]);
            weigh(&self.weights, |i| &row[i..][..width], across);
        }
        for (y, out) in out.chunks_exact_mut(width).enumerate() {
            let row = |i: usize| (y + i).saturating_sub(reach).min(height - 1);
            weigh(&self.weights, |i| &across[row(i) * width..][..width], out);
        }
    }
}

/// The weighted sum of rows.
fn weigh<'a>(weights: &[f32], row: impl Fn(usize) -> &'a [f32], out: &mut [f32]) {
    out.fill(0.0);
    for (i, &weight) in weights.iter().enumerate() {
        add_product(row(i), weight, out);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_product(row: &[f32], weight: f32, out: &mut [f32]) {
    for (sum, x) in out.iter_mut().zip(row) {
        *sum += x * weight;
    }
}
