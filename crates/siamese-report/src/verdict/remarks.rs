//! What limits the figures.

use verification_figures::{Evidence, Support};

use super::{LOW_STAKES, listed};
use crate::number::{
    TOO_FEW, count, counted, distances, few, odds, percent, rate_parts, target, threshold_word,
};
use crate::{Answer, AtTarget, Decision, Measured, MethodFigures, Rate, Report};

/// The FMR that access control usually asks for, and the data must be able to show.
const STRICT_FMR: f64 = 0.001;

/// What else limits the figures.
pub(super) fn remarks(report: &Report, figures: &MethodFigures) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(in_use(&report.decision));
    remarks.extend(too_strict(
        &report.decision,
        &figures.fnmr_at_fmr,
        report.test.impostor,
    ));
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
fn in_use(decision: &Decision) -> Option<String> {
    let accepted = decision
        .fmr
        .as_ref()
        .map(|fmr| share_of(fmr, "strangers accepted", "FMR"));
    let rejected = decision
        .fnmr
        .as_ref()
        .map(|fnmr| share_of(fnmr, "genuine subjects rejected", "FNMR"));
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

fn share_of(of: &Rate, what: &str, name: &str) -> String {
    let [value, interval] = rate_parts(of);
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
        Support::BoundOnly => format!("none of {} {what} ({name} {value})", count(trials)),
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

/// Whether the thresholds in use surely make far more errors than the method must.
pub(super) fn misplaced(decision: &Decision, eer: &Measured) -> Option<String> {
    let rates = [
        ("accepts strangers", decision.fmr?),
        ("rejects genuine subjects", decision.fnmr?),
    ];
    let (what, worst) = rates
        .into_iter()
        .max_by(|a, b| a.1.measured.value.total_cmp(&b.1.measured.value))?;
    let rate = worst.measured.value;
    let least = worst
        .measured
        .interval
        .map_or(rate, |[low, _]| low.min(rate));
    let may = if eer.value > 0.0 {
        percent(eer.value)
    } else {
        "no error seen".to_owned()
    };
    (least > LOW_STAKES && rate > 2.0 * eer.value).then(|| {
        format!(
            "With the {} in use it {what} far more often ({}) than its equal error rate asks for ({may}): choose another.",
            threshold_word(&decision.thresholds),
            percent(rate),
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
