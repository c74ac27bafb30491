//! In-memory scores and the figures on them.

use crate::confusion::Confusion;
use crate::det::DetCurve;
use crate::sort::sort_finite;
use crate::steps::{self, Counts, MergedSteps};
use crate::support::Evidence;
use crate::{Direction, Error, PairKind};

/// Genuine and impostor scores, sorted, with exact figures on them.
///
/// Scores are kept as `f32`, what networks produce; counts are integers and
/// rates `f64`. Equal scores fall together on one side of every threshold.
/// A class may be empty; figures that need it are then errors.
///
/// The decision rule is strict: *genuine* if and only if `score < threshold`
/// for distances, `score > threshold` for similarities
/// ([`Direction::accepts`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    direction: Direction,
    /// Ascending distances; similarities are negated.
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

/// The equal error rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eer {
    /// The rate, in 0..=1.
    pub rate: f64,
    /// Where FMR and FNMR cross, in the units and direction of the scores.
    pub threshold: f64,
}

/// The highest accuracy that any threshold reaches on these very scores, so
/// an optimistic figure for new ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BestAccuracy {
    /// The threshold, in the units and direction of the scores.
    pub threshold: f64,
    /// The accuracy at it, in 0..=1.
    pub accuracy: f64,
}

impl Scores {
    /// Takes the scores of genuine and of impostor comparisons, in any order.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a NaN or infinite score, [`Error::Empty`] if
    /// both classes are empty.
    pub fn new(direction: Direction, genuine: Vec<f32>, impostor: Vec<f32>) -> Result<Self, Error> {
        if genuine.is_empty() && impostor.is_empty() {
            return Err(Error::Empty);
        }
        Ok(Self {
            direction,
            genuine: sorted_keys(direction, PairKind::Genuine, genuine)?,
            impostor: sorted_keys(direction, PairKind::Impostor, impostor)?,
        })
    }

    /// Takes finite keys in ascending order, at least one of them.
    pub(crate) fn from_sorted_keys(
        direction: Direction,
        genuine: Vec<f32>,
        impostor: Vec<f32>,
    ) -> Self {
        Self {
            direction,
            genuine,
            impostor,
        }
    }

    /// Takes scores with their kinds side by side.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the slices differ in length, else as
    /// [`Self::new`]; indices of bad scores count within their class.
    pub fn from_labelled(
        direction: Direction,
        scores: &[f32],
        kinds: &[PairKind],
    ) -> Result<Self, Error> {
        if scores.len() != kinds.len() {
            return Err(Error::LengthMismatch {
                left: "scores",
                left_len: scores.len(),
                right: "kinds",
                right_len: kinds.len(),
            });
        }
        let of = |wanted: PairKind| {
            let both = scores.iter().zip(kinds);
            both.filter(|&(_, &kind)| kind == wanted)
                .map(|(&score, _)| score)
                .collect()
        };
        Self::new(direction, of(PairKind::Genuine), of(PairKind::Impostor))
    }

    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Number of scores of a kind.
    #[must_use]
    pub fn count(&self, kind: PairKind) -> usize {
        self.keys(kind).len()
    }

