//! `siamese crossval`.

use std::process::ExitCode;

use anyhow::Result;
use siamese_lab::{Crossval, CrossvalSettings};

use super::report::{figures_text, verdict_and_page};
use super::shard::{self, Next};
use crate::args::CrossvalArgs;
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::output::Output;
use crate::processes::Processes;
use crate::terminal::Terminal;

pub(crate) fn run(args: &CrossvalArgs, output: Output) -> Result<ExitCode> {
    let processes = Processes::new()?;
    let mut terminal = Terminal::new(output);
    let crossval = Crossval::new(&settings(args)?, &mut terminal)?;
    let stop = stop_flag()?;
    if !crossval.train(&processes, &stop, &mut terminal)? {
        output.note(
            "interrupted; everything up to here is saved. Run the same command again to go on.",
        );
        return Ok(ExitCode::from(INTERRUPTED));
    }
    nothing_left_to_save(&stop);
    if let Some(shard) = args.shards.shard {
        shard::trained(shard, crossval.folder(), Next::Judge, output)?;
        return Ok(ExitCode::SUCCESS);
    }
    let finished = crossval.judge(&mut terminal)?;
    let report = &finished.report;
    let text = figures_text(report) + &verdict_and_page(&finished.folder, report);
    output.result(&finished.record, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// What the command line asks for.
fn settings(args: &CrossvalArgs) -> Result<CrossvalSettings> {
    let mut settings = CrossvalSettings::new(&args.recipe.recipe, args.data.source()?);
    settings.overrides.clone_from(&args.recipe.overrides);
    settings.init.clone_from(&args.init);
    settings.protocol.clone_from(&args.protocol.name);
    settings.required = args.require;
    settings.enrol = args.enrol.map(usize::from);
    settings.episodes = args.episodes;
    settings.out.clone_from(&args.out.folder);
    settings.replace = args.out.force;
    settings.shard = args.shards.shard;
    settings.merge.clone_from(&args.shards.merge);
    settings.jobs = args.pool.jobs.map(usize::from);
    settings.device = args.pool.device;
    settings.memory = args.pool.memory.said();
    Ok(settings)
}
