//! Figures against random and skilled impostors.

use verification_figures::{Comparison, FORGER, Figure, LabelledScores, PairKind};

use super::method::{FMR_TARGETS, jackknife};
use crate::{Answer, AtTarget, Error, ImpostorFigures, ImpostorKind, Impostors, Measured, Rate};

/// One fold's comparisons of samples with the references of subjects, and the threshold that decides them. Those with
/// forgeries are made by [`Comparison::skilled`].
#[derive(Debug, Clone)]
pub struct ReferenceScores {
    /// Genuine ones, and those with impostors of both kinds.
    pub scores: LabelledScores,
    /// More alike than this is accepted; absent where nobody has set such a threshold.
    pub threshold: Option<f64>,
}

/// The figures of each kind of impostors, with so many references of each subject; `fusion` says what a comparison with several is.
/// Nothing where there is no skilled impostor.
///
/// # Errors
/// [`Error::Figures`] where the folds' scores do not go together.
pub fn impostors(
    folds: &[ReferenceScores],
    references: usize,
    fusion: Option<String>,
    seed: u64,
) -> Result<Option<Impostors>, Error> {
    let mut found = Impostors {
        references: references as u64,
        fusion,
        ..Impostors::default()
    };
    for kind in [ImpostorKind::Random, ImpostorKind::Skilled] {
        let own = folds.iter().map(|fold| of_kind(&fold.scores, kind));
        let own = own.collect::<Result<Vec<_>, _>>()?;
        let all = LabelledScores::pooled(&own)?;
        let comparisons = all.scores().count(PairKind::Impostor) as u64;
        if comparisons == 0 {
            if kind == ImpostorKind::Skilled {
                return Ok(None);
            }
            continue;
        }
        let decided = own.iter().zip(folds).filter_map(|(scores, fold)| {
            let threshold = fold.threshold?;
            let less = |comparison: Comparison| Comparison {
                score: (f64::from(comparison.score) - threshold) as f32,
                ..comparison
            };
            let less = scores.comparisons().map(less).collect();
            Some(LabelledScores::new(scores.direction(), less))
        });
        let decided = decided.collect::<Result<Vec<_>, _>>()?;
        let at = match decided.len() == folds.len() {
            true => Some(
                LabelledScores::pooled(&decided)?
                    .scores()
                    .confusion_at(0.0)?,
            ),
            false => None,
        };
        let by_fold = match &own[..] {
            [_] => all,
            folds => {
                let levelled = folds.iter().map(LabelledScores::by_fmr);
                LabelledScores::pooled(&levelled.collect::<Result<Vec<_>, _>>()?)?
            }
        };
        found.subjects = by_fold.genuine_subjects() as u64;
        found.genuine = by_fold.scores().count(PairKind::Genuine) as u64;
        found.fnmr = at.as_ref().and_then(|at| at.fnmr().ok());
        let fmr = at.and_then(|at| at.fmr().ok());
        found
            .kinds
            .push(figures(&by_fold, kind, comparisons, fmr, seed));
    }
    Ok(Some(found))
}

fn figures(
    scores: &LabelledScores,
    kind: ImpostorKind,
    comparisons: u64,
    fmr: Option<f64>,
    seed: u64,
) -> ImpostorFigures {
    let mut wanted = vec![Figure::Eer];
    wanted.extend(FMR_TARGETS.map(Figure::FnmrAtFmr));
    let intervals = scores.intervals(&wanted, &jackknife(scores.len(), seed));
    let mut intervals = intervals.into_iter().map(Result::ok);
    let scores = scores.scores();
    let eer = scores.eer().ok();
    let eer = eer.map(|eer| Measured::new(eer.rate, intervals.next().flatten()));
    let at_target = |(target, interval)| {
        let at = scores.fnmr_at_fmr(target);
        AtTarget {
            target,
            held: at.as_ref().ok().map(|at| at.at.reached),
            rate: Answer::from(at.map(|at| Rate::new(at.evidence, interval))),
        }
    };
    ImpostorFigures {
        kind,
        comparisons,
        eer,
        fmr,
        fnmr_at_fmr: FMR_TARGETS
            .into_iter()
            .zip(intervals)
            .map(at_target)
            .collect(),
    }
}

/// The genuine comparisons, and those with impostors of one kind.
fn of_kind(scores: &LabelledScores, kind: ImpostorKind) -> Result<LabelledScores, Error> {
    let counts = |comparison: &Comparison| {
        let skilled = comparison
            .subjects
            .iter()
            .any(|subject| subject & FORGER != 0);
        comparison.kind() == PairKind::Genuine || skilled == (kind == ImpostorKind::Skilled)
    };
    let comparisons = scores.comparisons().filter(counts).collect();
    Ok(LabelledScores::new(scores.direction(), comparisons)?)
}
