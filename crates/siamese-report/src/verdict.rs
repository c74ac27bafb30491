//! What the figures come to, in sentences.

mod comparison;
mod promise;
mod remarks;
mod required;

use crate::number::{percent, threshold_word};
use crate::{IntervalStatus, Measured, MethodFigures, Outcome, Report, Test};
use comparison::{comparison, rivals, worse_than_untrained};
use promise::{meaning, promise};
use remarks::{lenient, remarks};
use required::required;

/// EER from which a method is as good as a thrown coin.
const GUESSING: f64 = 0.4;

/// What a reader must know first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// In one word.
    pub standing: Standing,
    /// Why the figures flatter; to be read before all else.
    pub warning: Option<String>,
    /// Is it good enough, and what does the error rate mean.
    pub quality: String,
    /// Is it better than what it was compared with.
    pub comparison: String,
    /// What else limits the figures; each a sentence or two.
    pub remarks: Vec<String>,
}

/// Whether what was judged does what is required: praise by the upper ends of intervals, blame by the lower ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// It surely keeps what is required, with the threshold in use.
    Good,
    /// It surely keeps what is required, but not with the threshold in use.
    Limited,
    /// It surely does not keep what is required, or is hardly better than guessing.
    Poor,
    /// Nobody said what is required.
    Open,
    /// The data do not say: too few subjects, subjects that were trained on, or no figure.
    Unknown,
}

impl Standing {
    /// The word for it, as a headline.
    pub fn headline(self) -> &'static str {
        match self {
            Standing::Good => "Good enough",
            Standing::Limited => "Good enough with another threshold",
            Standing::Poor => "Not good enough",
            Standing::Open => "No requirement was stated",
            Standing::Unknown => "Not known",
        }
    }
}

/// The verdict on the judged method, which is the first of `report`.
///
/// It goes by [`Report::required`], an operating point: good enough is what keeps it, by the upper ends of the intervals,
/// with the threshold in use. Where nothing is required, it says what can be promised and at which price, and asks. Where
/// no error was seen, three subjects with errors are assumed (rule of three), and where subjects of the test were trained
/// on, nothing is called good. Whatever is required, what is hardly better than guessing is called so.
pub fn verdict(report: &Report) -> Verdict {
    let test = &report.test;
    let warning = test
        .leak
        .as_ref()
        .map(|leak| format!("These figures flatter: {}", sentence(leak)));
    let Some((judged, others)) = report.methods.split_first() else {
        return unknown(
            warning,
            "There is no verdict: nothing was judged.".to_owned(),
        );
    };
    let figures = match &judged.outcome {
        Outcome::Figures(figures) => figures,
        Outcome::Unavailable(reason) => {
            let text = format!(
                "There is no verdict: {} could not be judged. {}",
                judged.name,
                sentence(reason)
            );
            return unknown(warning, text);
        }
    };
    let Some(eer) = figures.eer else {
        let text = format!(
            "There is no verdict: the equal error rate of {} is not defined, because {}.",
            judged.name,
            why_undefined(test)
        );
        let mut verdict = unknown(warning, text);
        verdict.remarks = remarks(report, figures);
        return verdict;
    };
    let rivals = rivals(others, test);
    let (standing, quality) = quality(report, &judged.name, figures, &eer);
    let mut all = Vec::from_iter(worse_than_untrained(&eer, &rivals));
    all.extend(lenient(report, &eer));
    all.extend(remarks(report, figures));
    Verdict {
        standing,
        warning,
        quality,
        comparison: comparison(&eer, &rivals, others.len()),
        remarks: all,
    }
}

fn unknown(warning: Option<String>, quality: String) -> Verdict {
    Verdict {
        standing: Standing::Unknown,
        warning,
        quality,
        comparison: "So it cannot be compared with other methods either.".to_owned(),
        remarks: Vec::new(),
    }
}

/// Why there is no equal error rate, as words after "because".
pub(crate) fn why_undefined(test: &Test) -> &'static str {
    match (test.genuine, test.impostor) {
        (0, 0) => "no images were compared",
        (0, _) => "no two images of one subject were compared",
        (_, 0) => "no images of two different subjects were compared",
        _ => "the comparisons do not give one",
    }
}

/// Is it good enough, and what does the error rate mean.
fn quality(
    report: &Report,
    name: &str,
    figures: &MethodFigures,
    eer: &Measured,
) -> (Standing, String) {
    let meaning = meaning(eer, &report.test);
    if report.test.leak.is_some() {
        let text = format!(
            "How well {name} does with subjects it never saw is not known; on this test, {meaning}."
        );
        return (Standing::Unknown, text);
    }
    if let Some(guessing) = guessing(report, name, eer) {
        return (Standing::Poor, format!("{guessing}: {meaning}."));
    }
    if let Some(requirement) = &report.required {
        let (standing, text) = required(report, name, figures, requirement);
        return (standing, format!("{text} To compare: {meaning}."));
    }
    if eer.status() == IntervalStatus::TooFewSubjects {
        let text =
            format!("{name} was tested on too few subjects to tell how good it is: {meaning}.");
        return (Standing::Unknown, text);
    }
    (Standing::Open, promise(report, name, figures, &meaning))
}

/// What is hardly better than guessing, as words before its error rate.
fn guessing(report: &Report, name: &str, eer: &Measured) -> Option<String> {
    let [_, high] = eer.ends()?;
    if eer.value >= GUESSING && high >= 0.5 {
        return Some(format!("{name} is hardly better than guessing"));
    }
    // A threshold that lets nearly everybody in is not one that was set strict on purpose.
    let [fmr, fnmr] = [report.decision.fmr?, report.decision.fnmr?];
    let least = fmr.measured.interval?[0].min(fmr.measured.value);
    (least + fnmr.measured.value >= 2.0 * GUESSING && least > fnmr.measured.value).then(|| {
        format!(
            "With the {} in use {name} is hardly better than guessing, as it accepts {} of the strangers; at others, {name} may be better",
            threshold_word(&report.decision.thresholds),
            percent(fmr.measured.value)
        )
    })
}

/// `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// With a full stop, whatever the words came with.
pub(crate) fn sentence(words: &str) -> String {
    let words = words.trim();
    if words.ends_with(['.', '!', '?']) {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}
