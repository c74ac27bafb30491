//! `siamese train`.

use std::process::ExitCode;

use anyhow::Result;
use siamese_lab::{Beside, Compute, Finished, Prepared, Start, TrainSettings, read_recipe};

use super::report::{figures_text, verdict_and_page};
use super::resume_command::resume_command;
use crate::args::TrainArgs;
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::output::Output;
use crate::terminal::Terminal;

pub(crate) fn run(args: &TrainArgs, output: Output) -> Result<ExitCode> {
    let settings = settings(args)?;
    let mut terminal = Terminal::new(output);
    let prepared = Prepared::new(&settings, &mut terminal)?;
    let stop = stop_flag()?;
    let Some(trained) = prepared.train(&stop, &mut terminal)? else {
        output.note(format_args!(
            "interrupted; everything up to here is saved. Go on with: {}",
            resume_command(&settings.out, &settings.data.path)
        ));
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let concluded = trained.conclude()?;
    nothing_left_to_save(&stop);
    let beside = match (args.no_report, output.json) {
        (false, _) => Some(Beside::Everything),
        (true, false) => Some(Beside::Nothing),
        (true, true) => None,
    };
    let finished = concluded.finish(beside, &mut terminal)?;
    output.result(&finished.record, &text(&finished, args.no_report))?;
    Ok(ExitCode::SUCCESS)
}

/// What the command line asks for.
fn settings(args: &TrainArgs) -> Result<TrainSettings> {
    let data = args.data.source();
    let mut settings = match &args.resume {
        Some(run) => TrainSettings::resume(run, data),
        None => {
            let mut overrides = args.overrides.clone();
            overrides.extend(args.seed.map(|seed| format!("seed={seed}")));
            let name = args.recipe.as_deref().unwrap_or_default();
            let recipe = read_recipe(name, &overrides)?;
            let mut settings = TrainSettings::new(recipe.clone(), data);
            if let Some(run) = &args.trained {
                settings.start = Start::Trained {
                    recipe: Box::new(recipe),
                    run: run.clone(),
                };
            }
            match &args.out.folder {
                Some(out) => settings.into_folder(out),
                None => settings,
            }
        }
    };
    settings.init.clone_from(&args.init);
    settings.replace = args.out.force;
    settings.compute = Compute::from(&args.compute);
    Ok(settings)
}

fn text(finished: &Finished, no_report: bool) -> String {
    let folder = &finished.folder;
    let mut text = String::new();
    if let Some(report) = &finished.report {
        text.push_str(&figures_text(report));
        if !no_report {
            text.push_str(&verdict_and_page(folder, report));
        }
    }
    let what = match finished.record.epochs {
        0 => "model and scores",
        _ => "model, scores and loss curves",
    };
    text.push_str(&format!("\n{what} are in {}", folder.display()));
    text
}
