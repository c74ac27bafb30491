//! What the figures mean, and what can be promised by them.

use verification_figures::PairKind;

use crate::number::{
    count, counted, fewest_subjects, largest_unseen, odds, percent, percent_parts, target,
};
use crate::{IntervalStatus, Measured, MethodFigures, Rate, Report, Test};

/// The highest that a rate of comparisons of so many subjects may be: the upper end of its interval, or where no error was
/// seen the bound by subjects. Nothing where there are too few subjects for an interval.
pub(super) fn highest(rate: &Rate, subjects: u64) -> Option<f64> {
    let [_, high] = rate.measured.interval?;
    Some(match rate.evidence.errors {
        0 => largest_unseen(subjects),
        _ => high.max(rate.measured.value),
    })
}

/// What can be promised where nothing is required, at which price, and that somebody should say what is needed.
pub(super) fn promise(
    report: &Report,
    name: &str,
    figures: &MethodFigures,
    meaning: &str,
) -> String {
    let genuine = report.test.subjects_of(PairKind::Genuine);
    let prices = figures.fnmr_at_fmr.iter().filter_map(|at| {
        let rate = at.rate.known()?;
        let most = highest(rate, genuine)?;
        Some(format!(
            "at most {} of the genuine subjects are rejected where {} of the strangers are accepted",
            percent(most),
            target(at.target)
        ))
    });
    let prices: Vec<String> = prices.collect();
    let prices = match &prices[..] {
        [] => "nothing, at any rate of strangers accepted".to_owned(),
        prices => prices.join("; "),
    };
    format!(
        "Whether {name} is good enough depends on what is required, and nobody said: {meaning}. What these subjects can \
         promise, by the upper ends of the intervals: {prices}. State what is needed, with --require fmr=1%,fnmr=5% for \
         example, and the verdict goes by it."
    )
}

/// What the equal error rate means.
pub(super) fn meaning(eer: &Measured, test: &Test) -> String {
    let fewest = test.genuine.min(test.impostor);
    if eer.value <= 0.0 {
        let subjects = fewest_subjects(test);
        let shown = match [largest_unseen(fewest), largest_unseen(subjects)] {
            [by_trials, by_subjects] if by_subjects < 1.0 => format!(
                "which shows error rates below {} if all comparisons were independent, and below {} as they are of {}: count on the second",
                percent(by_trials),
                percent(by_subjects),
                counted(subjects, "subject", "subjects"),
            ),
            [by_trials, _] if by_trials < 1.0 => format!(
                "which shows error rates below {} if all comparisons were independent, and nothing as they are of {}",
                percent(by_trials),
                counted(subjects, "subject", "subjects"),
            ),
            _ => "too few comparisons to say anything".to_owned(),
        };
        return format!(
            "at the best threshold none of {} genuine and {} impostor comparisons was decided wrongly, {shown}",
            count(test.genuine),
            count(test.impostor),
        );
    }
    let interval = match eer.status() {
        IntervalStatus::Known => {
            let [_, ends] = percent_parts(eer);
            format!(", 95 % interval {ends}")
        }
        _ => String::new(),
    };
    format!(
        "where both errors are equally frequent, it accepts {odds} strangers and rejects {odds} genuine subjects (EER \
         {value}{interval})",
        odds = odds(eer.value),
        value = percent(eer.value),
    )
}
