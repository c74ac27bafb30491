//! Rates for people.

/// A rate to two significant digits, without idle zeros: `0.1 %`.
#[must_use]
pub fn percent(rate: f64) -> String {
    let percent = 100.0 * rate;
    let digits = match percent {
        0.0 => 0,
        _ => (1.0 - percent.abs().log10().floor()).clamp(0.0, 12.0) as usize,
    };
    let text = format!("{percent:.digits$}");
    match text.contains('.') {
        true => format!("{} %", text.trim_end_matches('0').trim_end_matches('.')),
        false => format!("{text} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_two_significant_digits_and_no_idle_zeros() {
        for (rate, text) in [
            (0.1, "10 %"),
            (0.01, "1 %"),
            (0.001, "0.1 %"),
            (0.012_34, "1.2 %"),
            (0.000_067, "0.0067 %"),
            (0.0, "0 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(rate), text);
        }
    }
}
