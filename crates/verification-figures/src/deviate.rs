//! The standard normal distribution: the axes of a DET plot, and back.

use crate::Error;

/// Coefficients of numerator and denominator, the constant term first.
type Ratio = ([f64; 8], [f64; 8]);

const CENTRE: Ratio = (
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
);

const SHOULDER: Ratio = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        1.050_750_071_644_416_9e-9,
    ],
);

const TAIL: Ratio = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_2,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

/// The value that a standard normal variable stays below with this
/// probability: the scale of both axes of a DET plot, on which normally
/// distributed scores make a straight line.
///
/// Rates of 0 and 1 lie at infinity and cannot be drawn. Accurate to about 16
/// digits. M. J. Wichura, "Algorithm AS 241: the percentage points of the
/// normal distribution", Applied Statistics 37(3), 1988; for DET plots, A.
/// Martin et al., "The DET curve in assessment of detection task performance",
/// Eurospeech 1997.
///
/// # Errors
/// [`Error::Argument`] unless the rate is strictly between 0 and 1.
///
/// ```
/// let five_percent = verification_figures::normal_deviate(0.05)?;
/// assert!((five_percent + 1.6449).abs() < 1e-4);
/// # Ok::<(), verification_figures::Error>(())
/// ```
pub fn normal_deviate(rate: f64) -> Result<f64, Error> {
    if !(rate > 0.0 && rate < 1.0) {
        return Err(Error::Argument {
            argument: "rate",
            expected: "a value between 0 and 1, both excluded",
            found: rate,
        });
    }
    let from_centre = rate - 0.5;
    if from_centre.abs() <= 0.425 {
        let square = 0.425 * 0.425 - from_centre * from_centre;
        return Ok(from_centre * evaluate(&CENTRE, square));
    }
    let depth = (-rate.min(1.0 - rate).ln()).sqrt();
    let deviate = if depth <= 5.0 {
        evaluate(&SHOULDER, depth - 1.6)
    } else {
        evaluate(&TAIL, depth - 5.0)
    };
    Ok(deviate.copysign(from_centre))
}

/// The probability that a standard normal variable stays below this value, in
/// 0..=1: the inverse of [`normal_deviate`].
///
/// It is `erfc(-deviate / sqrt(2)) / 2`, so small probabilities keep 12 digits
/// or more: at -10 it is 7.6e-24, not 0. Infinite deviates give 0 and 1, NaN
/// gives NaN.
///
/// ```
/// assert_eq!(verification_figures::normal_probability(0.0), 0.5);
/// ```
#[must_use]
pub fn normal_probability(deviate: f64) -> f64 {
    0.5 * libm::erfc(-deviate * std::f64::consts::FRAC_1_SQRT_2)
}

fn evaluate((numerator, denominator): &Ratio, x: f64) -> f64 {
    let polynomial = |coefficients: &[f64; 8]| {
        coefficients
            .iter()
            .rev()
            .fold(0.0, |sum, coefficient| sum * x + coefficient)
    };
    polynomial(numerator) / polynomial(denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.norm.ppf(rate)`
    #[test]
    fn deviates_equal_scipy() {
        for (rate, expected) in [
            (1e-300, -37.0470962993612),
            (1e-12, -7.034483825301131),
            (1e-06, -4.753424308822899),
            (0.001, -3.090232306167813),
            (0.01, -2.3263478740408408),
            (0.05, -1.6448536269514729),
            (0.075, -1.4395314709384563),
            (0.0750001, -1.4395307645017301),
            (0.2, -0.8416212335729142),
            (0.4, -0.2533471031357997),
            (0.5, 0.0),
            (0.7, 0.5244005127080407),
        ] {
            let found = normal_deviate(rate).unwrap();
            assert!(
                (found - expected).abs() < 1e-13 * expected.abs().max(1.0),
                "{rate}: {found}"
            );
            if rate > 1e-3 {
                let mirrored = normal_deviate(1.0 - rate).unwrap();
                assert!((found + mirrored).abs() < 1e-12);
            }
        }
    }

    /// `mpmath.ncdf(deviate)` with 40 digits.
    #[test]
    fn probabilities_equal_scipy() {
        for (deviate, expected) in [
            (-37.0, 5.725_571_222_524_577e-300),
            (-10.0, 7.619_853_024_160_525e-24),
            (-3.0, 0.001_349_898_031_630_094_6),
            (-1.0, 0.158_655_253_931_457_05),
            (0.5, 0.691_462_461_274_013_1),
            (1.96, 0.975_002_104_851_779_5),
            (9.0, 1.0),
            (f64::NEG_INFINITY, 0.0),
            (f64::INFINITY, 1.0),
        ] {
            let found = normal_probability(deviate);
            assert!(
                (found - expected).abs() <= 1e-12 * expected,
                "{deviate}: {found}"
            );
        }
        assert!(normal_probability(f64::NAN).is_nan());
    }

    #[test]
    fn deviates_and_probabilities_are_each_others_inverse() {
        for rate in [1e-200, 1e-9, 0.001, 0.3, 0.5, 0.9, 0.999_999] {
            let back = normal_probability(normal_deviate(rate).unwrap());
            assert!((back - rate).abs() < 1e-12 * rate, "{rate}: {back}");
        }
    }

    #[test]
    fn rates_at_infinity_are_refused() {
        for rate in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
            assert!(normal_deviate(rate).is_err());
        }
    }
}
