//! Thresholds of streamed scores that reach a wanted error rate.

use crate::steps::Counts;
use crate::support::Evidence;
use crate::target::{RateAtTarget, TargetThreshold, check_target, most_errors_within};
use crate::{Accumulator, Error, PairKind};

/// A key on the edge of a bucket and what is accepted below it.
struct Cut {
    key: f32,
    accepted: Counts,
}

impl Accumulator {
    /// The most lenient edge of a bucket with `FMR <= target`. The evidence is
    /// exact; the threshold is at most one bucket stricter than that of
    /// [`Scores::threshold_for_fmr`](crate::Scores::threshold_for_fmr).
    ///
    /// # Errors
    /// Those of that method.
    pub fn threshold_for_fmr(&self, target: f64) -> Result<TargetThreshold, Error> {
        let cut = self.cut_for_fmr(target)?;
        Ok(TargetThreshold {
            threshold: self.direction().score_of(f64::from(cut.key)),
            target,
            reached: self.false_matches(cut.accepted),
        })
    }

    /// The strictest edge of a bucket with `FNMR <= target`. The evidence is
    /// exact; the threshold is at most one bucket more lenient than that of
    /// [`Scores::threshold_for_fnmr`](crate::Scores::threshold_for_fnmr).
    ///
    /// # Errors
    /// Those of that method.
    pub fn threshold_for_fnmr(&self, target: f64) -> Result<TargetThreshold, Error> {
        let cut = self.cut_for_fnmr(target)?;
        Ok(TargetThreshold {
            threshold: self.direction().score_of(f64::from(cut.key)),
            target,
            reached: self.false_non_matches(cut.accepted),
        })
    }

    /// The lowest FNMR of any edge of a bucket with `FMR <= target`. Both
    /// rates are exact at the threshold that comes with them.
    ///
    /// # Errors
    /// Those of [`Scores::fnmr_at_fmr`](crate::Scores::fnmr_at_fmr).
    pub fn fnmr_at_fmr(&self, target: f64) -> Result<RateAtTarget, Error> {
        self.need("FNMR at FMR", PairKind::Genuine)?;
        let at = self.threshold_for_fmr(target)?;
        let evidence = self.false_non_matches(self.cut_for_fmr(target)?.accepted);
        Ok(RateAtTarget {
            rate: evidence.rate(),
            evidence,
            at,
        })
    }

    /// The lowest FMR of any edge of a bucket with `FNMR <= target`. Both
    /// rates are exact at the threshold that comes with them.
    ///
    /// # Errors
    /// Those of [`Scores::fmr_at_fnmr`](crate::Scores::fmr_at_fnmr).
    pub fn fmr_at_fnmr(&self, target: f64) -> Result<RateAtTarget, Error> {
        self.need("FMR at FNMR", PairKind::Impostor)?;
        let at = self.threshold_for_fnmr(target)?;
        let evidence = self.false_matches(self.cut_for_fnmr(target)?.accepted);
        Ok(RateAtTarget {
            rate: evidence.rate(),
            evidence,
            at,
        })
    }

    /// The lower edge of the first bucket that must not be accepted whole.
    fn cut_for_fmr(&self, target: f64) -> Result<Cut, Error> {
        self.need("FMR", PairKind::Impostor)?;
        let count = self.count(PairKind::Impostor);
        check_target("FMR", "impostor comparisons", count, target)?;
        let allowed = most_errors_within(target, count);
        let mut accepted = Counts::default();
        for step in self.steps() {
            if accepted.impostor + step.impostor > allowed {
                return Ok(Cut {
                    key: step.key,
                    accepted,
                });
            }
            accepted.add(&step);
        }
        // A target below 1 does not allow for all of them.
        Err(Error::Empty)
    }

    /// The upper edge of the first bucket with which enough is accepted.
    fn cut_for_fnmr(&self, target: f64) -> Result<Cut, Error> {
        self.need("FNMR", PairKind::Genuine)?;
        let count = self.count(PairKind::Genuine);
        check_target("FNMR", "genuine comparisons", count, target)?;
        let wanted = count - most_errors_within(target, count);
        let mut accepted = Counts::default();
        for step in self.steps() {
            accepted.add(&step);
            if accepted.genuine >= wanted {
                return Ok(Cut {
                    key: self.edge_above(step.key),
                    accepted,
                });
            }
        }
        Err(Error::Empty)
    }

    fn false_matches(&self, accepted: Counts) -> Evidence {
        Evidence {
            errors: accepted.impostor,
            comparisons: self.count(PairKind::Impostor),
        }
    }

    fn false_non_matches(&self, accepted: Counts) -> Evidence {
        let comparisons = self.count(PairKind::Genuine);
        Evidence {
            errors: comparisons - accepted.genuine,
            comparisons,
        }
    }
}
