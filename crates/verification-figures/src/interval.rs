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
    /// How often such intervals hold the true value.
    pub confidence: f64,
    /// Number of subjects that were left out in turn.
    pub subjects: usize,
    /// Standard error of the figure.
    #[cfg_attr(feature = "serde", serde(default))]
    pub standard_error: f64,
    /// Degrees of freedom of Student's distribution.
    #[cfg_attr(feature = "serde", serde(default))]
    pub freedom: usize,
}

impl Interval {
    /// Whether the interval is a single value, because the figure is the same
    /// whichever subject is left out. That is no sign of certainty: a sample
    /// without errors holds none with errors. Nor is it a lack of subjects.
    /// Show the rule-of-three bounds instead
    /// ([`Evidence::bound_without_errors`](crate::Evidence::bound_without_errors)).
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        self.low == self.high
    }
}
