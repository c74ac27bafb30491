//! `siamese sweep`.

use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::Result;
use siamese_lab::{Sweep, SweepOutcome, SweepSettings};

use super::shard;
use crate::args::SweepArgs;
use crate::interrupt::{INTERRUPTED, stop_flag};
use crate::output::{Output, table};
use crate::processes::Processes;
use crate::terminal::Terminal;

pub(crate) fn run(args: &SweepArgs, output: Output) -> Result<ExitCode> {
    let processes = Processes::new()?;
    let settings = settings(args)?;
    let sweep = match args.inside {
        true => Sweep::choose_inside(&settings)?,
        false => Sweep::compare(&settings)?,
    };
    let stop = stop_flag()?;
    let mut terminal = Terminal::new(output).stopped_by(&stop);
    let outcome = sweep.run(&processes, &stop, &mut terminal)?;
    if let Some(shard) = args.shards.shard
        && !stop.load(Ordering::SeqCst)
    {
        shard::trained(shard, sweep.folder(), output)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(outcome) = outcome else {
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
fn settings(args: &SweepArgs) -> Result<SweepSettings> {
    let mut settings = SweepSettings::new(&args.recipe.recipe, args.data.source()?);
    settings.overrides.clone_from(&args.recipe.overrides);
    settings.grid.clone_from(&args.grid);
    settings.variants.clone_from(&args.variant);
    settings.variants_file.clone_from(&args.variants);
    settings.seeds = args.seeds;
    settings.inner_folds = args.inner_folds;
    settings.protocol.clone_from(&args.protocol.name);
    settings.out.clone_from(&args.out.folder);
    settings.replace = args.out.force;
    settings.shard = args.shards.shard;
    settings.merge.clone_from(&args.shards.merge);
    settings.jobs = args.pool.jobs.map(usize::from);
    settings.device = args.pool.device;
    settings.memory = args.pool.memory.said();
    Ok(settings)
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
