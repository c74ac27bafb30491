//! `siamese refit`.

use std::process::ExitCode;

use anyhow::Result;
use siamese_lab::{Compute, DataSource, Refit, RefitDocument, RefitSettings, thousands};

use super::calibrated::calibration_text;
use crate::args::RefitArgs;
use crate::interrupt::{INTERRUPTED, early_stop_flag, nothing_left_to_save, something_to_save};
use crate::output::Output;
use crate::target::Target;
use crate::terminal::Terminal;

pub(crate) fn run(args: &RefitArgs, output: Output) -> Result<ExitCode> {
    Target(&args.out).expect_ending("safetensors")?;
    let stop = early_stop_flag();
    let mut terminal = Terminal::new(output);
    let refit = Refit::new(&settings(args), &mut terminal)?;
    something_to_save(&stop)?;
    let Some(refitted) = refit.train(&stop, &mut terminal)? else {
        output.note(
            "interrupted; everything up to here is saved. Run the same command again to go on.",
        );
        return Ok(ExitCode::from(INTERRUPTED));
    };
    nothing_left_to_save(&stop);
    let document = refitted.save()?;
    output.result(&document, &text(&document))?;
    Ok(ExitCode::SUCCESS)
}

/// What the command line asks for.
fn settings(args: &RefitArgs) -> RefitSettings {
    let mut settings = RefitSettings::new(&args.crossval, &args.out);
    settings.data = args.data.as_ref().map(DataSource::new);
    settings.replace = args.force;
    settings.templates = args.templates.templates;
    settings.fusion = args.templates.fusion;
    settings.compute = Compute::from(&args.compute);
    settings
}

fn text(document: &RefitDocument) -> String {
    format!(
        "{}, seed {}, learnt from all {} subjects, {} images; {}\nThe model is in {}\n",
        document.recipe,
        document.seed,
        thousands(document.subjects as u64),
        thousands(document.images as u64),
        calibration_text(&document.calibration),
        document.model
    )
}
