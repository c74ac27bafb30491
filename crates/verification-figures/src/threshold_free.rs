//! Figures that need no threshold: EER, AUC, the DET curve, the best accuracy, d-prime.

use crate::confusion::Confusion;
use crate::det::DetCurve;
use crate::error::Error;
use crate::scores::Scores;
use crate::steps::{self, Counts};

/// The equal error rate.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Eer {
    /// The rate, in 0..=1.
    pub rate: f64,
    /// Where FMR and FNMR cross, in the units and direction of the scores.
    pub threshold: f64,
}

/// The highest accuracy that any threshold reaches on these very scores, so
/// an optimistic figure for new ones.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BestAccuracy {
    /// The threshold, in the units and direction of the scores.
    pub threshold: f64,
    /// The accuracy at it, in 0..=1.
    pub accuracy: f64,
}

impl Scores {
    /// Equal error rate: where FMR and FNMR, as functions of the threshold,
    /// cross.
    ///
    /// They are step functions. If they are equal over a range of thresholds,
    /// the rate is their value and the threshold the middle of the range.
    /// Otherwise they jump past each other at one score: that score is the
    /// threshold, and the rate is read off the straight line between the
    /// operating points on its two sides, which is where the ROC polygon
    /// meets the diagonal `FMR = FNMR`. No convex hull is taken.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn eer(&self) -> Result<Eer, Error> {
        let total = self.need_both("EER")?;
        let crossing = steps::equal_error(self.steps(), total).ok_or(Error::Empty)?;
        let key = match crossing.next {
            _ if !crossing.is_met() => crossing.key,
            Some(next) => steps::between(crossing.key, next),
            None => crossing.key.next_up(),
        };
        Ok(Eer {
            rate: crossing.rate(),
            threshold: self.direction().score_of(f64::from(key)),
        })
    }

    /// Area under the ROC curve, in 0..=1: the probability that a random
    /// genuine comparison is more alike than a random impostor comparison,
    /// ties counting half. It is the Mann-Whitney U statistic over the number
    /// of couples (Hanley and McNeil, Radiology 143, 1982), counted in
    /// integers.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn auc(&self) -> Result<f64, Error> {
        let total = self.need_both("AUC")?;
        steps::area(self.steps(), total).ok_or(Error::Empty)
    }

    /// The whole detection error trade-off curve: one point for each distinct
    /// score, and one past the last. A point's threshold is a score, the most
    /// lenient threshold that yields the point.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn det(&self) -> Result<DetCurve, Error> {
        let total = self.need_both("DET")?;
        let capacity = self.genuine_keys().len() + self.impostor_keys().len() + 1;
        Ok(DetCurve::from_steps(
            self.direction(),
            self.steps(),
            total,
            capacity,
            f32::next_up,
        ))
    }

    /// The threshold with the highest [`Confusion::accuracy`], the strictest
    /// of equals, in the middle of the scores around it.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn best_accuracy(&self) -> Result<BestAccuracy, Error> {
        let total = self.need_both("best accuracy")?;
        self.best(
            |accepted| total.right_decisions(accepted),
            Confusion::accuracy,
        )
    }

    /// The threshold with the highest [`Confusion::balanced_accuracy`], the
    /// strictest of equals, in the middle of the scores around it.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn best_balanced_accuracy(&self) -> Result<BestAccuracy, Error> {
        let total = self.need_both("best balanced accuracy")?;
        self.best(
            |accepted| total.balanced_right_decisions(accepted),
            Confusion::balanced_accuracy,
        )
    }

    /// Separation of the classes in pooled standard deviations,
    /// `(m_impostor - m_genuine) / sqrt((v_genuine + v_impostor) / 2)` for
    /// distances, with sample variances; the sign is turned for similarities.
    /// Positive means that genuine comparisons are the more alike ones.
    ///
    /// J. Daugman, "How iris recognition works", IEEE Trans. CSVT 14(1), 2004,
    /// who takes the absolute value.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores, [`Error::Undefined`] if
    /// one has a single score or neither has any spread.
    pub fn d_prime(&self) -> Result<f64, Error> {
        self.need_both("d-prime")?;
        let undefined = |reason| Error::Undefined {
            figure: "d-prime",
            reason,
        };
        if self.genuine_keys().len() < 2 || self.impostor_keys().len() < 2 {
            return Err(undefined("a class has a single score, so no variance"));
        }
        let (genuine_mean, genuine_variance) = mean_and_variance(self.genuine_keys());
        let (impostor_mean, impostor_variance) = mean_and_variance(self.impostor_keys());
        let pooled = f64::midpoint(genuine_variance, impostor_variance);
        if pooled > 0.0 {
            Ok((impostor_mean - genuine_mean) / pooled.sqrt())
        } else {
            Err(undefined("neither class has any spread"))
        }
    }

    fn best(
        &self,
        merit: impl Fn(Counts) -> u128,
        figure: impl Fn(&Confusion) -> Result<f64, Error>,
    ) -> Result<BestAccuracy, Error> {
        let (key, _) = steps::best_by(self.steps(), merit).ok_or(Error::Empty)?;
        let threshold = self.direction().score_of(f64::from(key));
        let accuracy = figure(&self.confusion_at(threshold)?)?;
        Ok(BestAccuracy {
            threshold,
            accuracy,
        })
    }
}

/// Mean and sample variance in two passes; the slice holds at least two.
fn mean_and_variance(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let squares: f64 = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum();
    (mean, squares / (count - 1.0))
}
