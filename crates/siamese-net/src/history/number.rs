//! Numbers in the words of findings.

/// Three significant digits.
pub(super) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() < 1e-3 || value.abs() >= 1e5 {
        return format!("{value:.2e}");
    }
    let before_point = value.abs().log10().floor() as i32;
    format!("{value:.*}", usize::try_from(2 - before_point).unwrap_or(0))
}

/// As per cent with three significant digits at most, `100 %`, `12.5 %`, `0.0012 %`.
pub(super) fn percent(share: f64) -> String {
    let text = short(100.0 * share);
    let text = if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let values = [0.0, 1.0, 0.12345, 12.345, 1234.5, 0.000_123_4, 2.5e7];
        let texts = ["0", "1.00", "0.123", "12.3", "1234", "1.23e-4", "2.50e7"];
        assert_eq!(values.map(short), texts);
        let shares = [0.0, 1.0, 0.125, 0.6667, 0.000_012_34].map(percent);
        assert_eq!(shares, ["0 %", "100 %", "12.5 %", "66.7 %", "0.00123 %"]);
    }
}
