//! How figures are written: in one place, so that every page and table writes them alike.

use verification_figures::{Evidence, PairKind, Support, smallest_supported_rate};

use crate::{IntervalStatus, Measured, Rate, Test};

/// What stands where a figure is missing or is no number.
pub(crate) const NOTHING: &str = "–";

/// Decimals at which a percentage shows at least two significant digits of its distance to 0 % or 100 %, whichever is
/// nearer: 15.6, 0.45, 99.95.
fn decimals(percent: f64) -> usize {
    let near = if percent <= 50.0 {
        percent.abs()
    } else {
        (100.0 - percent).abs()
    };
    // 100 - 99.9 is a little less than 0.1.
    match near * (1.0 + 1e-9) {
        near if near < 1e-6 => 0,
        near if near >= 1.0 => 1,
        near => ((1.0 - near.log10().floor()) as usize).min(6),
    }
}

/// The decimals of a share's percentage; those of its interval where the share itself is 0 or 1.
fn decimals_of(measured: &Measured) -> usize {
    let ends = measured.ends().into_iter().flatten();
    let own = decimals(100.0 * measured.value);
    if own > 0 {
        return own;
    }
    ends.map(|end| decimals(100.0 * end)).max().unwrap_or(0)
}

/// A share as `15.6 %`.
pub(crate) fn percent(share: f64) -> String {
    percent_with(share, decimals(100.0 * share))
}

fn percent_with(share: f64, decimals: usize) -> String {
    if share.is_finite() {
        format!("{:.decimals$} %", 100.0 * share)
    } else {
        NOTHING.to_owned()
    }
}

