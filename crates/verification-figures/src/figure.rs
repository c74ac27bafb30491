//! Figures by name, for intervals.

use crate::steps::{self, Counts, Step};
use crate::{Confusion, Error, Scores};

/// A figure of a set of comparisons.
///
/// Thresholds are in the units and direction of the scores.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Figure {
    /// [`Scores::eer`], its rate.
    Eer,
    /// [`Scores::auc`].
    Auc,
    /// [`Scores::best_accuracy`].
    BestAccuracy,
    /// [`Scores::best_balanced_accuracy`].
    BestBalancedAccuracy,
    /// [`Scores::d_prime`].
    DPrime,
    /// [`Scores::fmr_at`] this threshold.
    FmrAt(f64),
    /// [`Scores::fnmr_at`] this threshold.
    FnmrAt(f64),
    /// [`Confusion::accuracy`] at this threshold.
    AccuracyAt(f64),
    /// [`Confusion::balanced_accuracy`] at this threshold.
    BalancedAccuracyAt(f64),
    /// [`Confusion::precision`] at this threshold.
    PrecisionAt(f64),
    /// [`Confusion::recall`] at this threshold.
    RecallAt(f64),
    /// [`Confusion::f1`] at this threshold.
    F1At(f64),
    /// [`Scores::fnmr_at_fmr`] of this target.
    FnmrAtFmr(f64),
    /// [`Scores::fmr_at_fnmr`] of this target.
    FmrAtFnmr(f64),
    /// [`Scores::threshold_for_fmr`] of this target, in the units of the scores.
    ThresholdForFmr(f64),
}

