//! `siamese report`, and how commands tell of the reports that they write.

use std::path::Path;

use anyhow::{Context, Result, bail};
use siamese_lab::{
    BegunRun, Beside, Compute, CrossvalRecord, Data, DataSource, Images, Note, ReportContext,
    ReportFiles, RunRecord, Watch, judge_crossval, model_file, read_case, run_report, said_of,
};
use siamese_report::{Report, Verdict};

use crate::args::ReportArgs;
use crate::output::Output;
use crate::terminal::Terminal;

pub(crate) fn run(args: &ReportArgs, output: Output) -> Result<()> {
    let compute = Compute::from(&args.compute);
    let mut terminal = Terminal::new(output);
    if !args.run.is_dir() {
        bail!(
            "{} is not a folder: give the folder of a finished training or cross-validation",
            args.run.display()
        );
    }
    terminal.note(&Note::Judging);
    let report = if CrossvalRecord::path(&args.run).exists() {
        let mut record = CrossvalRecord::read(&args.run)?;
        record.required = args.require.or(record.required);
        record.enrol = args.enrol.map(usize::from).or(record.enrol);
        record.episodes = args.episodes.or(record.episodes);
        let data = find(args, &args.run.join("fold-0"), &record.data)?;
        let open = |path: &Path| compute.open(path);
        judge_crossval(&args.run, &record, &data, open, &mut terminal)?.report
    } else {
        if !args.run.join("figures.json").exists() {
            bail!(
                "{} holds no finished training and no cross-validation: give the folder of one",
                args.run.display()
            );
        }
        let record = RunRecord::read(&args.run)?;
        let data = find(args, &args.run, &record.data)?;
        let model = compute.open(&model_file(&args.run)?)?;
        let stack = data.load(model.recipe())?.after_saying(&mut terminal);
        let images = Images {
            catalog: &data.catalog,
            stack: &stack,
        };
        let context = ReportContext {
            said: said_of(&data, &stack)?,
            unread: Some(data.unread()),
            required: args.require.or(record.required),
            enrol: args.enrol.map(usize::from),
            episodes: args.episodes,
        };
        let case = read_case(&args.run, &record, model, images)?;
        run_report(images, &[case], &[record], context, Beside::Everything)?
    };
    ReportFiles::of(&args.run).write(&report)?;
    let text = verdict_and_page(&args.run, &report);
    output.result(&report, text.trim_start())
}

/// The data set of a run, where it was or is said to be, read as the run read it. `was` is its place as it was once given,
/// for runs of older versions.
fn find(args: &ReportArgs, run: &Path, was: &str) -> Result<Data> {
    let said = args.data.as_ref().map(DataSource::new);
    let remembered = BegunRun::read(run)?.map(|begun| begun.data);
    let source = DataSource::said_or_remembered(said.as_ref(), remembered);
    let data = Data::find(source.unwrap_or_else(|| DataSource::new(was))).with_context(|| {
        format!("the run's images were in {was}; say where they are now with --data")
    });
    Ok(data?.within(args.compute.memory.said()))
}

/// The figures of a report for the terminal.
pub(super) fn figures_text(report: &Report) -> String {
    let hint = match report.test.leak {
        Some(_) => " For that use --set protocol.name=subjects-8-fold.",
        None => "",
    };
    siamese_report::text(report) + hint
}

/// The verdict, and where the page of a report is.
pub(super) fn verdict_and_page(folder: &Path, report: &Report) -> String {
    format!(
        "\n\n{}\nreport: {}",
        verdict_text(&siamese_report::verdict(report)),
        ReportFiles::of(folder).page.display()
    )
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
