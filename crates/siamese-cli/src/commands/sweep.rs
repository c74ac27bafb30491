//! `siamese sweep`.

use std::process::ExitCode;

use anyhow::Result;
use siamese_lab::{Sweep, SweepOutcome, SweepSettings};

use crate::args::SweepArgs;
use crate::interrupt::{INTERRUPTED, stop_flag};
use crate::output::{Output, table};
use crate::processes::Processes;
use crate::terminal::Terminal;

pub(crate) fn run(args: &SweepArgs, output: Output) -> Result<ExitCode> {
    let settings = settings(args);
    let sweep = match args.inside {
        true => Sweep::choose_inside(&settings)?,
        false => Sweep::compare(&settings)?,
    };
    let stop = stop_flag()?;
    let mut terminal = Terminal::new(output).stopped_by(&stop);
    let Some(outcome) = sweep.run(&Processes, &stop, &mut terminal)? else {
        output.note(
            "interrupted; everything up to here is saved. Run the same command again to go on.",
        );
        return Ok(ExitCode::from(INTERRUPTED));
    };
    output.result(&outcome.document, &text(&outcome))?;
    outcome.expect_all()?;
    Ok(ExitCode::SUCCESS)
}

/// What the command line asks for.
fn settings(args: &SweepArgs) -> SweepSettings {
    let mut settings = SweepSettings::new(&args.recipe.recipe, args.data.source());
    settings.overrides.clone_from(&args.recipe.overrides);
    settings.grid.clone_from(&args.grid);
    settings.variants.clone_from(&args.variant);
    settings.variants_file.clone_from(&args.variants);
    settings.seeds = args.seeds;
    settings.inner_folds = args.inner_folds;
    settings.protocol.clone_from(&args.protocol.name);
    settings.out.clone_from(&args.out.folder);
    settings.replace = args.out.force;
    settings.jobs = args.pool.jobs.map(usize::from);
    settings.device = args.pool.device;
    settings.memory = args.pool.memory.said();
    settings
}

fn text(outcome: &SweepOutcome) -> String {
    let tables: Vec<String> = outcome.tables.iter().map(|rows| table(rows)).collect();
    let tables = tables.join("\n");
    let mut parts = vec![&outcome.title[..], tables.trim_end(), outcome.legend()];
    parts.extend((!outcome.note.is_empty()).then_some(&outcome.note[..]));
    format!(
        "{}\n\ntable: {}",
        parts.join("\n\n"),
        outcome.page.display()
    )
}
