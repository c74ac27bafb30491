//! Figures of scores that were counted in buckets, with the bounds that hold for certain.

use crate::accumulator::Accumulator;
use crate::det::DetCurve;
use crate::direction::PairKind;
use crate::error::Error;
use crate::steps::{self, Counts};

/// A figure that is known to lie between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bounded {
    /// The true value is not below this.
    pub low: f64,
    /// The best guess.
    pub estimate: f64,
    /// The true value is not above this.
    pub high: f64,
}

/// The equal error rate of streamed scores; see
/// [`Scores::eer`](crate::Scores::eer) for the definition.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BoundedEer {
    /// The rate.
    pub rate: Bounded,
    /// The edge, in the units and direction of the scores, of the bucket in
    /// which FMR and FNMR cross. The threshold of the exact EER is at most a
    /// bucket's width away, or anywhere in a gap that has no scores.
    pub threshold: f64,
}

impl Accumulator {
    /// FMR at a threshold, exact where that lies on the edge of a bucket. The
    /// estimate is the middle of the bounds.
    ///
    /// # Errors
    /// As for [`Scores::fmr_at`](crate::Scores::fmr_at).
    pub fn fmr_at(&self, threshold: f64) -> Result<Bounded, Error> {
        self.need("FMR", PairKind::Impostor)?;
        let total = self.total();
        let (least, most) = self.accepted_at(threshold)?;
        Ok(Bounded::between(least.fmr(total), most.fmr(total)))
    }

    /// FNMR at a threshold, exact where that lies on the edge of a bucket. The
    /// estimate is the middle of the bounds.
    ///
    /// # Errors
    /// As for [`Scores::fnmr_at`](crate::Scores::fnmr_at).
    pub fn fnmr_at(&self, threshold: f64) -> Result<Bounded, Error> {
        self.need("FNMR", PairKind::Genuine)?;
        let total = self.total();
        let (least, most) = self.accepted_at(threshold)?;
        Ok(Bounded::between(most.fnmr(total), least.fnmr(total)))
    }

    /// Equal error rate, with bounds: within the bucket where FMR and FNMR
    /// cross, the two can take no values but those between its edges. The
    /// estimate takes all scores in the bucket for equal.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn eer(&self) -> Result<BoundedEer, Error> {
        let total = self.need_both("EER")?;
        let crossing = steps::equal_error(self.steps(), total).ok_or(Error::Empty)?;
        let (before, after) = (crossing.before, crossing.after);
        let estimate = crossing.rate();
        let (low, high, key) = if crossing.is_met() {
            let end = self.edge_above(crossing.key);
            let key = crossing.next.map_or(end, |next| steps::between(end, next));
            (estimate, estimate, key)
        } else {
            let low = before.fmr(total).max(after.fnmr(total));
            let high = after.fmr(total).min(before.fnmr(total));
            (low, high, crossing.key)
        };
        Ok(BoundedEer {
            rate: Bounded {
                low,
                estimate: estimate.clamp(low, high),
                high,
            },
            threshold: self.direction().score_of(f64::from(key)),
        })
    }

    /// Area under the ROC curve, with bounds: couples within one bucket may
    /// all be in the right or all in the wrong order; the estimate counts half
    /// of them.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn auc(&self) -> Result<Bounded, Error> {
        let total = self.need_both("AUC")?;
        let estimate = steps::area(self.steps(), total).ok_or(Error::Empty)?;
        let couples = total.genuine as f64 * total.impostor as f64;
        let unordered: f64 = self
            .steps()
            .map(|s| s.genuine as f64 * s.impostor as f64)
            .sum();
        let half = unordered / couples / 2.0;
        Ok(Bounded {
            low: (estimate - half).max(0.0),
            estimate,
            high: (estimate + half).min(1.0),
        })
    }

    /// The points of the exact DET curve that lie on edges of buckets, and its
    /// ends.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn det(&self) -> Result<DetCurve, Error> {
        let total = self.need_both("DET")?;
        let past_last = |key: f32| self.edge_above(key);
        Ok(DetCurve::from_steps(
            self.direction(),
            self.steps(),
            total,
            0,
            past_last,
        ))
    }

    /// What is accepted for certain at a threshold, and what perhaps.
    fn accepted_at(&self, threshold: f64) -> Result<(Counts, Counts), Error> {
        if threshold.is_nan() {
            return Err(Error::Argument {
                argument: "threshold",
                expected: "a number",
                found: threshold,
            });
        }
        let limit = self.direction().score_of(threshold);
        let (mut least, mut most) = (Counts::default(), Counts::default());
        for (bucket, step) in self.filled() {
            if f64::from(step.key) >= limit {
                break;
            }
            most.add(&step);
            if f64::from(self.edge(bucket + 1)) <= limit {
                least.add(&step);
            }
        }
        Ok((least, most))
    }
}

impl Bounded {
    fn between(low: f64, high: f64) -> Self {
        Self {
            low,
            estimate: f64::midpoint(low, high),
            high,
        }
    }
}