/// A share that somebody chose, without trailing zeros: `1 %`, `0.1 %`.
pub(crate) fn target(share: f64) -> String {
    let digits = format!("{:.6}", 100.0 * share);
    format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// A share with its interval as two texts: `15.6 %` and `12.1 to 19.0`.
pub(crate) fn percent_parts(measured: &Measured) -> [String; 2] {
    let decimals = decimals_of(measured);
    [
        percent_with(measured.value, decimals),
        ends_of(measured, 100.0, decimals),
    ]
}

/// A difference of two shares in percentage points, with its interval, as two texts: `-7.0` and `-9.9 to -4.1`.
pub(crate) fn points_parts(difference: &Measured) -> [String; 2] {
    [
        format!("{:+.1}", 100.0 * difference.value).replace('-', "−"),
        ends_of(difference, 100.0, 1),
    ]
}

/// A number without unit, with its interval, as two texts: `0.912` and `0.890 to 0.931`.
pub(crate) fn plain_parts(measured: &Measured, decimals: usize) -> [String; 2] {
    [
        format!("{:.decimals$}", measured.value),
        ends_of(measured, 1.0, decimals),
    ]
}

/// An area or another share of 0..=1 that the field writes without percent.
pub(crate) fn share_parts(measured: &Measured) -> [String; 2] {
    plain_parts(measured, decimals_of(measured) + 2)
}

/// What stands for the interval of a figure that is the same whichever subject is left out.
pub(crate) const NO_SPREAD: &str = "no spread";

/// Both ends of the interval of a figure: `12.1 to 19.0`; empty where there are too few subjects.
fn ends_of(measured: &Measured, unit: f64, decimals: usize) -> String {
    match (measured.status(), measured.interval) {
        (IntervalStatus::Known, Some(ends)) => range(ends.map(|end| unit * end), decimals),
        (IntervalStatus::Degenerate, _) => NO_SPREAD.to_owned(),
        _ => String::new(),
    }
}

/// Both ends of an interval: `12.1 to 19.0`.
fn range([low, high]: [f64; 2], decimals: usize) -> String {
    format!("{low:.decimals$} to {high:.decimals$}").replace('-', "−")
}

/// A value and its interval as one text.
pub(crate) fn joined([value, interval]: [String; 2]) -> String {
    if interval.is_empty() {
        value
    } else {
        format!("{value} ({interval})")
    }
}

/// The largest rate that no error in so many trials leaves likely, at 95 % confidence: the rule of three.
pub(crate) fn largest_unseen(trials: u64) -> f64 {
    smallest_supported_rate(trials).min(1.0)
}

/// What is said where not even a bound is known.
pub(crate) const TOO_FEW: &str = "too few comparisons to say";

/// Whether the rule of three says nothing of so many trials.
pub(crate) fn few(trials: u64) -> bool {
    largest_unseen(trials) >= 1.0
}

/// What is said where so many subjects bound nothing.
const TOO_FEW_SUBJECTS: &str = "too few subjects to say";

/// The rate of no error of so many subjects: `< 7.5 % by subjects`.
fn bound_by_subjects(subjects: u64) -> String {
    if few(subjects) {
        TOO_FEW_SUBJECTS.to_owned()
    } else {
        format!("< {} by subjects", percent(largest_unseen(subjects)))
    }
}

/// The rate of no error in so many trials: `< 0.17 %`.
fn bound(trials: u64) -> String {
    if few(trials) {
        TOO_FEW.to_owned()
    } else {
        format!("< {}", percent(largest_unseen(trials)))
    }
}

/// An error rate in so many trials, as a bound where it is zero.
pub(crate) fn error_rate(share: f64, trials: u64) -> String {
    if share == 0.0 {
        bound(trials)
    } else {
        percent(share)
    }
}

/// The smallest rates that can be shown at all, and firmly: `can show no FMR below 0.30 %, ...`.
pub(crate) fn smallest_rate(shown: f64, firm: f64) -> String {
    if shown >= 1.0 {
        return "are too few to show any FMR".to_owned();
    }
    let shown = percent(shown);
    if firm >= 1.0 {
        format!("can show no FMR below {shown}, and are too few to measure one firmly")
    } else {
        format!(
            "can show no FMR below {shown}, and measure it firmly only from {} up",
            percent(firm)
        )
    }
}

/// A rate as two texts, `11.2 %` and `9.0 to 13.4`; where no error was seen as two bounds, `< 0.17 %` by the trials and
/// `< 7.5 % by subjects`.
pub(crate) fn rate_parts(rate: &Rate, subjects: u64) -> [String; 2] {
    match rate.support() {
        Support::BoundOnly if few(rate.evidence.comparisons) => [TOO_FEW.to_owned(), String::new()],
        Support::BoundOnly => [
            bound(rate.evidence.comparisons),
            bound_by_subjects(subjects),
        ],
        Support::Firm | Support::Weak => percent_parts(&rate.measured),
    }
}

/// An equal error rate as two texts, as bounds by the rarer kind of comparison and by its subjects where no error was
/// seen.
pub(crate) fn eer_parts(eer: &Measured, test: &Test) -> [String; 2] {
    let fewest = test.genuine.min(test.impostor);
    if eer.value != 0.0 {
        percent_parts(eer)
    } else if few(fewest) {
        [TOO_FEW.to_owned(), String::new()]
    } else {
        [bound(fewest), bound_by_subjects(fewest_subjects(test))]
    }
}

/// How many subjects have comparisons of both kinds.
pub(crate) fn fewest_subjects(test: &Test) -> u64 {
    test.subjects_of(PairKind::Genuine)
        .min(test.subjects_of(PairKind::Impostor))
}

/// How far a share in so many trials can be trusted, by the errors behind it.
pub(crate) fn support(share: f64, trials: u64) -> Support {
    let errors = (share * trials as f64).round() as u64;
    match share {
        share if share > 0.0 => Evidence {
            errors: errors.max(1),
            comparisons: trials,
        }
        .support(),
        // Without even a bound there is nothing to mark.
        _ if few(trials) => Support::Firm,
        _ => Support::BoundOnly,
    }
}

/// An equal error rate without its interval.
pub(crate) fn eer_text(eer: &Measured, test: &Test) -> String {
    error_rate(eer.value, test.genuine.min(test.impostor))
}

/// A count: `76,200`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of things, by their names for one and for several: `1 error`, `1,800 errors`.
pub(crate) fn counted(number: u64, one: &str, several: &str) -> String {
    format!(
        "{} {}",
        count(number),
        if number == 1 { one } else { several }
    )
}

/// A distance or threshold, to three significant digits: `0.412`, `14.7`.
pub(crate) fn distance(value: f64) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let magnitude = if value == 0.0 {
        0.0
    } else {
        value.abs().log10().floor()
    };
    if !(-4.0..6.0).contains(&magnitude) {
        return format!("{value:.2e}");
    }
    let decimals = (2.0 - magnitude).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}")
}

