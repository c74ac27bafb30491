//! Whether it keeps what is required.

use verification_figures::PairKind;

use super::promise::highest;
use super::{Standing, sentence};
use crate::number::{rate_parts, target, threshold_word};
use crate::{Answer, MethodFigures, Rate, Report, Requirement};

/// What is known of a rate that must not exceed another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// It surely does not.
    Yes,
    /// It surely does.
    No,
    /// The subjects are too few to tell.
    Untold,
}

fn kept(rate: &Rate, most: f64, subjects: u64) -> Kept {
    let least = rate
        .measured
        .interval
        .map(|[low, _]| low.min(rate.measured.value));
    match (highest(rate, subjects), least) {
        (Some(high), _) if high <= most => Kept::Yes,
        (_, Some(low)) if low > most => Kept::No,
        _ => Kept::Untold,
    }
}

/// The word and the sentences for it: first by the thresholds in use, then by those that would keep the FMR.
pub(super) fn required(
    report: &Report,
    name: &str,
    figures: &MethodFigures,
    requirement: &Requirement,
) -> (Standing, String) {
    let test = &report.test;
    let in_use = [
        (
            "FMR",
            PairKind::Impostor,
            requirement.fmr,
            report.decision.fmr,
        ),
        (
            "FNMR",
            PairKind::Genuine,
            requirement.fnmr,
            report.decision.fnmr,
        ),
    ];
    let mut states = Vec::new();
    let mut shown = Vec::new();
    for (figure, kind, most, rate) in in_use {
        let Some(most) = most else { continue };
        let subjects = test.subjects_of(kind);
        states.push(rate.map_or(Kept::Untold, |rate| kept(&rate, most, subjects)));
        shown.push(match rate {
            Some(rate) => format!("{figure} {}", in_words(&rate, subjects)),
            None => format!("{figure} not known"),
        });
    }
    let word = threshold_word(&report.decision.thresholds);
    let shown = shown.join(", ");
    if states.iter().all(|state| *state == Kept::Yes) {
        let text = format!(
            "{name} keeps what is required, {requirement}, with the {word} in use: {shown}."
        );
        return (Standing::Good, text);
    }
    let fails = match states.contains(&Kept::No) {
        true => "does not keep",
        false => "is not known to keep",
    };
    let first =
        format!("With the {word} in use ({shown}) {name} {fails} what is required, {requirement}.");
    let (standing, then) = elsewhere(report, figures, requirement, &states);
    (standing, format!("{first} {then}"))
}

/// What a threshold that keeps the FMR would do.
fn elsewhere(
    report: &Report,
    figures: &MethodFigures,
    requirement: &Requirement,
    states: &[Kept],
) -> (Standing, String) {
    let by_use = if states.contains(&Kept::No) {
        Standing::Poor
    } else {
        Standing::Unknown
    };
    let Some(fmr) = requirement.fmr else {
        let text = match by_use {
            Standing::Poor => {
                "A more lenient threshold rejects fewer: state the highest FMR too, to see whether it may."
            }
            _ => "These are too few subjects to tell.",
        };
        return (by_use, text.to_owned());
    };
    let at = figures.fnmr_at_fmr.iter().find(|at| at.target == fmr);
    let rate = match at.map(|at| &at.rate) {
        Some(Answer::Known(rate)) => rate,
        Some(Answer::Unavailable(reason)) => {
            let text = format!(
                "What it could do at that FMR is not known: {}",
                sentence(reason)
            );
            return (Standing::Unknown, text);
        }
        None => {
            let text = "What it could do at that FMR was not measured.".to_owned();
            return (Standing::Unknown, text);
        }
    };
    let subjects = report.test.subjects_of(PairKind::Genuine);
    let price = format!(
        "at an FMR of {} on this test it has an FNMR of {}",
        target(fmr),
        in_words(rate, subjects)
    );
    match requirement.fnmr.map(|most| kept(rate, most, subjects)) {
        None if by_use == Standing::Poor => (
            Standing::Limited,
            format!("A stricter threshold does; the price: {price}."),
        ),
        None => (
            Standing::Unknown,
            format!(
                "These are too few subjects to tell. The price of a threshold that does: {price}."
            ),
        ),
        Some(Kept::Yes) => (
            Standing::Limited,
            format!("Another threshold does: {price}."),
        ),
        Some(Kept::No) => (Standing::Poor, format!("No threshold does: {price}.")),
        Some(Kept::Untold) => (
            Standing::Unknown,
            format!("Whether another threshold does, these subjects are too few to tell: {price}."),
        ),
    }
}

/// A rate with its interval or its bounds.
fn in_words(rate: &Rate, subjects: u64) -> String {
    let [value, ends] = rate_parts(rate, subjects);
    match rate.measured.ends() {
        _ if rate.evidence.errors == 0 && !ends.is_empty() => {
            format!("{value} by comparisons, {ends}")
        }
        Some(_) if rate.evidence.errors > 0 => format!("{value}, 95 % interval {ends}"),
        _ => value,
    }
}
