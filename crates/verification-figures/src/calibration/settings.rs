//! How a calibration is measured.

use crate::{Fusion, Jackknife, smallest_supported_rate};

/// How a calibration is measured.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CalibrationSettings {
    /// How the scores came about, in words: see [`Made::how`](crate::Made::how).
    pub how: String,
    /// The fusion of the scores that are given.
    pub fusion: Fusion,
    /// How many templates each subject had.
    pub templates_per_subject: u32,
    /// False match rates to be measured besides 10 %, 1 %, 0.1 % and so on.
    pub more_fmr: Vec<f64>,
    /// How intervals are made.
    pub jackknife: Jackknife,
}

impl CalibrationSettings {
    /// For scores of single templates that came about like this.
    #[must_use]
    pub fn new(how: impl Into<String>) -> Self {
        Self {
            how: how.into(),
            fusion: Fusion::Best,
            templates_per_subject: 1,
            more_fmr: Vec::new(),
            jackknife: Jackknife::default(),
        }
    }

    /// The same for so many templates of each subject, fused like this.
    #[must_use]
    pub fn with_templates(mut self, templates_per_subject: u32, fusion: Fusion) -> Self {
        (self.templates_per_subject, self.fusion) = (templates_per_subject, fusion);
        self
    }

    /// The same with these false match rates besides the usual ones.
    #[must_use]
    pub fn with_more_fmr(mut self, more_fmr: Vec<f64>) -> Self {
        self.more_fmr = more_fmr;
        self
    }
}

/// 10 %, 1 %, 0.1 % and so on, as far as so many trials can show.
pub(super) fn usual_rates(trials: u64) -> impl Iterator<Item = f64> {
    let smallest = smallest_supported_rate(trials);
    (1..=15)
        .map(|power| 1.0 / 10_f64.powi(power))
        .take_while(move |&rate| rate >= smallest)
}