    /// The scores of a kind, the most alike first.
    pub fn of_kind(&self, kind: PairKind) -> impl ExactSizeIterator<Item = f32> + '_ {
        let direction = self.direction;
        self.keys(kind)
            .iter()
            .map(move |&key| direction.score_of(f64::from(key)) as f32)
    }

    /// Share of the impostor scores that are accepted at the threshold, which
    /// may be infinite.
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor scores, [`Error::Argument`] if the
    /// threshold is NaN.
    pub fn fmr_at(&self, threshold: f64) -> Result<f64, Error> {
        self.need("FMR", PairKind::Impostor)?;
        check_threshold(threshold)?;
        Ok(self.false_matches(threshold).rate())
    }

    /// Share of the genuine scores that are rejected at the threshold, which
    /// may be infinite.
    ///
    /// # Errors
    /// [`Error::Missing`] without genuine scores, [`Error::Argument`] if the
    /// threshold is NaN.
    pub fn fnmr_at(&self, threshold: f64) -> Result<f64, Error> {
        self.need("FNMR", PairKind::Genuine)?;
        check_threshold(threshold)?;
        Ok(self.false_non_matches(threshold).rate())
    }

    /// All decisions at the threshold, which may be infinite.
    ///
    /// # Errors
    /// [`Error::Argument`] if the threshold is NaN.
    pub fn confusion_at(&self, threshold: f64) -> Result<Confusion, Error> {
        check_threshold(threshold)?;
        let tp = self.accepted(PairKind::Genuine, threshold);
        let fp = self.accepted(PairKind::Impostor, threshold);
        Ok(Confusion {
            tp,
            fp,
            tn: self.impostor.len() as u64 - fp,
            fn_: self.genuine.len() as u64 - tp,
        })
    }

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
            threshold: self.direction.score_of(f64::from(key)),
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
        let capacity = self.genuine.len() + self.impostor.len() + 1;
        Ok(DetCurve::from_steps(
            self.direction,
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
        if self.genuine.len() < 2 || self.impostor.len() < 2 {
            return Err(undefined("a class has a single score, so no variance"));
        }
        let (genuine_mean, genuine_variance) = mean_and_variance(&self.genuine);
        let (impostor_mean, impostor_variance) = mean_and_variance(&self.impostor);
        let pooled = f64::midpoint(genuine_variance, impostor_variance);
        if pooled > 0.0 {
            Ok((impostor_mean - genuine_mean) / pooled.sqrt())
        } else {
            Err(undefined("neither class has any spread"))
        }
    }

    pub(crate) fn genuine_keys(&self) -> &[f32] {
        &self.genuine
    }

    pub(crate) fn impostor_keys(&self) -> &[f32] {
        &self.impostor
    }

    /// Evidence for the FMR; the class must not be empty.
    pub(crate) fn false_matches(&self, threshold: f64) -> Evidence {
        Evidence {
            errors: self.accepted(PairKind::Impostor, threshold),
            comparisons: self.impostor.len() as u64,
        }
    }

    /// Evidence for the FNMR; the class must not be empty.
    pub(crate) fn false_non_matches(&self, threshold: f64) -> Evidence {
        let comparisons = self.genuine.len() as u64;
        Evidence {
            errors: comparisons - self.accepted(PairKind::Genuine, threshold),
            comparisons,
        }
    }

    pub(crate) fn need(&self, figure: &'static str, kind: PairKind) -> Result<(), Error> {
        if self.keys(kind).is_empty() {
            Err(Error::Missing { figure, kind })
        } else {
            Ok(())
        }
    }

    fn need_both(&self, figure: &'static str) -> Result<Counts, Error> {
        self.need(figure, PairKind::Genuine)?;
        self.need(figure, PairKind::Impostor)?;
        Ok(Counts {
            genuine: self.genuine.len() as u64,
            impostor: self.impostor.len() as u64,
        })
    }

    fn keys(&self, kind: PairKind) -> &[f32] {
        match kind {
            PairKind::Genuine => &self.genuine,
            PairKind::Impostor => &self.impostor,
        }
    }

    fn accepted(&self, kind: PairKind, threshold: f64) -> u64 {
        let limit = self.direction.score_of(threshold);
        self.keys(kind)
            .partition_point(|&key| f64::from(key) < limit) as u64
    }

    pub(crate) fn steps(&self) -> MergedSteps<'_> {
        MergedSteps::new(&self.genuine, &self.impostor)
    }

    fn best(
        &self,
        merit: impl Fn(Counts) -> u128,
        figure: impl Fn(&Confusion) -> Result<f64, Error>,
    ) -> Result<BestAccuracy, Error> {
        let (key, _) = steps::best_by(self.steps(), merit).ok_or(Error::Empty)?;
        let threshold = self.direction.score_of(f64::from(key));
        let accuracy = figure(&self.confusion_at(threshold)?)?;
        Ok(BestAccuracy {
            threshold,
            accuracy,
        })
    }
}

fn sorted_keys(
    direction: Direction,
    kind: PairKind,
    mut scores: Vec<f32>,
) -> Result<Vec<f32>, Error> {
    if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
        return Err(Error::NotFinite {
            kind,
            index,
            value: scores[index],
        });
    }
    for score in &mut scores {
        *score = direction.key_of(*score);
    }
    sort_finite(&mut scores);
    Ok(scores)
}

fn check_threshold(threshold: f64) -> Result<(), Error> {
    if threshold.is_nan() {
        return Err(Error::Argument {
            argument: "threshold",
            expected: "a number",
            found: threshold,
        });
    }
    Ok(())
}

/// Mean and sample variance in two passes; the slice holds at least two.
fn mean_and_variance(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let squares: f64 = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum();
    (mean, squares / (count - 1.0))
}
