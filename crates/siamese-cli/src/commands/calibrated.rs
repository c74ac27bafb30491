//! A calibration as text.

use siamese_lab::percent;
use siamese_net::Calibration;
use verification_figures::{Evidence, Fusion, smallest_supported_rate};

use crate::output::{table, thousands};

/// What it was made on, and its tables.
pub(crate) fn calibration_text(calibration: &Calibration) -> String {
    let made = &calibration.made;
    let mut parts = vec![format!(
        "calibrated on {} subjects ({}): {} genuine and {} impostor comparisons{}\n",
        thousands(made.subjects),
        made.how,
        thousands(made.genuine),
        thousands(made.impostor),
        templates(calibration)
    )];
    parts.push(comparisons(calibration));
    if !calibration.searches.is_empty() {
        parts.push(searches(calibration));
    }
    if !calibration.groups.is_empty() {
        parts.push(groups(calibration));
    }
    let weak = calibration.comparisons.iter().any(|point| point.weak)
        || calibration.searches.iter().any(|point| point.weak);
    parts.push(format!(
        "The smallest rate that these comparisons show is {} (3 / comparisons){}.{}\n",
        percent(smallest_supported_rate(made.impostor)),
        match weak {
            true => format!(
                "; {} subjects alone show {} (3 / subjects), and what lies below is marked weak",
                thousands(made.subjects),
                percent(smallest_supported_rate(made.subjects).min(1.0))
            ),
            false => String::new(),
        },
        match calibration
            .comparisons
            .iter()
            .any(|point| point.threshold_interval.is_some())
        {
            true => "",
            false => " Intervals need 10 subjects with several images.",
        }
    ));
    parts.join("\n")
}

fn templates(calibration: &Calibration) -> String {
    match calibration.templates_per_subject {
        1 => String::new(),
        templates => format!(
            ", each with {templates} templates, fused as {}",
            fusion(calibration.fusion)
        ),
    }
}

/// In words.
pub(crate) fn fusion(fusion: Fusion) -> String {
    match fusion {
        Fusion::Best => "the best".to_owned(),
        Fusion::Mean => "their mean".to_owned(),
        Fusion::Relative => {
            "their mean, less the mean distance of the templates from each other".to_owned()
        }
        Fusion::MeanOfBest(best) => format!("the mean of the best {best}"),
    }
}

fn comparisons(calibration: &Calibration) -> String {
    let head = [
        "FMR",
        "distance below",
        "95 % interval",
        "FNMR",
        "95 % interval",
        "",
    ];
    let rows = calibration.comparisons.iter().map(|point| {
        vec![
            percent(point.fmr),
            format!("{:.4}", point.threshold),
            distances(point.threshold_interval),
            point.fnmr.map_or_else(String::new, percent),
            shares(point.fnmr_interval),
            weak(point.weak),
        ]
    });
    with_head(&head, rows)
}

fn searches(calibration: &Calibration) -> String {
    let head = [
        "gallery of",
        "FPIR",
        "distance below",
        "95 % interval",
        "FNIR",
        "95 % interval",
        "",
    ];
    let rows = calibration.searches.iter().map(|point| {
        vec![
            thousands(point.gallery_size),
            percent(point.fpir),
            format!("{:.4}", point.threshold),
            distances(point.threshold_interval),
            point.fnir.map_or_else(String::new, percent),
            shares(point.fnir_interval),
            weak(point.weak),
        ]
    });
    with_head(&head, rows)
}

fn groups(calibration: &Calibration) -> String {
    let head = ["group", "subjects", "threshold for FMR", "FMR", "FNMR"];
    let rows = calibration.groups.iter().flat_map(|group| {
        group.at.iter().map(|at| {
            vec![
                group.name.clone(),
                thousands(group.subjects),
                percent(at.target_fmr),
                counted(at.fmr),
                counted(at.fnmr),
            ]
        })
    });
    with_head(&head, rows)
}

fn with_head(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let head = head.iter().map(|&cell| cell.to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    table(&rows)
}

fn weak(weak: bool) -> String {
    if weak {
        "weak".to_owned()
    } else {
        String::new()
    }
}

fn distances(interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(String::new, |(low, high)| format!("{low:.4} to {high:.4}"))
}

fn shares(interval: Option<(f64, f64)>) -> String {
    match interval {
        // The same whoever is left out, which is no sign of certainty.
        Some((low, high)) if low < high => format!("{} to {}", percent(low), percent(high)),
        _ => String::new(),
    }
}

fn counted(evidence: Option<Evidence>) -> String {
    evidence.map_or_else(String::new, |evidence| {
        let (errors, of) = (thousands(evidence.errors), thousands(evidence.comparisons));
        format!("{} ({errors} of {of})", percent(evidence.rate()))
    })
}
