//! `siamese eval`.

use anyhow::{Result, bail};
use siamese_lab::{Beside, Compute, EvalSettings, Evaluation, Judges, Note, ReportFiles, Watch};

use super::report::{figures_text, verdict_and_page};
use crate::args::EvalArgs;
use crate::output::Output;
use crate::terminal::Terminal;

pub(crate) fn run(args: &EvalArgs, output: Output) -> Result<()> {
    let mut terminal = Terminal::new(output);
    let evaluation = Evaluation::new(&settings(args)?, &mut terminal)?;
    if let Some(path) = &args.scores {
        evaluation.write_scores(path)?;
    }
    let figures = evaluation.figures()?;
    let mut text = String::new();
    if !args.no_report {
        let default = || evaluation.default_folder();
        let folder = args.out.clone().unwrap_or_else(default);
        terminal.note(&Note::Judging);
        let report = evaluation.report(Beside::Everything)?;
        ReportFiles::of(&folder).write(&report)?;
        text = figures_text(&report) + &verdict_and_page(&folder, &report);
    } else if !output.json {
        text = figures_text(&evaluation.report(Beside::Nothing)?);
    }
    output.result(&figures, &text)
}

/// What the command line asks for.
fn settings(args: &EvalArgs) -> Result<EvalSettings> {
    let mut settings = EvalSettings::new(&args.model, args.data.source());
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
    settings.compute = Compute::from(&args.compute);
    Ok(settings)
}
