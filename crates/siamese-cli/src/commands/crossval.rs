//! `siamese crossval`.

use std::process::ExitCode;

use anyhow::Result;
use siamese_lab::{Crossval, CrossvalSettings, FinishedCrossval, Spread};

use super::report::verdict_and_page;
use crate::args::CrossvalArgs;
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::output::{Output, table};
use crate::processes::Processes;
use crate::terminal::Terminal;

pub(crate) fn run(args: &CrossvalArgs, output: Output) -> Result<ExitCode> {
    let mut terminal = Terminal::new(output);
    let crossval = Crossval::new(&settings(args), &mut terminal)?;
    let stop = stop_flag()?;
    if !crossval.train(&Processes, &stop, &mut terminal)? {
        output
            .note("interrupted; everything up to here is saved. The same command goes on with it.");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    nothing_left_to_save(&stop);
    let finished = crossval.judge(&mut terminal)?;
    let text = text(&finished) + &verdict_and_page(&finished.folder, &finished.report);
    output.result(&finished.record, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// What the command line asks for.
fn settings(args: &CrossvalArgs) -> CrossvalSettings {
    let mut settings = CrossvalSettings::new(&args.recipe.recipe, &args.data.data);
    settings.overrides.clone_from(&args.recipe.overrides);
    settings.init.clone_from(&args.init);
    settings.protocol.clone_from(&args.protocol.name);
    settings.out.clone_from(&args.out.folder);
    settings.replace = args.out.force;
    settings.jobs = args.pool.jobs.map(usize::from);
    settings.device = args.pool.device;
    settings.memory = args.pool.memory.said();
    settings
}

/// A line for each fold, their mean, and the figures of all comparisons.
fn text(finished: &FinishedCrossval) -> String {
    let percent = |value: f64| format!("{:.2} %", 100.0 * value);
    let one = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), percent);
    let head = ["fold", "EER", "AUC", "FMR", "FNMR", "accuracy", "threshold"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for record in &finished.folds {
        let figures = &record.figures;
        rows.push(vec![
            record.fold.to_string(),
            one(figures.eer),
            figures
                .auc
                .map_or_else(|| "-".to_owned(), |auc| format!("{auc:.4}")),
            one(figures.fmr),
            one(figures.fnmr),
            one(figures.accuracy),
            figures
                .threshold
                .map_or_else(|| "-".to_owned(), |threshold| format!("{threshold:.4}")),
        ]);
    }
    let Some(figures) = &finished.record.figures else {
        return table(&rows);
    };
    format!(
        "{}\nmean of the folds: EER {}, accuracy {}\n\n{}",
        table(&rows),
        Spread::show(figures.eer, percent),
        Spread::show(figures.accuracy, percent),
        figures.pooled.text()
    )
}
