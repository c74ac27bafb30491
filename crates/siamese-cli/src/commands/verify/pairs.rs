//! A list of pairs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use siamese_lab::{Compute, OutFile, Seen, Verifier, VerifyError, explain};
use siamese_net::Outcome;

use super::{code, mind_templates, said_of, word};
use crate::args::VerifyArgs;
use crate::output::{Output, thousands};
use crate::target::Target;

#[derive(Serialize)]
struct Report {
    metric: &'static str,
    target_fmr: f64,
    /// At which decisions were made; absent where the model holds no calibration.
    fmr: Option<f64>,
    threshold: Option<f64>,
    /// Whether so few subjects were measured that the rate is an indication.
    weak: Option<bool>,
    /// How many templates each subject had where the thresholds were measured; the rate holds for pairs if it is 1.
    calibrated_templates: Option<u32>,
    matches: usize,
    non_matches: usize,
    uncertain: usize,
    undecided: usize,
    failed: usize,
    pairs: Vec<Pair>,
}

#[derive(Serialize)]
struct Pair {
    a: String,
    b: String,
    distance: Option<f64>,
    similarity: Option<f64>,
    fmr_at_score: Option<f64>,
    decision: Option<Outcome>,
    /// Why nothing can be said of them.
    error: Option<String>,
}

pub(super) fn run(
    args: &VerifyArgs,
    list: &Path,
    compute: &Compute,
    output: Output,
) -> Result<ExitCode> {
    let out = Target(args.out.as_deref().unwrap_or(Path::new("-")));
    if args.out.is_some() {
        out.expect_place(OutFile::Verified, args.force, &[&args.model, list], output)?;
    }
    let listed = read(list)?;
    let verifier = Verifier::open(&args.model, compute)?;
    let report = verify(&verifier, list, &listed, args.fmr.0)?;
    let csv = csv(&report)?;
    if args.out.is_some() || !output.json {
        out.write(&csv)?;
    }
    let output = Output {
        aside: out.is_standard_output() && !output.json,
        ..output
    };
    output.result(&report, &text(&verifier, &report))?;
    Ok(match report {
        Report { failed: 1.., .. } => ExitCode::FAILURE,
        Report {
            non_matches: 1.., ..
        } => code(Some(Outcome::NonMatch)),
        Report {
            uncertain: 0,
            undecided: 0,
            ..
        } => code(Some(Outcome::Match)),
        _ => code(None),
    })
}

/// The pairs of paths, as they are written.
fn read(list: &Path) -> Result<Vec<[String; 2]>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(list)
        .with_context(|| list.display().to_string())?;
    let header = reader
        .headers()
        .with_context(|| list.display().to_string())?;
    let column = |name: &str| header.iter().position(|found| found == name);
    let (Some(a), Some(b)) = (column("a"), column("b")) else {
        let found: Vec<&str> = header.iter().collect();
        bail!(
            "{}: the header is {}, expected the columns a and b with two images each",
            list.display(),
            found.join(",")
        );
    };
    let mut pairs = Vec::new();
    for row in reader.records() {
        let row = row.with_context(|| list.display().to_string())?;
        let field = |column: usize| row.get(column).unwrap_or_default().to_owned();
        let pair = [field(a), field(b)];
        if pair.iter().any(String::is_empty) {
            let line = row.position().map_or(0, csv::Position::line);
            bail!(
                "{}, line {line}: an image is missing, expected two paths",
                list.display()
            );
        }
        pairs.push(pair);
    }
    if pairs.is_empty() {
        bail!("{} lists no pairs", list.display());
    }
    Ok(pairs)
}

fn verify(verifier: &Verifier, list: &Path, listed: &[[String; 2]], fmr: f64) -> Result<Report> {
    let folder = list.parent().unwrap_or(Path::new(""));
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    for name in listed.iter().flatten() {
        places.entry(name).or_insert_with(|| {
            paths.push(folder.join(name));
            paths.len() - 1
        });
    }
    let seen = verifier.see(&paths)?;
    let point = verifier.calibration().and_then(|made| made.for_fmr(fmr));
    let pairs: Vec<Pair> = listed
        .iter()
        .map(|names| {
            let [a, b] = [0, 1].map(|side| &seen[places[names[side].as_str()]]);
            pair(verifier, names, [a, b], fmr)
        })
        .collect();
    let count = |wanted: &dyn Fn(&Pair) -> bool| pairs.iter().filter(|&pair| wanted(pair)).count();
    Ok(Report {
        metric: verifier.metric(),
        target_fmr: fmr,
        fmr: point.map(|point| point.fmr),
        threshold: point.map(|point| point.threshold),
        weak: point.map(|point| point.weak),
        calibrated_templates: verifier
            .calibration()
            .map(|made| made.templates_per_subject),
        matches: count(&|pair| pair.decision == Some(Outcome::Match)),
        non_matches: count(&|pair| pair.decision == Some(Outcome::NonMatch)),
        uncertain: count(&|pair| pair.decision == Some(Outcome::Uncertain)),
        undecided: count(&|pair| pair.decision.is_none() && pair.error.is_none()),
        failed: count(&|pair| pair.error.is_some()),
        pairs,
    })
}

fn pair(
    verifier: &Verifier,
    [a, b]: &[String; 2],
    seen: [&Result<Seen, VerifyError>; 2],
    fmr: f64,
) -> Pair {
    let compared = match seen {
        [Ok(probe), Ok(other)] => verifier
            .compare(probe, &[other], fmr)
            .map_err(|error| explain(&error)),
        [Err(error), _] | [_, Err(error)] => Err(explain(error)),
    };
    let (verified, error) = match compared {
        Ok(verified) => (Some(verified), None),
        Err(error) => (None, Some(error)),
    };
    let decided = verified.as_ref().and_then(|verified| verified.decided);
    Pair {
        a: a.clone(),
        b: b.clone(),
        distance: verified.as_ref().map(|verified| verified.distance),
        similarity: verified.as_ref().map(|verified| verified.similarity),
        fmr_at_score: decided.and_then(|decided| decided.fmr_at_score),
        decision: decided.map(|decided| decided.outcome),
        error,
    }
}

fn csv(report: &Report) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "a",
        "b",
        "distance",
        "similarity",
        "fmr_at_score",
        "decision",
        "error",
    ])?;
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for pair in &report.pairs {
        let decision = pair.decision.map_or("", word);
        writer.write_record([
            &pair.a,
            &pair.b,
            &number(pair.distance),
            &number(pair.similarity),
            &number(pair.fmr_at_score),
            decision,
            pair.error.as_deref().unwrap_or_default(),
        ])?;
    }
    writer.into_inner().context("cannot build the list")
}

fn text(verifier: &Verifier, report: &Report) -> String {
    let counts = [
        (report.matches, "match"),
        (report.non_matches, "no match"),
        (report.uncertain, "uncertain"),
        (report.undecided, "not decided"),
        (report.failed, "failed"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", thousands(*count as u64)))
        .collect();
    let by = match verifier.calibration() {
        Some(made) => {
            let mind = mind_templates(made, 1).map(|mind| format!("\n{mind}"));
            said_of(made, report.target_fmr) + &mind.unwrap_or_default()
        }
        None => "No decision: the model is not calibrated, see siamese calibrate.".to_owned(),
    };
    format!(
        "{} pairs: {}\n{by}",
        thousands(report.pairs.len() as u64),
        parts.join(", ")
    )
}
