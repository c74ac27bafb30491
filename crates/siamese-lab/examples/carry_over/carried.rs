//! Thresholds from the folds, and what strangers to the refit get at them.

use verification_figures::{Direction, PairKind, Scores};

use crate::networks::Distances;
use crate::scales::Scale;

/// How the folds' scores make one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carry {
    /// The threshold of all scores together.
    Pooled,
    /// The mean of the folds' thresholds.
    Mean,
}

/// Which impostor comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Impostors {
    /// Strangers with strangers.
    Strangers,
    /// Strangers with training subjects.
    Door,
}

/// The scores of a refit and of its folds on one scale.
pub(crate) struct OnScale {
    folds: [Vec<Scores>; 2],
    refit: [Scores; 2],
}

/// What was promised, and what strangers got.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) promised_fnmr: f64,
    pub(crate) fmr: f64,
    pub(crate) fnmr: f64,
}

impl OnScale {
    pub(crate) fn of(scale: Scale, refit: &Distances<'_>, folds: &[Distances<'_>]) -> Self {
        let both = |network: &Distances<'_>| {
            let score = scale.of(network);
            [
                network.among(&network.network.strangers, &score),
                network.at_the_door(&score),
            ]
        };
        let (strangers, door) = folds
            .iter()
            .map(both)
            .map(|[strangers, door]| (strangers, door))
            .unzip();
        Self {
            folds: [strangers, door],
            refit: both(refit),
        }
    }

    /// Of a threshold for this FMR among these impostors, met by those; `None` where the comparisons cannot show so small
    /// a rate.
    pub(crate) fn carried(
        &self,
        carry: Carry,
        fmr: f64,
        [set, met]: [Impostors; 2],
    ) -> Option<Outcome> {
        let folds = &self.folds[set as usize];
        let pooled = pooled(folds);
        let threshold = match carry {
            Carry::Pooled => pooled.threshold_for_fmr(fmr).ok()?.threshold,
            Carry::Mean => {
                let each = folds
                    .iter()
                    .map(|fold| Some(fold.threshold_for_fmr(fmr).ok()?.threshold));
                each.sum::<Option<f64>>()? / folds.len() as f64
            }
        };
        let refit = &self.refit[met as usize];
        Some(Outcome {
            promised_fnmr: pooled.fnmr_at(threshold).unwrap(),
            fmr: refit.fmr_at(threshold).unwrap(),
            fnmr: refit.fnmr_at(threshold).unwrap(),
        })
    }

    /// At the threshold that the strangers themselves would set, which nobody has.
    pub(crate) fn ideal(&self, fmr: f64, met: Impostors) -> Option<Outcome> {
        let refit = &self.refit[met as usize];
        let at = refit.fnmr_at_fmr(fmr).ok()?;
        Some(Outcome {
            promised_fnmr: at.rate,
            fmr: refit.fmr_at(at.at.threshold).ok()?,
            fnmr: at.rate,
        })
    }

    /// At a fixed distance.
    pub(crate) fn at(&self, threshold: f64, met: Impostors) -> Outcome {
        let refit = &self.refit[met as usize];
        let pooled = pooled(&self.folds[met as usize]);
        Outcome {
            promised_fnmr: pooled.fnmr_at(threshold).unwrap(),
            fmr: refit.fmr_at(threshold).unwrap(),
            fnmr: refit.fnmr_at(threshold).unwrap(),
        }
    }
}

fn pooled(folds: &[Scores]) -> Scores {
    let of = |kind| {
        folds
            .iter()
            .flat_map(move |fold| fold.of_kind(kind))
            .collect()
    };
    Scores::new(
        Direction::Distance,
        of(PairKind::Genuine),
        of(PairKind::Impostor),
    )
    .unwrap()
}
