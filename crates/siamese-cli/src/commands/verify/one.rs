//! One image against one or several of a subject.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use siamese_lab::{ComparedPicture, Seen, Verified, Verifier, is_comparable, percent};
use siamese_net::{Outcome, Threshold};

use super::{code, mind_templates, outcome, said_of};
use crate::args::VerifyArgs;
use crate::commands::calibrated::fusion;
use crate::output::{Output, table};

#[derive(Serialize)]
struct Report<'a> {
    metric: &'static str,
    probe: String,
    compared: &'a [ComparedPicture],
    distance: f64,
    similarity: f64,
    /// Absent, as all down to `weak`, where the model holds no calibration.
    decision: Option<Outcome>,
    threshold: Option<f64>,
    threshold_interval: Option<(f64, f64)>,
    target_fmr: f64,
    /// At which the decision was made.
    fmr: Option<f64>,
    fnmr: Option<f64>,
    fmr_at_score: Option<f64>,
    weak: Option<bool>,
    /// Images of a subject that the calibration holds for.
    calibrated_templates: Option<u32>,
    /// What was measured, in words.
    calibration: Option<&'a str>,
    bare_threshold: Option<Bare<'a>>,
}

#[derive(Serialize)]
struct Bare<'a> {
    #[serde(flatten)]
    threshold: &'a Threshold,
    below: bool,
}

pub(super) fn run(args: &VerifyArgs, verifier: &Verifier, output: Output) -> Result<ExitCode> {
    let images: Vec<_> = args.probe.iter().chain(&args.others).cloned().collect();
    let seen = verifier.see(&images)?.into_iter();
    let seen: Vec<Seen> = seen.collect::<Result<_, _>>()?;
    let [probe, others @ ..] = &seen[..] else {
        anyhow::bail!("there is nothing to compare");
    };
    let others: Vec<&Seen> = others.iter().collect();
    let verified = verifier.compare(probe, &others, args.fmr.0)?;
    let decided = verified.decided;
    let calibration = verifier.calibration();
    let bare = verifier.bare_threshold().zip(verified.below_bare_threshold);
    let report = Report {
        metric: verifier.metric(),
        probe: verified.probe.display().to_string(),
        compared: &verified.compared,
        distance: verified.distance,
        similarity: verified.similarity,
        decision: outcome(&verified),
        threshold: decided.map(|decided| decided.point.threshold),
        threshold_interval: decided.and_then(|decided| decided.point.threshold_interval),
        target_fmr: args.fmr.0,
        fmr: decided.map(|decided| decided.point.fmr),
        fnmr: decided.and_then(|decided| decided.point.fnmr),
        fmr_at_score: decided.and_then(|decided| decided.fmr_at_score),
        weak: decided.map(|decided| decided.point.weak),
        calibrated_templates: calibration.map(|made| made.templates_per_subject),
        calibration: calibration.map(|made| made.made.how.as_str()),
        bare_threshold: bare.map(|(threshold, below)| Bare { threshold, below }),
    };
    output.result(&report, &text(verifier, &verified, args.fmr.0))?;
    Ok(code(report.decision))
}

fn text(verifier: &Verifier, verified: &Verified, target: f64) -> String {
    let head = ["", "distance", "similarity"].map(str::to_owned);
    let row = |name: String, distance: f64, similarity: f64| {
        vec![name, format!("{distance:.4}"), format!("{similarity:.4}")]
    };
    let mut rows = vec![head.to_vec()];
    for one in &verified.compared {
        let name = one.image.display().to_string();
        rows.push(row(name, one.distance, one.similarity));
    }
    let calibration = verifier.calibration();
    if verified.compared.len() > 1 {
        let how = calibration.map_or_else(|| "the best".to_owned(), |made| fusion(made.fusion));
        rows.push(row(how, verified.distance, verified.similarity));
    }
    let mut lines = vec![format!(
        "{} compared with\n{}",
        verified.probe.display(),
        table(&rows)
    )];
    match calibration {
        Some(made) => {
            lines.extend(
                verified
                    .decided
                    .map(|decided| decision(decided.outcome, decided.fmr_at_score)),
            );
            lines.push(said_of(made, target));
            lines.extend(mind_templates(made, verified.compared.len()));
            if !is_comparable(made, verified.compared.len()) {
                lines.push(RELATIVE.to_owned());
            }
        }
        None => lines.push(without_calibration(verifier, verified)),
    }
    lines.join("\n")
}

/// Why nothing is decided by a relative calibration with one image.
const RELATIVE: &str = "NO DECISION: the calibration is relative to how far several images of a subject are apart. Give two or more.";

fn decision(outcome: Outcome, fmr_at_score: Option<f64>) -> String {
    let word = match outcome {
        Outcome::Match => "MATCH",
        Outcome::NonMatch => "NO MATCH",
        Outcome::Uncertain => "UNCERTAIN: the distance lies between the bounds of the threshold",
    };
    match fmr_at_score {
        Some(share) => format!(
            "{word}. Of strangers at most {} are at least as alike.",
            percent(share)
        ),
        None => format!("{word}."),
    }
}

fn without_calibration(verifier: &Verifier, verified: &Verified) -> String {
    let bare = match (verifier.bare_threshold(), verified.below_bare_threshold) {
        (Some(threshold), Some(below)) => format!(
            " The {} distance is {} the threshold in its file, {:.4} ({}), of which nobody measured how often strangers pass \
             it.",
            verifier.metric(),
            if below { "below" } else { "not below" },
            threshold.value,
            threshold.source
        ),
        _ => String::new(),
    };
    format!(
        "NO DECISION: the model is not calibrated. Let siamese calibrate measure its thresholds on people it does not \
         know.{bare}"
    )
}
