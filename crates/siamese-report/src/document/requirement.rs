//! What is required of the judged method.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::number::target;

/// Error rates that must not be exceeded: an operating point.
///
/// As text it is `fmr=0.1%,fnmr=5%`, or one of the two. Rates are percentages, or shares without the sign.
///
/// ```
/// use siamese_report::Requirement;
///
/// let required: Requirement = "fmr=0.1%,fnmr=0.05".parse()?;
/// assert_eq!((required.fmr, required.fnmr), (Some(0.001), Some(0.05)));
/// assert_eq!(required.to_string(), "FMR at most 0.1 % and FNMR at most 5 %");
/// # Ok::<(), siamese_report::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// The highest FMR, in 0..1: strangers accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fmr: Option<f64>,
    /// The highest FNMR, in 0..1: genuine subjects rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fnmr: Option<f64>,
}

impl FromStr for Requirement {
    type Err = Error;

    /// # Errors
    /// [`Error::Requirement`] for other names, a name twice or none, and for rates outside 0..1.
    fn from_str(text: &str) -> Result<Requirement, Error> {
        let refused = |part: &str, expected| Error::Requirement {
            found: part.to_owned(),
            expected,
        };
        let mut required = Requirement {
            fmr: None,
            fnmr: None,
        };
        for part in text.split(',').map(str::trim) {
            let Some((name, rate)) = part.split_once('=') else {
                return Err(refused(part, "a name and a rate, as in fmr=0.1%"));
            };
            let place = match name.trim() {
                "fmr" => &mut required.fmr,
                "fnmr" => &mut required.fnmr,
                _ => return Err(refused(part, "fmr or fnmr before the equals sign")),
            };
            let rate = rate.trim();
            let (digits, unit) = match rate.strip_suffix('%') {
                Some(digits) => (digits.trim_end(), 100.0),
                None => (rate, 1.0),
            };
            let rate = digits.parse::<f64>().map(|rate| rate / unit);
            match rate {
                Ok(rate) if rate > 0.0 && rate < 1.0 => {
                    if place.replace(rate).is_some() {
                        return Err(refused(part, "each name once"));
                    }
                }
                _ => {
                    return Err(refused(
                        part,
                        "a rate above 0 and below 100 %, as in fmr=0.1%",
                    ));
                }
            }
        }
        Ok(required)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |(name, rate): (&str, Option<f64>)| {
            rate.map(|rate| format!("{name} at most {}", target(rate)))
        };
        let parts = [("FMR", self.fmr), ("FNMR", self.fnmr)];
        let parts: Vec<String> = parts.into_iter().filter_map(part).collect();
        f.write_str(&parts.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_requirement_is_refused_by_its_part() {
        for (text, part) in [
            ("", ""),
            ("fmr", "fmr"),
            ("fmr=0.1%,far=1%", "far=1%"),
            ("fmr=100%", "fmr=100%"),
            ("fmr=0", "fmr=0"),
            ("fmr=nan", "fmr=nan"),
            ("fnmr=-1%", "fnmr=-1%"),
            ("fmr=1%,fmr=2%", "fmr=2%"),
        ] {
            let error = text.parse::<Requirement>().unwrap_err();
            assert!(
                matches!(&error, Error::Requirement { found, .. } if found == part),
                "{error}"
            );
        }
    }
}
