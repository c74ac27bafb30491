//! What every engine that runs a model must take alike.

/// Local binary patterns told apart: the 58 uniform ones, whose bits change at most twice around the circle, and all
/// others.
pub const LBP_PATTERNS: usize = 59;

/// The pattern, below [`LBP_PATTERNS`], of each of the 256 codes of a pixel's 8 neighbours: the uniform ones, whose bits change
/// at most twice around the circle, in their order, then all others as one (T. Ojala, M. Pietikainen and T. Maenpaa,
/// "Multiresolution gray-scale and rotation invariant texture classification with local binary patterns", IEEE TPAMI 24, 2002).
#[must_use]
pub fn lbp_patterns() -> [u8; 256] {
    let mut patterns = [LBP_PATTERNS as u8 - 1; 256];
    let uniform = (0..=u8::MAX).filter(|code| (code ^ code.rotate_left(1)).count_ones() <= 2);
    for (pattern, code) in (0..).zip(uniform) {
        patterns[usize::from(code)] = pattern;
    }
    patterns
}

/// The weights of a Gaussian with this standard deviation in pixels, out to three of them, that sum to 1: of a pixel in the
/// middle and of `ceil(3 sigma)` to both sides of it.
#[must_use]
pub fn gaussian(sigma: f64) -> Vec<f64> {
    let reach = (3.0 * sigma).ceil() as i64;
    let weight = |i: i64| (-0.5 * (i as f64 / sigma).powi(2)).exp();
    let sum: f64 = (-reach..=reach).map(weight).sum();
    (-reach..=reach).map(|i| weight(i) / sum).collect()
}

/// How much each of `length` pixels in a line counts, in the columns, for each of them, in the rows, `[length, length]`: by
/// [`gaussian`], where the edge goes on beyond the edge.
#[must_use]
pub fn gaussian_rows(sigma: f64, length: usize) -> Vec<f32> {
    let weights = gaussian(sigma);
    let reach = weights.len() / 2;
    let mut rows = vec![0.0; length * length];
    for (at, row) in rows.chunks_exact_mut(length.max(1)).enumerate() {
        for (i, weight) in weights.iter().enumerate() {
            row[(at + i).saturating_sub(reach).min(length - 1)] += weight;
        }
    }
    rows.into_iter().map(|weight| weight as f32).collect()
}

/// How many windows of `kernel`, at most `size`, fit into `size` at `stride`, which must not be 0. With `ceil` one that sticks
/// out counts too, as far as it begins inside, as in libtorch.
#[must_use]
pub fn window_count(size: usize, kernel: usize, stride: usize, ceil: bool) -> usize {
    let steps = size.saturating_sub(kernel);
    match ceil {
        false => steps / stride + 1,
        true => (steps.div_ceil(stride) + 1).min(size.div_ceil(stride)),
    }
}

/// In so many parts a pixel of a zoomed image is divided along an axis.
pub const ZOOM_PARTS: u8 = 64;

/// What a line of pixels becomes when it is zoomed in by this share about its middle: for each pixel the first of the two
/// neighbours that it lies between, and the weight of the second of [`ZOOM_PARTS`]. The last pixel has no second one, and its
/// weight is 0.
///
/// A zoomed image is made along both axes, in whole numbers: the sum of four pixels with the products of their weights, and half of
/// `ZOOM_PARTS` squared, divided by that square and cut to a whole number. So all engines make the same bytes of it.
///
/// ```
/// use siamese_net::zoom_taps;
///
/// // Half as large again: pixels 0 to 5 come from 0.83, 1.5, 2.17, 2.83, 3.5 and 4.17.
/// let taps = zoom_taps(6, 0.5);
/// assert_eq!(taps, [(0, 53), (1, 32), (2, 11), (2, 53), (3, 32), (4, 11)]);
/// assert_eq!(zoom_taps(3, 0.0), [(0, 0), (1, 0), (2, 0)]);
/// ```
#[must_use]
pub fn zoom_taps(side: usize, zoom: f64) -> Vec<(usize, u8)> {
    let parts = f64::from(ZOOM_PARTS);
    let middle = side.saturating_sub(1) as f64 / 2.0;
    let last = side.saturating_sub(1) * usize::from(ZOOM_PARTS);
    (0..side)
        .map(|pixel| {
            let from = middle + (pixel as f64 - middle) / (1.0 + zoom);
            let from = ((from * parts).round() as usize).min(last);
            (
                from / usize::from(ZOOM_PARTS),
                (from % usize::from(ZOOM_PARTS)) as u8,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_58_uniform_patterns() {
        let patterns = lbp_patterns();
        assert_eq!([patterns[0], patterns[1], patterns[255]], [0, 1, 57]);
        assert_eq!(
            patterns.iter().filter(|&&pattern| pattern == 58).count(),
            256 - 58
        );
    }

    #[test]
    fn what_is_beyond_the_edge_counts_for_the_edge() {
        let weights = gaussian(0.5);
        assert_eq!(weights.len(), 5);
        let rows = gaussian_rows(0.5, 3);
        let first = (weights[0] + weights[1] + weights[2]) as f32;
        assert_eq!(rows[..3], [first, weights[3] as f32, weights[4] as f32]);
        for row in rows.chunks_exact(3) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn windows_that_begin_inside_count() {
        // libtorch: max_pool2d(kernel 2, stride 2) of 5 and kernel 1, stride 3 of 3, without and with ceil_mode.
        assert_eq!(
            [false, true].map(|ceil| window_count(5, 2, 2, ceil)),
            [2, 3]
        );
        assert_eq!(
            [false, true].map(|ceil| window_count(3, 1, 3, ceil)),
            [1, 1]
        );
    }
}
