//! `siamese verify`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use ndarray::{Array3, Axis};
use serde::Serialize;
use siamese_lab::{Compute, model_file};
use siamese_net::{Comparison, ImageStack, Picture, Recipe};

use crate::args::VerifyArgs;
use crate::output::{Output, table};

/// Exit code where an image does not match.
const NO_MATCH: u8 = 3;
/// Exit code where the model says nothing of distances.
const NO_DECISION: u8 = 4;

#[derive(Serialize)]
struct Report<'a> {
    metric: &'static str,
    probe: String,
    /// Absent where the model holds none.
    threshold: Option<Threshold<'a>>,
    compared: Vec<Compared>,
    /// Whether all match; absent without a threshold.
    r#match: Option<bool>,
}

#[derive(Serialize)]
struct Threshold<'a> {
    value: f64,
    source: &'a str,
    /// Always false: no model holds a calibration yet.
    calibrated: bool,
}

#[derive(Serialize)]
struct Compared {
    image: String,
    distance: f64,
    similarity: f64,
    /// Absent without a threshold.
    r#match: Option<bool>,
}

pub(crate) fn run(args: &VerifyArgs, output: Output) -> Result<ExitCode> {
    let model = Compute::from(&args.compute).open_fastest(&model_file(&args.model)?)?;
    let recipe = model.recipe();
    let images = std::iter::once(&args.probe).chain(&args.others);
    let images: Vec<Array3<u8>> = images
        .map(|path| read(path, recipe))
        .collect::<Result<_>>()?;
    let views: Vec<_> = images.iter().map(|image| image.view()).collect();
    let stack = ImageStack::of_planes(ndarray::stack(Axis(0), &views)?)?;
    let numbers: Vec<i64> = (0..stack.len() as i64).collect();
    let embeddings = model.embeddings(&stack, &numbers)?;
    let metric = recipe.distance();
    let compared = args
        .others
        .iter()
        .zip(embeddings.rows().into_iter().skip(1));
    let compared: Vec<Compared> = compared
        .map(|(path, other)| {
            let distance = metric.of_vectors(embeddings.row(0), other);
            let found = Comparison::new(metric, f64::from(distance), model.threshold().cloned());
            Compared {
                image: path.display().to_string(),
                distance: found.distance,
                similarity: found.similarity,
                r#match: found.is_below_bare_threshold(),
            }
        })
        .collect();
    let decided: Option<Vec<bool>> = compared.iter().map(|one| one.r#match).collect();
    let report = Report {
        metric: metric.name(),
        probe: args.probe.display().to_string(),
        threshold: model.threshold().map(|threshold| Threshold {
            value: threshold.value,
            source: &threshold.source,
            calibrated: false,
        }),
        compared,
        r#match: decided.map(|decided| decided.iter().all(|&matches| matches)),
    };
    output.result(&report, &text(&report))?;
    Ok(match report.r#match {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::from(NO_MATCH),
        None => ExitCode::from(NO_DECISION),
    })
}

/// The pixels of an image as the recipe reads them.
fn read(path: &Path, recipe: &Recipe) -> Result<Array3<u8>> {
    let planes = Picture::from(path).planes(recipe);
    match planes {
        // It names the file.
        Err(error @ siamese_net::Error::Picture { .. }) => Err(error.into()),
        planes => planes.with_context(|| path.display().to_string()),
    }
}

fn text(report: &Report<'_>) -> String {
    let says = |matches: Option<bool>| match matches {
        Some(true) => "match",
        Some(false) => "no match",
        None => "",
    };
    let head = ["", "distance", "similarity", ""].map(str::to_owned);
    let rows = report.compared.iter().map(|one| {
        vec![
            one.image.clone(),
            format!("{:.4}", one.distance),
            format!("{:.4}", one.similarity),
            says(one.r#match).to_owned(),
        ]
    });
    let rows: Vec<Vec<String>> = std::iter::once(head.to_vec()).chain(rows).collect();
    let threshold = match &report.threshold {
        Some(threshold) => format!(
            "A match is a {} distance below the model's own threshold, {:.4} ({}). It is not calibrated: nobody measured \
             how often it accepts strangers or rejects the right subject.",
            report.metric, threshold.value, threshold.source
        ),
        None => "No decision: the model holds no threshold.".to_owned(),
    };
    format!(
        "{} compared with\n{}\n{threshold}",
        report.probe,
        table(&rows)
    )
}
