//! Thresholds that reach a wanted error rate.

use crate::scores::Scores;
use crate::support::{Evidence, smallest_supported_rate};
use crate::{Error, PairKind};

/// A threshold chosen so that an error rate does not exceed a target.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TargetThreshold {
    /// The threshold, in the units and direction of the scores.
    pub threshold: f64,
    /// The rate that was asked for.
    pub target: f64,
    /// What the data show at the threshold. Its rate is at most the target,
    /// and less where ties leave no threshold closer to it.
    pub reached: Evidence,
}

/// One error rate at a threshold that keeps the other at a target.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RateAtTarget {
    /// The rate asked about, in 0..=1.
    pub rate: f64,
    /// What that rate rests on.
    pub evidence: Evidence,
    /// The threshold and the rate that was held at the target.
    pub at: TargetThreshold,
}

impl Scores {
    /// The most lenient threshold with `FMR <= target`.
    ///
    /// Only the impostor scores are looked at. Choose the threshold on other
    /// subjects than those it is judged on.
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor scores, [`Error::Argument`] unless
    /// the target is in `0..1`, and [`Error::Unsupported`] if it is below
    /// [`smallest_supported_rate`] of the number of impostor scores.
    pub fn threshold_for_fmr(&self, target: f64) -> Result<TargetThreshold, Error> {
        let keys = self.impostor_keys();
        let allowed = allowed_errors("FMR", PairKind::Impostor, keys.len(), target)?;
        // At a threshold equal to this score it is rejected, and with it all
        // that are less alike.
        let threshold = self.direction().score_of(f64::from(keys[allowed]));
        Ok(TargetThreshold {
            threshold,
            target,
            reached: self.false_matches(threshold),
        })
    }

    /// The strictest threshold with `FNMR <= target`.
    ///
    /// Only the genuine scores are looked at. Choose the threshold on other
    /// subjects than those it is judged on.
    ///
    /// # Errors
    /// [`Error::Missing`] without genuine scores, [`Error::Argument`] unless
    /// the target is in `0..1`, and [`Error::Unsupported`] if it is below
    /// [`smallest_supported_rate`] of the number of genuine scores.
    pub fn threshold_for_fnmr(&self, target: f64) -> Result<TargetThreshold, Error> {
        let keys = self.genuine_keys();
        let allowed = allowed_errors("FNMR", PairKind::Genuine, keys.len(), target)?;
        let last_accepted = keys[keys.len() - allowed - 1];
        let threshold = self
            .direction()
            .score_of(f64::from(last_accepted.next_up()));
        Ok(TargetThreshold {
            threshold,
            target,
            reached: self.false_non_matches(threshold),
        })
    }

    /// The lowest FNMR of any threshold with `FMR <= target`. No value is
    /// interpolated between operating points.
    ///
    /// # Errors
    /// Those of [`Self::threshold_for_fmr`], and [`Error::Missing`] without
    /// genuine scores.
    pub fn fnmr_at_fmr(&self, target: f64) -> Result<RateAtTarget, Error> {
        self.need("FNMR at FMR", PairKind::Genuine)?;
        let at = self.threshold_for_fmr(target)?;
        let evidence = self.false_non_matches(at.threshold);
        Ok(RateAtTarget {
            rate: evidence.rate(),
            evidence,
            at,
        })
    }

    /// The lowest FMR of any threshold with `FNMR <= target`. No value is
    /// interpolated between operating points.
    ///
    /// # Errors
    /// Those of [`Self::threshold_for_fnmr`], and [`Error::Missing`] without
    /// impostor scores.
    pub fn fmr_at_fnmr(&self, target: f64) -> Result<RateAtTarget, Error> {
        self.need("FMR at FNMR", PairKind::Impostor)?;
        let at = self.threshold_for_fnmr(target)?;
        let evidence = self.false_matches(at.threshold);
        Ok(RateAtTarget {
            rate: evidence.rate(),
            evidence,
            at,
        })
    }
}

/// How many of the comparisons may be decided wrongly; fewer than there are.
fn allowed_errors(
    figure: &'static str,
    kind: PairKind,
    comparisons: usize,
    target: f64,
) -> Result<usize, Error> {
    let trials = match kind {
        _ if comparisons == 0 => return Err(Error::Missing { figure, kind }),
        PairKind::Genuine => "genuine comparisons",
        PairKind::Impostor => "impostor comparisons",
    };
    check_target(figure, trials, comparisons as u64, target)?;
    Ok(most_errors_within(target, comparisons as u64) as usize)
}

/// Refuses targets outside `0..1` and those that this many trials, at least
/// one, cannot support.
pub(crate) fn check_target(
    figure: &'static str,
    trials: &'static str,
    count: u64,
    target: f64,
) -> Result<(), Error> {
    if !(0.0..1.0).contains(&target) {
        return Err(Error::Argument {
            argument: "target rate",
            expected: "a value of at least 0 and less than 1",
            found: target,
        });
    }
    let smallest = smallest_supported_rate(count);
    if target < smallest {
        return Err(Error::Unsupported {
            figure,
            target,
            trials,
            count,
            smallest,
        });
    }
    Ok(())
}

/// The largest `k` with `k / comparisons <= target`, free of the rounding of
/// their product (0.29 * 100 is less than 29).
pub(crate) fn most_errors_within(target: f64, comparisons: u64) -> u64 {
    let total = comparisons as f64;
    let mut errors = (target * total) as u64;
    while errors < comparisons && (errors + 1) as f64 / total <= target {
        errors += 1;
    }
    while errors > 0 && errors as f64 / total > target {
        errors -= 1;
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_errors_are_not_lost_to_rounding() {
        for n in 1..=300_u64 {
            for k in 0..n {
                assert_eq!(most_errors_within(k as f64 / n as f64, n), k);
            }
        }
    }
}
