//! Decisions on comparisons.

use super::document::{Calibration, FmrPoint};

/// What a calibration says of one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Outcome {
    /// One subject.
    Match,
    /// Two subjects.
    NonMatch,
    /// The score lies within the interval of the threshold: on other subjects the threshold could as well have fallen on
    /// its other side.
    Uncertain,
}

/// A decision on one comparison, and what it was made by.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decided {
    /// The decision.
    pub outcome: Outcome,
    /// The false match rate asked for.
    pub target_fmr: f64,
    /// Whether the rate at `point` is at most the one asked for. If not, the calibration supports nothing as strict, and the
    /// decision was made at the smallest rate that it supports.
    pub target_met: bool,
    /// The threshold, and the rate it was measured to have.
    pub point: FmrPoint,
    /// [`Calibration::fmr_at_score`].
    pub fmr_at_score: Option<f64>,
}

impl Calibration {
    /// Decides on one comparison at a false match rate of at most `target`, by [`for_fmr`](Self::for_fmr). Nothing where no
    /// comparison was calibrated, or the score is NaN.
    ///
    /// A score strictly within the interval of the threshold is [`Outcome::Uncertain`]. Where there is no interval, no
    /// score is.
    #[must_use]
    pub fn decide(&self, score: f64, target: f64) -> Option<Decided> {
        let point = self.for_fmr(target)?;
        let outcome = self.outcome(score, point.threshold, point.threshold_interval)?;
        Some(Decided {
            outcome,
            target_fmr: target,
            target_met: point.fmr <= target,
            point,
            fmr_at_score: self.fmr_at_score(score),
        })
    }

    /// On which side of a threshold a score lies, or that it lies strictly within its interval; nothing for NaN.
    #[must_use]
    pub fn outcome(
        &self,
        score: f64,
        threshold: f64,
        interval: Option<(f64, f64)>,
    ) -> Option<Outcome> {
        if score.is_nan() {
            return None;
        }
        let between = interval.is_some_and(|(low, high)| low < score && score < high);
        Some(match self.direction.is_more_alike(score, threshold) {
            _ if between => Outcome::Uncertain,
            true => Outcome::Match,
            false => Outcome::NonMatch,
        })
    }

    /// The share of impostor comparisons that are at least as alike as `score`, 0..=1: what the FMR would be with the
    /// threshold just beyond it.
    ///
    /// It is never below the smallest rate that the comparisons can show ([`smallest_fmr`](Self::smallest_fmr)), and
    /// between two scores of the tail it is that of the less alike one. Nothing where the tail was not measured, or for NaN.
    #[must_use]
    pub fn fmr_at_score(&self, score: f64) -> Option<f64> {
        if self.impostor_tail.is_empty() || score.is_nan() {
            return None;
        }
        let reached = |&(at, _): &(f64, f64)| self.direction.is_more_alike(at, score);
        let next = self.impostor_tail.partition_point(reached);
        let share = self
            .impostor_tail
            .get(next)
            .map_or(1.0, |&(_, share)| share);
        let floor = match self.made.impostor {
            0 => 0.0,
            _ => self.smallest_fmr().min(1.0),
        };
        Some(share.max(floor))
    }
}
