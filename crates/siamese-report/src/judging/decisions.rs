//! What thresholds do: on all folds, on each fold, to each subject.

use verification_figures::{
    Error as Undefined, Evidence, Figure, Interval, LabelledScores, PairKind, Scores,
    smallest_firm_rate, smallest_supported_rate,
};

use super::folds::{FoldScores, Pooled, decided};
use super::method::jackknife;
use crate::{
    Answer, Decision, Error, FoldFigures, Measured, Rate, SubjectErrors, ThresholdChoice,
    ThresholdOutcome,
};

/// Wanted error rates, by which threshold each reaches on the validation scores; whether it is an FMR.
const AIMS: [(&str, f64, bool); 4] = [
    ("FMR 10 %", 0.1, true),
    ("FMR 1 %", 0.01, true),
    ("FMR 0.1 %", 0.001, true),
    ("FNMR 5 %", 0.05, false),
];

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
    seed: u64,
) -> Result<Vec<ThresholdChoice>, Error> {
    let choose = |&(aim, target, of_impostors): &(&str, f64, bool)| {
        let chosen: Result<Vec<f64>, Undefined> = validation
            .iter()
            .map(|scores| {
                let at = if of_impostors {
                    scores.threshold_for_fmr(target)
                } else {
                    scores.threshold_for_fnmr(target)
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
            aim: aim.to_owned(),
            outcome,
        })
    };
    AIMS.iter().map(choose).collect()
}

/// The figures of one fold, which is at this place among them.
pub(super) fn fold_figures(
    place: usize,
    fold: &FoldScores<'_>,
    name: &dyn Fn(u32) -> String,
) -> Result<FoldFigures, Error> {
    let Pooled { scores, decided } = Pooled::new(std::slice::from_ref(fold))?;
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
