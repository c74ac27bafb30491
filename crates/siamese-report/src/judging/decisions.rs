//! What thresholds do: on all folds, on each fold, to each subject.

use verification_figures::{
    Direction, Error as Undefined, Evidence, Figure, Interval, LabelledScores, LogisticMap,
    PairKind, Scores, smallest_firm_rate, smallest_supported_rate,
};

use super::folds::{FoldScores, Pooled, decided};
use super::method::{FMR_TARGETS, jackknife};
use crate::number::target;
use crate::{
    Answer, Decision, Error, FoldFigures, Measured, Rate, Requirement, SubjectErrors,
    ThresholdChoice, ThresholdOutcome,
};

/// The wanted FNMR, which a threshold reaches on the validation scores.
const WANTED_FNMR: f64 = 0.05;

/// Wanted error rates, by which threshold each reaches on the validation scores; whether it is an FMR.
fn aims(required: Option<Requirement>) -> Vec<(f64, bool)> {
    let mut aims = FMR_TARGETS.map(|fmr| (fmr, true)).to_vec();
    aims.push((WANTED_FNMR, false));
    let required = required.map(|required| [(required.fmr, true), (required.fnmr, false)]);
    for (rate, of_impostors) in required.into_iter().flatten() {
        aims.extend(rate.map(|rate| (rate, of_impostors)));
    }
    aims.sort_by(|a, b| b.1.cmp(&a.1).then(b.0.total_cmp(&a.0)));
    aims.dedup();
    aims
}

/// Intervals of figures at 0; absent where there are too few subjects.
fn intervals(decided: &LabelledScores, figures: &[Figure], seed: u64) -> Vec<Option<Interval>> {
    let settings = jackknife(decided.len(), seed);
    let found = decided.intervals(figures, &settings).into_iter();
    found.map(Result::ok).collect()
}

/// What the thresholds in use do, given all comparisons less their threshold.
pub(super) fn decision(
    blank: Decision,
    decided: &LabelledScores,
    seed: u64,
) -> Result<Decision, Error> {
    let scores = decided.scores();
    let at = scores.confusion_at(0.0)?;
    let wanted = [
        Figure::FmrAt(0.0),
        Figure::FnmrAt(0.0),
        Figure::AccuracyAt(0.0),
        Figure::BalancedAccuracyAt(0.0),
        Figure::PrecisionAt(0.0),
        Figure::RecallAt(0.0),
        Figure::F1At(0.0),
    ];
    let found = intervals(decided, &wanted, seed);
    let value = |value: Result<f64, Undefined>, place: usize| {
        value.ok().map(|value| Measured::new(value, found[place]))
    };
    let error = |evidence: Result<Evidence, Undefined>, place: usize| {
        let evidence = evidence.ok();
        evidence.map(|evidence| Rate::new(evidence, found[place]))
    };
    let impostor = scores.count(PairKind::Impostor) as u64;
    Ok(Decision {
        fmr: error(at.false_matches(), 0),
        fnmr: error(at.false_non_matches(), 1),
        accuracy: value(at.accuracy(), 2),
        balanced_accuracy: value(at.balanced_accuracy(), 3),
        precision: value(at.precision(), 4),
        recall: value(at.recall(), 5),
        f1: value(at.f1(), 6),
        smallest_fmr: (impostor > 0).then(|| {
            [
                smallest_supported_rate(impostor),
                smallest_firm_rate(impostor),
            ]
        }),
        ..blank
    })
}

/// Thresholds for wanted error rates, chosen on each fold's validation scores and judged on its test.
pub(super) fn thresholds(
    folds: &[FoldScores<'_>],
    validation: &[Scores],
    chosen_on: &str,
    required: Option<Requirement>,
    seed: u64,
) -> Result<Vec<ThresholdChoice>, Error> {
    let choose = |(rate, of_impostors): (f64, bool)| {
        let chosen: Result<Vec<f64>, Undefined> = validation
            .iter()
            .map(|scores| {
                let at = if of_impostors {
                    scores.threshold_for_fmr(rate)
                } else {
                    scores.threshold_for_fnmr(rate)
                };
                at.map(|at| at.threshold)
            })
            .collect();
        let outcome = match chosen {
            Err(error) => Answer::Unavailable(format!("on the validation pairs: {error}")),
            Ok(thresholds) => {
                let decided = decided(folds, &thresholds)?;
                let found = intervals(&decided, &[Figure::FmrAt(0.0), Figure::FnmrAt(0.0)], seed);
                let at = decided.scores().confusion_at(0.0)?;
                let both = at.false_matches().and_then(|fmr| {
                    let fnmr = at.false_non_matches()?;
                    Ok([Rate::new(fmr, found[0]), Rate::new(fnmr, found[1])])
                });
                Answer::from(both.map(|[fmr, fnmr]| ThresholdOutcome {
                    thresholds,
                    chosen_on: chosen_on.to_owned(),
                    fmr,
                    fnmr,
                }))
            }
        };
        Ok(ThresholdChoice {
            aim: format!(
                "{} {}",
                if of_impostors { "FMR" } else { "FNMR" },
                target(rate)
            ),
            outcome,
        })
    };
    aims(required).into_iter().map(choose).collect()
}

/// The cost of the test's log-likelihood ratios in bits, each fold's scores calibrated on its own validation scores;
/// absent where those, or the test, do not allow it.
pub(super) fn calibrated_cost(folds: &[FoldScores<'_>], validation: &[Scores]) -> Option<f64> {
    let mut ratios = [Vec::new(), Vec::new()];
    for (fold, validation) in folds.iter().zip(validation) {
        let map = LogisticMap::fit(validation).ok()?;
        for comparison in fold.scores.comparisons() {
            let ratio = map.log_likelihood_ratio(f64::from(comparison.score)).ok()?;
            ratios[usize::from(comparison.kind() == PairKind::Impostor)].push(ratio as f32);
        }
    }
    let [genuine, impostor] = ratios;
    let ratios = Scores::new(Direction::Similarity, genuine, impostor).ok()?;
    let cost = ratios.cllr(Ok).ok()?;
    cost.is_finite().then_some(cost)
}

/// The figures of one fold, which is at this place among them.
pub(super) fn fold_figures(
    place: usize,
    fold: &FoldScores<'_>,
    name: &dyn Fn(u32) -> String,
) -> Result<FoldFigures, Error> {
    let Pooled {
        scores, decided, ..
    } = Pooled::new(std::slice::from_ref(fold))?;
    let people = scores.subjects().iter().map(|&subject| name(subject));
    let people = people.collect();
    let scores = scores.scores();
    let at = decided.scores().confusion_at(0.0)?;
    Ok(FoldFigures {
        fold: fold.number.unwrap_or(place as u64),
        people,
        genuine: scores.count(PairKind::Genuine) as u64,
        impostor: scores.count(PairKind::Impostor) as u64,
        eer: scores.eer().ok().map(|eer| eer.rate),
        auc: scores.auc().ok(),
        threshold: fold.threshold,
        fmr: at.fmr().ok(),
        fnmr: at.fnmr().ok(),
        accuracy: at.accuracy().ok(),
    })
}

/// Errors at the thresholds in use, by subject.
pub(super) fn subject_errors(
    decided: &LabelledScores,
    name: &dyn Fn(u32) -> String,
) -> Result<Vec<SubjectErrors>, Error> {
    let found = decided.errors_by_subject(0.0)?.into_iter();
    Ok(found
        .map(|errors| SubjectErrors {
            name: name(errors.subject),
            false_non_matches: errors.false_non_matches,
            false_matches: errors.false_matches,
        })
        .collect())
}
