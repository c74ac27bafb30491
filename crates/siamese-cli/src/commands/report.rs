//! `siamese report`, and the reports that other commands end with.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use siamese_lab::{Data, Experiment, ReportFiles, model_file, read_history};
use siamese_model::{Model, device_name, libtorch_version, write_atomically};
use siamese_report::{Fact, Report, Verdict};

use super::compute;
use super::crossval::{self, CrossvalRecord};
use crate::args::{EvalArgs, ReportArgs};
use crate::judge::{Case, Images, Subject, Training, document, health_notes};
use crate::output::Output;
use crate::run_record::RunRecord;

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

/// A finished training's model with what judges it, on the images it was trained on.
pub(super) fn read_case(
    folder: &Path,
    record: &RunRecord,
    model: Model,
    images: Images<'_>,
) -> Result<Case> {
    let place = folder.display();
    if images.stack.sha256() != model.provenance.data_sha256 {
        bail!(
            "the images are not those that {place} was trained on: restore them, say where they are with --data, or \
             judge the model on others with siamese eval"
        );
    }
    let experiment = Experiment::new(&model.recipe, images.catalog)?;
    if experiment.sha256() != record.pairs_sha256 {
        bail!(
            "{} divides the people otherwise than when {place} was trained, so its list or the files' names have \
             changed: restore them, or train anew",
            record.protocol
        );
    }
    let training = Training::of(&experiment, images.catalog);
    let mut test = experiment.test;
    let history = read_history(folder).unwrap_or_else(|| {
        test.exclusions.push(format!(
            "{place}/history.jsonl is missing or damaged: losses and training health are not shown."
        ));
        Vec::new()
    });
    Case::new(model, test, Some(training), history)
}

/// The report of trainings, one for each fold.
pub(super) fn run_report(
    images: Images<'_>,
    cases: &[Case],
    records: &[RunRecord],
    skipped: Option<String>,
) -> Result<Report> {
    let (Some(case), Some(record)) = (cases.first(), records.first()) else {
        bail!("there is nothing to report on");
    };
    let protocol = record.protocol.clone();
    let seconds: f64 = records.iter().map(|record| record.seconds).sum();
    let title = match cases.len() {
        1 if case.test.leaks_people => format!("{} on {protocol}", record.recipe),
        1 => format!("{} on {protocol}, fold {}", record.recipe, case.fold),
        folds => format!("{} on {protocol}, {folds} folds", record.recipe),
    };
    let what = match cases.len() {
        1 => case.test.what.clone(),
        folds => format!("{protocol}: the {folds} folds pooled"),
    };
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
    };
    let epochs: BTreeSet<u32> = cases.iter().flat_map(Case::epochs_chosen).collect();
    let epochs: Vec<String> = epochs.iter().map(u32::to_string).collect();
    let trained = cases.iter().any(Case::is_trained);
    let mut facts = vec![
        fact("recipe", format!("{}, seed {}", record.recipe, record.seed)),
        fact(
            "data",
            format!(
                "{}, {} images of {} people",
                record.data,
                images.catalog.len(),
                images.catalog.subjects()
            ),
        ),
        fact("SHA-256 of the images", record.data_sha256.clone()),
        fact("siamese", record.siamese.clone()),
        fact("libtorch", record.libtorch.clone()),
        fact(
            if trained { "trained on" } else { "judged on" },
            format!(
                "{} with {} thread{}, {seconds:.0} s",
                record.device,
                record.threads,
                if record.threads == 1 { "" } else { "s" }
            ),
        ),
        fact(
            "epoch chosen",
            match trained {
                true => epochs.join(", "),
                false => "none: a ready program that was not trained".to_owned(),
            },
        ),
    ];
    let origins = records.iter().filter_map(|record| record.origin.as_ref());
    let mut origins: Vec<&str> = origins.map(|origin| origin.sha256.as_str()).collect();
    origins.dedup();
    if !origins.is_empty() {
        let files = format!(
            "the weights of model files with SHA-256 {}",
            origins.join(", ")
        );
        facts.push(fact("began with", files));
    }
    let subject = Subject {
        title,
        protocol,
        what,
        health: health_notes(cases)?,
        facts,
        exclusions: skipped.into_iter().collect(),
    };
    document(images, cases, subject)
}

/// The report of a model judged on some images.
pub(super) fn eval_report(
    images: Images<'_>,
    case: Case,
    protocol: &str,
    args: &EvalArgs,
    skipped: Option<String>,
) -> Result<Report> {
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
    };
    let provenance = &case.model.provenance;
    let facts = vec![
        fact("model", args.model.display().to_string()),
        fact(
            "recipe",
            format!(
                "{}, seed {}",
                case.model.recipe.name, case.model.recipe.seed
            ),
        ),
        fact(
            "data",
            format!(
                "{}, {} images of {} people",
                args.data.data.display(),
                images.catalog.len(),
                images.catalog.subjects()
            ),
        ),
        fact("SHA-256 of the images", images.stack.sha256().to_owned()),
        fact(
            "SHA-256 of the training's images",
            provenance.data_sha256.clone(),
        ),
        fact("siamese", env!("CARGO_PKG_VERSION").to_owned()),
        fact("libtorch", libtorch_version().to_owned()),
        fact("judged on", device_name(images.device)),
        fact(
            "trained by",
            format!(
                "siamese {} with libtorch {} on {}, {} epochs",
                provenance.siamese, provenance.libtorch, provenance.device, provenance.epoch
            ),
        ),
    ];
    let subject = Subject {
        title: format!("{} on {protocol}", case.model.recipe.name),
        protocol: protocol.to_owned(),
        what: case.test.what.clone(),
        health: Vec::new(),
        facts,
        exclusions: skipped.into_iter().collect(),
    };
    document(images, &[case], subject)
}

/// Writes the report in all its forms into a folder; gives the verdict and where the page is, for the terminal.
pub(super) fn write_report(folder: &Path, report: &Report) -> Result<String> {
    let files = ReportFiles::of(folder);
    fs::create_dir_all(&files.plots).with_context(|| {
        format!(
            "cannot make the folder {}: choose another with --out",
            files.plots.display()
        )
    })?;
    for (name, svg) in siamese_report::plots(report) {
        write_atomically(&files.plot(name), svg.as_bytes())?;
    }
    let json = siamese_report::json(report)?;
    write_atomically(&files.json, json.as_bytes())?;
    let markdown = siamese_report::markdown(report);
    write_atomically(&files.markdown, markdown.as_bytes())?;
    write_atomically(&files.page, siamese_report::html(report).as_bytes())?;
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
