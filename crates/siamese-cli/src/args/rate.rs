//! Error rates as people write them.

use std::fmt;
use std::str::FromStr;

/// A rate between 0 and 1, both excluded: `0.1%` or `0.001`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        share(text)
            .filter(|rate| *rate > 0.0 && *rate < 1.0)
            .map(Self)
            .ok_or_else(|| {
                "expected a rate above 0 and below 100 %, such as 0.1% or 0.001".to_owned()
            })
    }
}

/// A number, or one that is said in percent.
fn share(text: &str) -> Option<f64> {
    let (number, unit) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (text.trim(), 1.0),
    };
    number.parse::<f64>().ok().map(|number| number / unit)
}

/// A share from 0 to 1, both included: `50%` or `0.5`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share(pub(crate) f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        share(text)
            .filter(|share| (0.0..=1.0).contains(share))
            .map(Self)
            .ok_or_else(|| "expected a share from 0 to 100 %, such as 50% or 0.5".to_owned())
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

    #[test]
    fn a_share_may_be_nothing_or_all() {
        for (text, share) in [("0", 0.0), ("100%", 1.0), ("50 %", 0.5), ("0.25", 0.25)] {
            assert_eq!(text.parse(), Ok(Share(share)));
        }
        for text in ["-0.1", "101%", "2", "nan", "%"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
