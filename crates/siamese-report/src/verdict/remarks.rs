//! What limits the figures.

use verification_figures::{Evidence, PairKind, Support};

use super::listed;
use crate::number::{
    TOO_FEW, count, counted, distances, few, odds, percent, rate_parts, target, threshold_word,
};
use crate::{Answer, AtTarget, Decision, Measured, MethodFigures, Rate, Report, Test};

/// The FMR that access control usually asks for, and the data must be able to show.
const STRICT_FMR: f64 = 0.001;

/// What else limits the figures.
pub(super) fn remarks(report: &Report, figures: &MethodFigures) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(in_use(&report.decision, &report.test));
    remarks.extend(too_strict(
        &report.decision,
        &figures.fnmr_at_fmr,
        report.test.impostor,
    ));
    if report.test.is_uneven() {
        remarks.extend(report.test.effective_people.map(|effective| {
            format!(
                "Some subjects have far more genuine comparisons than others: they are worth those of {effective:.1} \
                 subjects, not of {}. Figures in which every subject counts alike are given as well.",
                count(report.test.subjects_of(PairKind::Genuine))
            )
        }));
    }
    let subjects = counted(report.test.people, "subject", "subjects");
    remarks.push(if report.test.folds > 1 && report.training.is_empty() {
        format!(
            "The figures pool {} folds and {subjects}. The intervals cover other subjects.",
            count(report.test.folds)
        )
    } else if report.test.folds > 1 {
        format!(
            "The figures pool {} folds and {subjects}: they judge the way of training, not one finished \
             network. The intervals cover other subjects, not other trainings.",
            count(report.test.folds)
        )
    } else {
        format!("The figures rest on one choice of {subjects}: others may fare better or worse.")
    });
    let defects = report.health.iter().filter(|note| !note.note).count() as u64;
    if defects > 0 {
        remarks.push(format!(
            "Training was not healthy: {}, explained below.",
            counted(defects, "warning", "warnings")
        ));
    }
    remarks
}

/// What happens at the thresholds in use.
fn in_use(decision: &Decision, test: &Test) -> Option<String> {
    let accepted = decision.fmr.as_ref().map(|fmr| {
        let subjects = test.subjects_of(PairKind::Impostor);
        share_of(fmr, subjects, "strangers accepted", "FMR")
    });
    let rejected = decision.fnmr.as_ref().map(|fnmr| {
        let subjects = test.subjects_of(PairKind::Genuine);
        share_of(fnmr, subjects, "genuine subjects rejected", "FNMR")
    });
    let parts: Vec<String> = accepted.into_iter().chain(rejected).collect();
    if parts.is_empty() {
        return None;
    }
    Some(format!(
        "With the {} in use ({}): {}.",
        threshold_word(&decision.thresholds),
        distances(&decision.thresholds),
        listed(&parts)
    ))
}

fn share_of(of: &Rate, subjects: u64, what: &str, name: &str) -> String {
    let [value, bound] = rate_parts(of, subjects);
    let interval = bound.clone();
    let interval = if of.measured.ends().is_none() {
        String::new()
    } else {
        format!(", 95 % interval {interval}")
    };
    let Evidence {
        errors,
        comparisons: trials,
    } = of.evidence;
    match of.support() {
        Support::BoundOnly if few(trials) => {
            format!("none of {} {what} ({TOO_FEW})", count(trials))
        }
        Support::BoundOnly => format!(
            "none of {} {what} ({name} {value} by comparisons, {bound})",
            count(trials)
        ),
        Support::Weak => format!(
            "{} {what} ({name} {value}{interval}; weak, as it rests on {})",
            odds(of.measured.value),
            counted(errors, "error", "errors")
        ),
        Support::Firm => format!(
            "{} {what} ({name} {value}{interval})",
            odds(of.measured.value)
        ),
    }
}

/// Whether the thresholds in use surely accept far more strangers than they reject genuine subjects, where nothing is
/// required. One that was set strict on purpose is in its place.
pub(super) fn lenient(report: &Report, eer: &Measured) -> Option<String> {
    let decision = &report.decision;
    let [fmr, fnmr] = [decision.fmr?.measured, decision.fnmr?.measured];
    let least = fmr
        .interval
        .map_or(fmr.value, |[low, _]| low.min(fmr.value));
    let is = report.required.is_none() && least > 2.0 * eer.value && least > fnmr.value;
    is.then(|| {
        format!(
            "With the {} in use strangers are accepted far more often ({}) than where both errors are equally frequent. \
             If that is not meant, choose another.",
            threshold_word(&decision.thresholds),
            percent(fmr.value),
        )
    })
}

/// What is too strict for this many comparisons.
fn too_strict(decision: &Decision, at: &[AtTarget], impostor: u64) -> Option<String> {
    let [shown, firm] = decision.smallest_fmr?;
    let refused = at
        .iter()
        .any(|at| at.target <= STRICT_FMR && matches!(at.rate, Answer::Unavailable(_)));
    let comparisons = counted(impostor, "impostor comparison", "impostor comparisons");
    let strict = target(STRICT_FMR);
    if shown > STRICT_FMR || refused {
        let shows = if shown < 1.0 {
            format!("{comparisons} show none below {}", percent(shown))
        } else {
            format!("{comparisons}, {TOO_FEW}")
        };
        return Some(format!(
            "What happens at an FMR of {strict}, which access control asks for, is not known: {shows}."
        ));
    }
    (firm > STRICT_FMR).then(|| {
        format!(
            "At an FMR of {strict}, which access control asks for, figures are only an indication: {comparisons} measure \
             firmly from {} up.",
            percent(firm)
        )
    })
}
