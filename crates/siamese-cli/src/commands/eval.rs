//! `siamese eval`.

use std::path::Path;

use anyhow::{Result, bail};
use siamese_lab::{
    Beside, Compute, Error, EvalSettings, Evaluation, Judges, Note, OutError, OutFile, ReportFiles,
    Watch, Work,
};

use super::report::{figures_text, verdict_and_page};
use crate::args::EvalArgs;
use crate::output::Output;
use crate::target::Target;
use crate::terminal::Terminal;

pub(crate) fn run(args: &EvalArgs, output: Output) -> Result<()> {
    let mut terminal = Terminal::new(output);
    let settings = settings(args)?;
    let scores = args.scores.as_deref().map(Target);
    if let Some(scores) = scores {
        let list = args.pairs.as_deref().unwrap_or(&settings.model);
        let read = [&*settings.model, &settings.data.path, list];
        scores.expect_place(OutFile::Pairs, args.force, &read, output)?;
    }
    if let Some(folder) = &args.out {
        expect_room(folder, args.force)?;
    }
    let evaluation = Evaluation::new(&settings, &mut terminal)?;
    let folder = args.out.clone();
    let folder = folder.unwrap_or_else(|| evaluation.default_folder());
    if !args.no_report {
        expect_room(&folder, args.force)?;
    }
    if let Some(scores) = scores {
        scores.write(&evaluation.scores()?)?;
    }
    let output = Output {
        aside: scores.is_some_and(Target::is_standard_output),
        ..output
    };
    let figures = evaluation.figures()?;
    let mut text = String::new();
    if !args.no_report {
        terminal.note(&Note::Judging);
        let report = evaluation.report(Beside::Everything)?;
        ReportFiles::of(&folder).write(&report)?;
        text = figures_text(&report) + &verdict_and_page(&folder, &report);
    } else if !output.json {
        text = figures_text(&evaluation.report(Beside::Nothing)?);
    }
    output.result(&figures, &text)
}

/// Fails where the folder of the report holds something that is to stay.
fn expect_room(folder: &Path, force: bool) -> Result<()> {
    if Work::Report.expect_place(folder)? && !force {
        return Err(Error::from(OutError::SameWork {
            folder: folder.to_owned(),
            found: "a report",
        })
        .into());
    }
    Ok(())
}

/// What the command line asks for.
fn settings(args: &EvalArgs) -> Result<EvalSettings> {
    let mut settings = EvalSettings::new(&args.model, args.data.source()?);
    settings.judges = match (&args.pairs, args.protocol.as_deref()) {
        (Some(list), _) => Judges::List(list.clone()),
        (None, Some("all")) => {
            if args.fold.is_some() {
                bail!("--protocol all takes every pair and has no folds: leave out --fold");
            }
            Judges::EveryPair
        }
        (None, Some(name)) => Judges::Protocol {
            name: name.to_owned(),
            fold: args.fold.unwrap_or(0),
        },
        (None, None) => Judges::OwnProtocol,
    };
    settings.threshold = args.threshold;
    settings.required = args.require;
    settings.enrol = args.enrol.map(usize::from);
    settings.episodes = args.episodes;
    settings.compute = Compute::from(&args.compute);
    Ok(settings)
}
