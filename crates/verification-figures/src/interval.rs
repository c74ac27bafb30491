//! A figure and how sure it is.

/// A figure with its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Interval {
    /// The figure on the data as they are.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Share of the replicates between the ends.
    pub confidence: f64,
    /// Number of subjects that were resampled.
    pub subjects: usize,
    /// Replicates without a value, which were left out: at most 5 %.
    pub undefined: usize,
}

impl Interval {
    /// Whether the interval is a single value. No sample without errors can
    /// be resampled into one with errors, so this is no sign of certainty:
    /// show the rule-of-three bound instead
    /// ([`Evidence::bound_without_errors`](crate::Evidence::bound_without_errors)).
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        self.low == self.high
    }
}
