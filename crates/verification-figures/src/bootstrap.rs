//! Settings of a bootstrap over comparisons.

use crate::error::Error;

/// Replicates without a value that are tolerated: one in this many.
const TOLERATED_UNDEFINED: usize = 20;

/// Settings of the bootstrap over comparisons that are
/// [taken for independent](crate::Scores::interval_if_independent). Intervals over subjects have
/// those of the [`Jackknife`](crate::Jackknife).
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bootstrap {
    /// Number of replicates.
    pub replicates: usize,
    /// Share of the replicates inside the interval, in 0..1 exclusive.
    pub confidence: f64,
    /// Seed of all draws. The result depends on nothing else, in particular
    /// not on the number of threads.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 1000 replicates, 95 % confidence, seed 0.
    fn default() -> Self {
        Self {
            replicates: 1000,
            confidence: 0.95,
            seed: 0,
        }
    }
}

impl Bootstrap {
    /// The same settings with this many replicates.
    #[must_use]
    pub fn with_replicates(mut self, replicates: usize) -> Self {
        self.replicates = replicates;
        self
    }

    /// The same settings with this share of the replicates inside the interval.
    #[must_use]
    pub fn with_confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// The same settings with this seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Refuses settings that leave less than one replicate in each tail.
    pub(crate) fn check_settings(&self) -> Result<(), Error> {
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Error::Argument {
                argument: "confidence",
                expected: "a value between 0 and 1",
                found: self.confidence,
            });
        }
        if (self.replicates as f64) * (1.0 - self.confidence) < 2.0 {
            return Err(Error::Argument {
                argument: "replicates",
                expected: "at least 2 / (1 - confidence)",
                found: self.replicates as f64,
            });
        }
        Ok(())
    }

    /// The replicates that have a value, unless too many have none.
    pub(crate) fn defined(
        &self,
        figure: &'static str,
        values: impl Iterator<Item = Option<f64>>,
    ) -> Result<Vec<f64>, Error> {
        let defined: Vec<f64> = values.flatten().collect();
        let undefined = self.replicates - defined.len();
        if undefined * TOLERATED_UNDEFINED > self.replicates {
            return Err(Error::UnstableInterval {
                figure,
                undefined,
                replicates: self.replicates,
            });
        }
        Ok(defined)
    }
}
