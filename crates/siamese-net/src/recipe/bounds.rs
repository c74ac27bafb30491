//! What the numbers of a recipe may be, and the sentence that refuses others.

use std::fmt::Display;

/// The widest blur: a wider one leaves nothing of an image.
const MOST_SIGMA: f64 = 64.0;

pub(crate) fn expect(
    holds: bool,
    key: &str,
    found: impl Display,
    expected: impl Display,
) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("{key} = {found} must be {expected}"))
    }
}

pub(crate) fn positive(key: &str, value: f64) -> Result<(), String> {
    let holds = value > 0.0 && value.is_finite();
    expect(holds, key, value, "above 0 and finite")
}

/// The standard deviation of a Gaussian blur, in pixels.
pub(crate) fn blur_sigma(key: &str, value: f64) -> Result<(), String> {
    let holds = value > 0.0 && value <= MOST_SIGMA;
    expect(holds, key, value, "above 0 and at most 64")
}

pub(crate) fn not_negative(key: &str, value: f64) -> Result<(), String> {
    let holds = value >= 0.0 && value.is_finite();
    expect(holds, key, value, "at least 0 and finite")
}

pub(crate) fn share(key: &str, value: f64) -> Result<(), String> {
    let holds = (0.0..1.0).contains(&value);
    expect(holds, key, value, "at least 0 and below 1")
}

pub(crate) fn at_least_one(key: &str, value: u64) -> Result<(), String> {
    expect(value >= 1, key, value, "at least 1")
}
