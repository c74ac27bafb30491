//! How much a rate can be trusted, given how many errors were counted.

/// Errors below which a rate is not known to within 30 %.
const FIRM_FROM: u64 = 30;
/// The 95 % upper bound on the expected number of errors when none was seen,
/// `-ln 0.05`, rounded up as is customary.
const RULE_OF_THREE: f64 = 3.0;

/// What an error rate rests on: errors counted among comparisons.
///
/// Both rules assume independent comparisons. Comparisons that share subjects
/// are not, so they support less than stated here; intervals over subjects
/// tell how much less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Evidence {
    /// Wrong decisions counted.
    pub errors: u64,
    /// Comparisons of the class that could have been decided wrongly.
    pub comparisons: u64,
}

impl Evidence {
    /// The rate, `errors / comparisons`; NaN-free because evidence is only
    /// ever made from at least one comparison in this crate.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.errors as f64 / self.comparisons as f64
    }

    /// The mark that the rate should carry where it is shown.
    #[must_use]
    pub fn support(&self) -> Support {
        match self.errors {
            0 => Support::BoundOnly,
            1..FIRM_FROM => Support::Weak,
            FIRM_FROM.. => Support::Firm,
        }
    }

    /// With no error seen, the rate that is excluded with 95 % confidence,
    /// `3 / comparisons` (at most 1); `None` when errors were seen.
    ///
    /// The "rule of three": Jovanovic and Levy, "A look at the rule of
    /// three", The American Statistician 51(2), 1997.
    #[must_use]
    pub fn bound_without_errors(&self) -> Option<f64> {
        (self.errors == 0).then(|| smallest_supported_rate(self.comparisons).min(1.0))
    }
}

/// How well a rate is supported by the number of errors behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Support {
    /// At least 30 errors: with 90 % confidence the true rate lies within
    /// 30 % of the observed one (the "rule of 30", G. Doddington et al., "The
    /// NIST speaker recognition evaluation", Speech Communication 31, 2000).
    Firm,
    /// 1 to 29 errors: an indication only; show it with an interval.
    Weak,
    /// No error seen: only an upper bound is known, see
    /// [`Evidence::bound_without_errors`].
    BoundOnly,
}

/// The smallest error rate that this many comparisons can show, by the rule
/// of three: `3 / comparisons`. It is infinite for no comparisons.
///
/// Zero errors among fewer comparisons are still compatible, at 95 %
/// confidence, with a larger rate.
#[must_use]
pub fn smallest_supported_rate(comparisons: u64) -> f64 {
    RULE_OF_THREE / comparisons as f64
}

/// The smallest error rate that this many comparisons measure firmly, by the
/// rule of 30: `30 / comparisons`.
#[must_use]
pub fn smallest_firm_rate(comparisons: u64) -> f64 {
    FIRM_FROM as f64 / comparisons as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_follow_the_number_of_errors() {
        let evidence = |errors| Evidence {
            errors,
            comparisons: 1000,
        };
        assert_eq!(evidence(0).support(), Support::BoundOnly);
        assert_eq!(evidence(1).support(), Support::Weak);
        assert_eq!(evidence(29).support(), Support::Weak);
        assert_eq!(evidence(30).support(), Support::Firm);
        assert_eq!(evidence(0).bound_without_errors(), Some(0.003));
        assert_eq!(evidence(1).bound_without_errors(), None);
    }
}
