//! What the figures come to, in sentences.

mod comparison;
mod remarks;

use crate::number::{count, largest_unseen, odds, percent, percent_parts};
use crate::{Measured, Outcome, Report, Test};
use comparison::{Rival, comparison, worse_than_untrained};
use remarks::{misplaced, remarks};

/// EER up to which both errors are rare enough for everyday decisions.
const EVERYDAY: f64 = 0.01;
/// EER, and error rate at the thresholds in use, up to which decisions that cost little can be left to it.
const LOW_STAKES: f64 = 0.05;
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

/// How good what was judged is: praise by the upper end of its EER's interval, blame by the lower end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// EER surely at most 1 %, and no other method is surely better.
    Good,
    /// EER surely at most 5 %, or surely at most 1 % while another method is surely better.
    Limited,
    /// EER surely above 5 %, or a threshold in use that spoils what the method could do.
    Poor,
    /// The data do not say: too few subjects, subjects that were trained on, or no figure.
    Unknown,
}

impl Standing {
    /// The word for it, as a headline.
    pub fn headline(self) -> &'static str {
        match self {
            Standing::Good => "Good enough",
            Standing::Limited => "Good enough for some uses",
            Standing::Poor => "Not good enough",
            Standing::Unknown => "Not known",
        }
    }
}

/// The verdict on the judged method, which is the first of `report`.
///
/// The yardsticks are fixed and lenient: an EER whose interval reaches no higher than 1 % is good enough for everyday
/// decisions, no higher than 5 % for decisions that cost little, and only one whose interval lies wholly above 5 % is
/// called not good enough. Where nothing went wrong, three errors are assumed (rule of three), and where subjects of the
/// test were trained on, nothing is called good. A threshold in use that makes far more errors than the EER is judged
/// as it is: not good enough.
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
    let rivals: Vec<Rival<'_>> = others
        .iter()
        .filter_map(|method| Rival::of(method, test))
        .collect();
    let (mut standing, says) = standing(&eer, test);
    let mut misplaced = misplaced(&report.decision, &eer);
    let outdone = rivals.iter().any(|rival| rival.clearly_better(&eer));
    let usable = matches!(standing, Standing::Good | Standing::Limited);
    // What is in use counts, not what another threshold would make of it.
    let spoilt = misplaced.take_if(|_| usable);
    if spoilt.is_some() {
        standing = Standing::Poor;
    } else if standing == Standing::Good && outdone {
        standing = Standing::Limited;
    }
    let quality = quality(&judged.name, says, &eer, test, spoilt);
    let mut all = Vec::from_iter(worse_than_untrained(&eer, &rivals));
    all.extend(misplaced);
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

/// Is it good enough by its EER, as a word and as words that follow its name.
fn standing(eer: &Measured, test: &Test) -> (Standing, &'static str) {
    if test.leak.is_some() {
        return (Standing::Unknown, "");
    }
    let Some([low, high]) = eer.interval else {
        return (
            Standing::Unknown,
            "was tested on too few subjects to tell how good it is",
        );
    };
    let best = low.min(eer.value);
    let worst = high
        .max(eer.value)
        .max(largest_unseen(test.genuine.min(test.impostor)));
    if best > LOW_STAKES {
        let says = if eer.value >= GUESSING {
            "is hardly better than guessing"
        } else {
            "is not good enough to decide on its own which is which"
        };
        (Standing::Poor, says)
    } else if worst > LOW_STAKES {
        let says = if eer.value > LOW_STAKES {
            "may not be good enough even where a wrong decision costs little, but these are too few subjects to tell"
        } else {
            "may be good enough where a wrong decision costs little, but these are too few subjects to tell"
        };
        (Standing::Unknown, says)
    } else if worst > EVERYDAY {
        (
            Standing::Limited,
            "is good enough where a wrong decision costs little, not where it guards something",
        )
    } else {
        (
            Standing::Good,
            "is good enough for everyday decisions about subjects like those of this test",
        )
    }
}

/// Is it good enough, and what does the error rate mean. `spoilt` says what is wrong with the threshold in use.
fn quality(name: &str, says: &str, eer: &Measured, test: &Test, spoilt: Option<String>) -> String {
    let meaning = meaning(eer, test);
    if test.leak.is_some() {
        return format!(
            "How well {name} does with subjects it never saw is not known; on this test, {meaning}."
        );
    }
    match spoilt {
        Some(spoilt) => format!("{spoilt} With a better one, {name} {says}: {meaning}."),
        None => format!("{name} {says}: {meaning}."),
    }
}

/// What the equal error rate means.
fn meaning(eer: &Measured, test: &Test) -> String {
    let fewest = test.genuine.min(test.impostor);
    if eer.value <= 0.0 {
        let shown = match largest_unseen(fewest) {
            bound if bound < 1.0 => {
                format!("which shows error rates below {} at best", percent(bound))
            }
            _ => "too few comparisons to say anything".to_owned(),
        };
        return format!(
            "at the best threshold none of {} genuine and {} impostor comparisons was decided wrongly, {shown}",
            count(test.genuine),
            count(test.impostor),
        );
    }
    let interval = eer.ends().map_or_else(String::new, |_| {
        let [_, ends] = percent_parts(eer);
        format!(", 95 % interval {ends}")
    });
    format!(
        "where both errors are equally frequent, it accepts {odds} strangers and rejects {odds} genuine subjects (EER \
         {value}{interval})",
        odds = odds(eer.value),
        value = percent(eer.value),
    )
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
