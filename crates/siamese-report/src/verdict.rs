//! What the figures come to, in sentences.

mod comparison;
mod remarks;

use crate::number::{count, odds, percent, percent_parts, rule_of_three};
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

/// How good what was judged is, by the upper end of its EER's interval, so that doubt counts against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// EER surely at most 1 %, and no other method is surely better.
    Good,
    /// EER surely at most 5 %, or too few people to be sure of more, or another method is surely better.
    Limited,
    /// Not good enough.
    Poor,
    /// The data do not say.
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
/// decisions, no higher than 5 % for decisions that cost little. Where nothing went wrong, three errors are assumed
/// (rule of three), and where people of the test were trained on, nothing is called good.
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
    let rivals: Vec<Rival<'_>> = others.iter().filter_map(Rival::of).collect();
    let (mut standing, quality) = quality(&judged.name, &eer, test);
    let misplaced = misplaced(&report.decision, &eer);
    let outdone = rivals.iter().any(|rival| rival.surely_better(&eer));
    if standing == Standing::Good && (outdone || misplaced.is_some()) {
        standing = Standing::Limited;
    }
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

fn why_undefined(test: &Test) -> &'static str {
    match (test.genuine, test.impostor) {
        (0, 0) => "no images were compared",
        (0, _) => "no two images of one person were compared",
        (_, 0) => "no images of two different people were compared",
        _ => "the comparisons do not give one",
    }
}

/// Is it good enough, and what does the error rate mean.
fn quality(name: &str, eer: &Measured, test: &Test) -> (Standing, String) {
    let fewest = test.genuine.min(test.impostor);
    let meaning = if eer.value <= 0.0 {
        format!(
            "at the best threshold none of {} genuine and {} impostor comparisons was decided wrongly, which shows error \
             rates below {} at best",
            count(test.genuine),
            count(test.impostor),
            percent(rule_of_three(fewest)),
        )
    } else {
        let interval = eer.interval.map_or_else(String::new, |_| {
            let [_, ends] = percent_parts(eer);
            format!(", 95 % interval {ends}")
        });
        format!(
            "where both errors are equally frequent, it accepts {odds} strangers and rejects {odds} right people (EER \
             {value}{interval})",
            odds = odds(eer.value),
            value = percent(eer.value),
        )
    };
    if test.leak.is_some() {
        let text = format!(
            "How well {name} does with people it never saw is not known; on this test, {meaning}."
        );
        return (Standing::Unknown, text);
    }
    let worst = eer
        .interval
        .map_or(eer.value, |[_, high]| high)
        .max(eer.value)
        .max(rule_of_three(fewest));
    let (standing, text) = if eer.value >= GUESSING {
        (Standing::Poor, "is hardly better than guessing")
    } else if eer.value > LOW_STAKES {
        (
            Standing::Poor,
            "is not good enough to decide on its own who is who",
        )
    } else if worst > LOW_STAKES {
        (
            Standing::Unknown,
            "may be good enough where a wrong decision costs little, but the test leaves doubt",
        )
    } else if eer.interval.is_none() {
        (
            Standing::Limited,
            "looks usable, but too few people were tested to say how sure that is",
        )
    } else if worst > EVERYDAY {
        (
            Standing::Limited,
            "is good enough where a wrong decision costs little, not where it guards something",
        )
    } else {
        (
            Standing::Good,
            "is good enough for everyday decisions about people like those of this test",
        )
    };
    (standing, format!("{name} {text}: {meaning}."))
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
fn sentence(words: &str) -> String {
    let words = words.trim();
    if words.ends_with(['.', '!', '?']) {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}
