//! `siamese report`, and how commands tell of the reports that they write.

use std::path::Path;

use anyhow::{Context, Result, bail};
use siamese_lab::{Data, Images, ReportFiles, RunRecord, model_file, read_case, run_report};
use siamese_model::Model;
use siamese_report::{Report, Verdict};

use super::compute;
use super::crossval::{self, CrossvalRecord};
use crate::args::ReportArgs;
use crate::output::Output;

/// Said before other methods are judged beside the network, which takes a while on large sets.
pub(super) const JUDGING: &str =
    "judging the network, itself untrained and classical methods on the same comparisons";

pub(crate) fn run(args: &ReportArgs, output: Output) -> Result<()> {
    let (device, _) = compute(&args.compute)?;
    if !args.run.is_dir() {
        bail!(
            "{} is no folder: give the folder of a finished training or cross-validation",
            args.run.display()
        );
    }
    output.note(JUDGING);
    let report = if CrossvalRecord::path(&args.run).exists() {
        let record = CrossvalRecord::read(&args.run)?;
        let data = find(args, &record.data)?;
        crossval::read(&args.run, &record, &data, device, output)?.report
    } else {
        if !args.run.join("figures.json").exists() {
            bail!(
                "{} holds no finished training and no cross-validation: give the folder of one",
                args.run.display()
            );
        }
        let record = RunRecord::read(&args.run)?;
        let data = find(args, &record.data)?;
        let model = Model::load(&model_file(&args.run)?, device)?;
        let stack = output.images(data.load(&model.recipe, device)?);
        let images = Images {
            catalog: &data.catalog,
            stack: &stack,
            device,
        };
        let case = read_case(&args.run, &record, model, images)?;
        run_report(images, &[case], &[record], data.skipped())?
    };
    let text = write_report(&args.run, &report)?;
    output.result(&report, text.trim_start())
}

/// The data set of a run, where it was or is said to be.
fn find(args: &ReportArgs, was: &str) -> Result<Data> {
    let data = Data::find(args.data.as_deref().unwrap_or(Path::new(was)))
        .with_context(|| format!("the run's images were in {was}; say where they are with --data"));
    Ok(data?.within(args.compute.memory.said()))
}

/// Writes the report in all its forms into a folder; gives the verdict and where the page is, for the terminal.
pub(super) fn write_report(folder: &Path, report: &Report) -> Result<String> {
    let files = ReportFiles::of(folder);
    files.write(report)?;
    Ok(format!(
        "\n\n{}\nreport: {}",
        verdict_text(&siamese_report::verdict(report)),
        files.page.display()
    ))
}

/// The verdict in a few lines.
fn verdict_text(verdict: &Verdict) -> String {
    let mut lines = vec![format!(
        "Verdict: {}.",
        verdict.standing.headline().to_lowercase()
    )];
    lines.extend(verdict.warning.clone());
    lines.extend([verdict.quality.clone(), verdict.comparison.clone()]);
    lines.extend(verdict.remarks.iter().cloned());
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
