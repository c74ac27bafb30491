//! Error rates as people write them.

use std::fmt;
use std::str::FromStr;

/// A rate between 0 and 1, both excluded: `0.1%` or `0.001`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = match text.trim().strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 100.0),
            None => (text.trim(), 1.0),
        };
        let rate = number.parse::<f64>().ok().map(|number| number / unit);
        rate.filter(|rate| *rate > 0.0 && *rate < 1.0)
            .map(Self)
            .ok_or_else(|| {
                "expected a rate above 0 and below 100 %, such as 0.1% or 0.001".to_owned()
            })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_share_or_a_percentage() {
        for (text, rate) in [("0.1%", 0.001), ("1 %", 0.01), ("0.05", 0.05)] {
            assert_eq!(text.parse(), Ok(Rate(rate)));
        }
        for text in ["0", "100%", "-1%", "1", "nan", "much", ""] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