impl Figure {
    /// The name of the figure in messages and tables, without its argument.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Eer => "EER",
            Self::Auc => "AUC",
            Self::BestAccuracy => "best accuracy",
            Self::BestBalancedAccuracy => "best balanced accuracy",
            Self::DPrime => "d-prime",
            Self::FmrAt(_) => "FMR",
            Self::FnmrAt(_) => "FNMR",
            Self::AccuracyAt(_) => "accuracy",
            Self::BalancedAccuracyAt(_) => "balanced accuracy",
            Self::PrecisionAt(_) => "precision",
            Self::RecallAt(_) => "recall",
            Self::F1At(_) => "F1",
            Self::FnmrAtFmr(_) => "FNMR at FMR",
            Self::FmrAtFnmr(_) => "FMR at FNMR",
            Self::ThresholdForFmr(_) => "threshold for FMR",
        }
    }

    /// The value on these scores.
    ///
    /// # Errors
    /// Those of the method that the figure stands for.
    pub fn of(&self, scores: &Scores) -> Result<f64, Error> {
        match *self {
            Self::Eer => scores.eer().map(|eer| eer.rate),
            Self::Auc => scores.auc(),
            Self::BestAccuracy => scores.best_accuracy().map(|best| best.accuracy),
            Self::BestBalancedAccuracy => scores.best_balanced_accuracy().map(|best| best.accuracy),
            Self::DPrime => scores.d_prime(),
            Self::FmrAt(threshold) => scores.fmr_at(threshold),
            Self::FnmrAt(threshold) => scores.fnmr_at(threshold),
            Self::FnmrAtFmr(target) => scores.fnmr_at_fmr(target).map(|found| found.rate),
            Self::FmrAtFnmr(target) => scores.fmr_at_fnmr(target).map(|found| found.rate),
            Self::ThresholdForFmr(target) => scores
                .threshold_for_fmr(target)
                .map(|found| found.threshold),
            Self::AccuracyAt(threshold) => scores.confusion_at(threshold)?.accuracy(),
            Self::BalancedAccuracyAt(threshold) => {
                scores.confusion_at(threshold)?.balanced_accuracy()
            }
            Self::PrecisionAt(threshold) => scores.confusion_at(threshold)?.precision(),
            Self::RecallAt(threshold) => scores.confusion_at(threshold)?.recall(),
            Self::F1At(threshold) => scores.confusion_at(threshold)?.f1(),
        }
    }

    /// The value on weighted steps, `None` where undefined. Support is not
    /// asked for: a replicate is judged by the sample it was drawn from.
    ///
    /// `limit` turns a threshold into a limit for keys.
    pub(crate) fn of_steps(
        &self,
        steps: &[Step],
        total: Counts,
        limit: impl Fn(f64) -> f64,
    ) -> Option<f64> {
        let both = total.genuine > 0 && total.impostor > 0;
        let walk = || steps.iter().copied();
        let at = |threshold: f64| confusion_below(steps, total, limit(threshold));
        match *self {
            Self::Eer => steps::equal_error(walk(), total).map(|crossing| crossing.rate()),
            Self::Auc => steps::area(walk(), total),
            Self::BestAccuracy => {
                let right = |accepted| total.right_decisions(accepted);
                let (_, accepted) = steps::best_by(walk(), right).filter(|_| both)?;
                confusion_of(accepted, total).accuracy().ok()
            }
            Self::BestBalancedAccuracy => {
                let right = |accepted| total.balanced_right_decisions(accepted);
                let (_, accepted) = steps::best_by(walk(), right).filter(|_| both)?;
                confusion_of(accepted, total).balanced_accuracy().ok()
            }
            Self::FnmrAtFmr(target) => both.then(|| steps::fnmr_within_fmr(walk(), total, target)),
            Self::FmrAtFnmr(target) => both.then(|| steps::fmr_within_fnmr(walk(), total, target)),
            Self::ThresholdForFmr(target) => {
                steps::limit_within_fmr(walk(), total, target).map(|key| limit(key.into()))
            }
            Self::DPrime => {
                let (genuine_mean, genuine_variance) = moments(steps, |step| step.genuine)?;
                let (impostor_mean, impostor_variance) = moments(steps, |step| step.impostor)?;
                let pooled = f64::midpoint(genuine_variance, impostor_variance);
                (pooled > 0.0).then(|| (impostor_mean - genuine_mean) / pooled.sqrt())
            }
            Self::FmrAt(threshold) => at(threshold).fmr().ok(),
            Self::FnmrAt(threshold) => at(threshold).fnmr().ok(),
            Self::AccuracyAt(threshold) => at(threshold).accuracy().ok(),
            Self::BalancedAccuracyAt(threshold) => at(threshold).balanced_accuracy().ok(),
            Self::PrecisionAt(threshold) => at(threshold).precision().ok(),
            Self::RecallAt(threshold) => at(threshold).recall().ok(),
            Self::F1At(threshold) => at(threshold).f1().ok(),
        }
    }
}

fn confusion_below(steps: &[Step], total: Counts, limit: f64) -> Confusion {
    let mut accepted = Counts::default();
    for step in steps.iter().take_while(|step| f64::from(step.key) < limit) {
        accepted.add(step);
    }
    confusion_of(accepted, total)
}

fn confusion_of(accepted: Counts, total: Counts) -> Confusion {
    Confusion {
        tp: accepted.genuine,
        fp: accepted.impostor,
        tn: total.impostor - accepted.impostor,
        fn_: total.genuine - accepted.genuine,
    }
}

/// Mean and sample variance of weighted keys, in two passes; `None` for a
/// weight below two.
fn moments(steps: &[Step], weight: impl Fn(&Step) -> u64) -> Option<(f64, f64)> {
    let count = steps.iter().map(&weight).sum::<u64>();
    if count < 2 {
        return None;
    }
    let sum = |term: &dyn Fn(f64) -> f64| -> f64 {
        let terms = steps
            .iter()
            .map(|step| weight(step) as f64 * term(f64::from(step.key)));
        terms.sum()
    };
    let mean = sum(&|key| key) / count as f64;
    let squares = sum(&|key| (key - mean).powi(2));
    Some((mean, squares / (count - 1) as f64))
}
