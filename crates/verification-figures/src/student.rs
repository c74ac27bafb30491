//! Student's distribution.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// The `t` for which a share of `confidence` lies within `-t..t`, for at least one degree of freedom.
pub(crate) fn two_sided(confidence: f64, freedom: usize) -> f64 {
    // The share grows with the angle atan(t / sqrt(freedom)), which halving finds to the last bit.
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if within(middle, freedom) < confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    low.tan() * (freedom as f64).sqrt()
}

/// The share beyond `±t`.
pub(crate) fn beyond(t: f64, freedom: usize) -> f64 {
    let angle = (t.abs() / (freedom as f64).sqrt()).atan();
    (1.0 - within(angle, freedom)).clamp(0.0, 1.0)
}

/// The share within `±tan(angle) * sqrt(freedom)`: M. Abramowitz and I. A. Stegun, "Handbook of Mathematical
/// Functions", 1964, 26.7.3 and 26.7.4.
fn within(angle: f64, freedom: usize) -> f64 {
    let (sin, cos) = angle.sin_cos();
    let odd = freedom % 2;
    let mut term = if odd == 1 { cos } else { 1.0 };
    let mut sum = 0.0;
    for k in (2 + odd..=freedom).step_by(2) {
        sum += term;
        term *= cos * cos * (k - 1) as f64 / k as f64;
    }
    if odd == 1 {
        FRAC_2_PI * (angle + sin * sum)
    } else {
        sin * sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.t.ppf((1 + confidence) / 2, freedom)` of SciPy 1.17.1.
    #[test]
    fn quantiles_equal_scipy() {
        for (confidence, freedom, expected) in [
            (0.95, 1, 12.706_204_736_174_694),
            (0.95, 2, 4.302_652_729_749_462),
            (0.95, 9, 2.262_157_162_798_205),
            (0.95, 10, 2.228_138_851_986_274),
            (0.9, 39, 1.684_875_121_711_224_8),
            (0.99, 200, 2.600_634_436_191_558),
            (0.95, 999, 1.962_341_461_133_449_3),
        ] {
            let found = two_sided(confidence, freedom);
            assert!((found / expected - 1.0).abs() < 1e-9, "{freedom}: {found}");
            assert!((beyond(-expected, freedom) - (1.0 - confidence)).abs() < 1e-12);
        }
    }
}