/// Several thresholds: the one where they agree, else how far they reach.
pub(crate) fn distances(values: &[f64]) -> String {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match values {
        [] => NOTHING.to_owned(),
        _ if low == high => distance(low),
        _ => format!("{} to {}", distance(low), distance(high)),
    }
}

/// The word for these thresholds: the folds may share one.
pub(crate) fn threshold_word(values: &[f64]) -> &'static str {
    if values.windows(2).any(|two| two[0] != two[1]) {
        "thresholds"
    } else {
        "threshold"
    }
}

/// A share in everyday words: `about 1 in 7`, `about 28 in 100`.
pub(crate) fn odds(share: f64) -> String {
    if share <= 0.0 {
        return "none".to_owned();
    }
    if share >= 0.995 {
        return "nearly all".to_owned();
    }
    if share >= 0.2 {
        return format!("about {:.0} in 100", 100.0 * share);
    }
    let every = 1.0 / share;
    // Two significant digits: no one knows such a rate to more.
    let step = 10f64.powf((every.log10().floor() - 1.0).max(0.0));
    format!(
        "about 1 in {}",
        count(((every / step).round() * step) as u64)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent_text(measured: &Measured) -> String {
        joined(percent_parts(measured))
    }

    fn measured(value: f64, low: f64, high: f64) -> Measured {
        Measured {
            value,
            interval: Some([low, high]),
        }
    }

    #[test]
    fn percentages_show_what_matters() {
        for (share, text) in [
            (0.1557, "15.6 %"),
            (0.5, "50.0 %"),
            (0.0045, "0.45 %"),
            (0.00039, "0.039 %"),
            (0.9995, "99.950 %"),
            (0.999, "99.90 %"),
            (0.0, "0 %"),
            (1.0, "100 %"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(percent(share), text);
        }
        assert_eq!(target(0.01), "1 %");
        assert_eq!(target(0.001), "0.1 %");
        assert_eq!(target(0.2), "20 %");
    }

    #[test]
    fn intervals_follow_their_value() {
        assert_eq!(
            percent_text(&measured(0.156, 0.1207, 0.19)),
            "15.6 % (12.1 to 19.0)"
        );
        assert_eq!(
            percent_text(&measured(0.0, 0.0, 0.012)),
            "0.0 % (0.0 to 1.2)"
        );
        assert_eq!(
            joined(points_parts(&measured(-0.07, -0.099, 0.041))),
            "−7.0 (−9.9 to 4.1)"
        );
        assert_eq!(
            joined(share_parts(&measured(0.9123, 0.89, 0.931))),
            "0.912 (0.890 to 0.931)"
        );
        let alone = Measured {
            value: 0.2,
            interval: None,
        };
        assert_eq!(percent_text(&alone), "20.0 %");
    }

    #[test]
    fn a_rate_without_errors_is_a_bound() {
        let rate_of = |errors| {
            let evidence = Evidence {
                errors,
                comparisons: 1800,
            };
            Rate::new(evidence, None)
        };
        assert_eq!(
            rate_parts(&rate_of(0), 40),
            ["< 0.17 %", "< 7.5 % by subjects"]
        );
        assert_eq!(rate_parts(&rate_of(0), 3)[1], "too few subjects to say");
        assert_eq!(rate_parts(&rate_of(9), 40)[0], "0.50 %");
        assert_eq!(error_rate(0.0, 4), "< 75.0 %");
        assert_eq!(error_rate(0.0, 3), "too few comparisons to say");
        assert_eq!(error_rate(0.0, 0), "too few comparisons to say");
        assert_eq!(error_rate(0.25, 4), "25.0 %");
    }

    #[test]
    fn counts_distances_and_odds() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(distance(0.41234), "0.412");
        assert_eq!(distance(14.66), "14.7");
        assert_eq!(distance(0.0), "0.00");
        assert_eq!(distance(1234.5), "1234");
        assert_eq!(distance(3.21e-7), "3.21e-7");
        assert_eq!(distances(&[0.5, 0.5]), "0.500");
        assert_eq!(distances(&[0.5, 0.42]), "0.420 to 0.500");
        assert_eq!(odds(0.151), "about 1 in 7");
        assert_eq!(odds(0.28), "about 28 in 100");
        assert_eq!(odds(0.00039), "about 1 in 2,600");
    }
}
