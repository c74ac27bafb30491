//! `siamese train`.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use siamese_lab::model::Error as ModelError;
use siamese_lab::{
    BegunRun, Beside, Compute, Error, Finished, Prepared, Quiet, Start, TrainSettings,
    first_checkpoint, read_recipe,
};

use super::offered::resume_command;
use super::report::{figures_text, verdict_and_page};
use crate::args::TrainArgs;
use crate::interrupt::{
    INTERRUPTED, early_stop_flag, nothing_left_to_save, something_to_save, stop_with_standard_input,
};
use crate::launched::Launched;
use crate::output::Output;
use crate::terminal::Terminal;

pub(crate) fn run(args: &TrainArgs, output: Output) -> Result<ExitCode> {
    let stop = early_stop_flag();
    if args.until_stdin_closes {
        stop_with_standard_input(&stop);
    }
    let mut settings = settings(args)?;
    let launched = Launched::meet(&mut settings.compute)?;
    let ended = match launched.is_first() {
        true => first(args, &settings, &launched, &stop, output),
        false => other(&settings, &launched, &stop),
    };
    launched.ended(ended)
}

/// The training of the only process, or of the first of several.
fn first(
    args: &TrainArgs,
    settings: &TrainSettings,
    launched: &Launched,
    stop: &Arc<AtomicBool>,
    output: Output,
) -> Result<ExitCode> {
    let mut terminal = Terminal::new(output);
    let prepared = Prepared::together(settings, launched.processes(), &mut terminal)?;
    something_to_save(stop)?;
    let saved = || {
        format!(
            "everything up to here is saved. Go on with: {}",
            resume_command(&settings.out)
        )
    };
    let trained = prepared.train(stop, &mut terminal);
    let parted = |error: &Error| matches!(error, Error::Model(ModelError::Processes(_)));
    if trained.as_ref().is_err_and(parted) && first_checkpoint(&settings.out).is_some() {
        return trained.map(|_| ExitCode::FAILURE).with_context(saved);
    }
    let Some(trained) = trained? else {
        output.note(format_args!("interrupted; {}", saved()));
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let concluded = trained.conclude()?.requiring(args.require);
    nothing_left_to_save(stop);
    let beside = match (args.no_report, output.json) {
        (false, _) => Some(Beside::Everything),
        (true, false) => Some(Beside::Nothing),
        (true, true) => None,
    };
    let finished = concluded.finish(beside, &mut terminal)?;
    output.result(&finished.record, &text(&finished, args.no_report))?;
    Ok(ExitCode::SUCCESS)
}

/// The part of any other process: it trains along, writes nothing and says nothing.
fn other(
    settings: &TrainSettings,
    launched: &Launched,
    stop: &Arc<AtomicBool>,
) -> Result<ExitCode> {
    let prepared = Prepared::together(settings, launched.processes(), &mut Quiet)?;
    something_to_save(stop)?;
    Ok(match prepared.train(stop, &mut Quiet)? {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::from(INTERRUPTED),
    })
}

/// What the command line asks for.
fn settings(args: &TrainArgs) -> Result<TrainSettings> {
    let mut settings = match &args.resume {
        Some(run) => {
            let mut settings = TrainSettings::resume(run);
            settings.data = args.data.said()?;
            if settings.data.is_none() && BegunRun::read(run)?.is_none() && run.is_dir() {
                settings.data = Some(args.data.source()?);
            }
            settings.epochs = epochs(&args.overrides)?;
            settings
        }
        None => {
            let data = args.data.source()?;
            let mut overrides = args.overrides.clone();
            overrides.extend(args.seed.map(|seed| format!("seed={seed}")));
            if args.no_fingerprints {
                overrides.push("train.fingerprints=false".to_owned());
            }
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
    settings.list.clone_from(&args.list);
    settings.replace = args.out.force;
    settings.compute = Compute::from(&args.compute);
    Ok(settings)
}

/// The number of epochs, in all, that is asked of a run that goes on. The rest of its recipe stays as it is.
fn epochs(overrides: &[String]) -> Result<Option<u32>> {
    let mut epochs = None;
    for assignment in overrides {
        match assignment.split_once('=') {
            Some((key, value)) if key.trim() == "train.epochs" => {
                let number = value.trim().parse();
                epochs = Some(number.with_context(|| {
                    format!("--set {assignment}: the number of epochs in all is a whole number")
                })?);
            }
            _ => bail!(
                "--set {assignment}: a run goes on with the recipe that its weights came of, and only train.epochs can \
                 be larger. Train the other recipe into a folder of its own; --init begins with the weights of this run"
            ),
        }
    }
    Ok(epochs)
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
