//! What a calibration promises, as text.

use siamese_lab::thousands;
use verification_figures::Calibration;

use crate::output::table;

/// How it was measured, and thresholds with the error rates there.
pub(super) fn text(calibration: &Calibration) -> String {
    let made = &calibration.made;
    let mut text = format!(
        "measured {}: {} genuine and {} impostor comparisons of {} subjects\n\n",
        made.how,
        thousands(made.genuine),
        thousands(made.impostor),
        thousands(made.subjects)
    );
    let mut rows = vec![row([
        "strangers accepted",
        "distance below",
        "right subjects rejected",
    ])];
    for point in &calibration.comparisons {
        rows.push(row([
            &format!("FMR {}{}", percent(point.fmr), star(point.weak)),
            &with_ends(point.threshold, point.threshold_interval, distance),
            &rejected("FNMR", point.fnmr, point.fnmr_interval),
        ]));
    }
    text.push_str(&table(&rows));
    if !calibration.searches.is_empty() {
        let head = [
            "searched among",
            "strangers found",
            "distance below",
            "right subjects not found",
        ];
        let mut rows = vec![row(head)];
        for point in &calibration.searches {
            rows.push(row([
                &thousands(point.gallery_size),
                &format!("FPIR {}{}", percent(point.fpir), star(point.weak)),
                &with_ends(point.threshold, point.threshold_interval, distance),
                &rejected("FNIR", point.fnir, point.fnir_interval),
            ]));
        }
        text.push('\n');
        text.push_str(&table(&rows));
    }
    let weak = calibration.comparisons.iter().any(|point| point.weak)
        || calibration.searches.iter().any(|point| point.weak);
    text.push_str("\nIn brackets: 95 % intervals over subjects.\n");
    if weak {
        text.push_str(&format!(
            "*: weak. {} subjects are too few to show a rate so small; it is an indication.\n",
            made.subjects
        ));
    }
    text
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn star(weak: bool) -> &'static str {
    match weak {
        true => "*",
        false => "",
    }
}

fn rejected(name: &str, rate: Option<f64>, interval: Option<(f64, f64)>) -> String {
    rate.map_or_else(
        || "-".to_owned(),
        |rate| format!("{name} {}", with_ends(rate, interval, percent)),
    )
}

fn with_ends(value: f64, interval: Option<(f64, f64)>, show: fn(f64) -> String) -> String {
    match interval {
        Some((low, high)) => format!("{} ({} to {})", show(value), show(low), show(high)),
        None => show(value),
    }
}

fn distance(value: f64) -> String {
    format!("{value:.3}")
}

/// Two digits that matter, and never more than needed.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let decimals = match percent {
        10.0.. => 0,
        1.0.. => 1,
        _ => 2,
    };
    let text = format!("{percent:.decimals$}");
    let short = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{short} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_short() {
        for (share, text) in [
            (0.1, "10 %"),
            (0.01, "1 %"),
            (0.001, "0.1 %"),
            (0.0528, "5.3 %"),
            (0.4728, "47 %"),
            (0.0, "0 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }
}
