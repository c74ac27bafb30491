//! `siamese reproduce`: the classic recipe trained both ways, and its figure judged.

mod report;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use pairgen::Protocol;
use siamese_lab::{
    CrossvalRecord, Data, Job, Pool, ReportFiles, default_threads, fold_jobs, read_crossval,
    run_all,
};
use siamese_net::Recipe;

use crate::args::ReproduceArgs;
use crate::interrupt::{INTERRUPTED, stop_flag};
use crate::output::Output;
use crate::processes::Processes;
use crate::terminal::Terminal;
use report::Report;

/// The people-disjoint protocol that the recipe is judged by, and its folds.
const PROTOCOL: Protocol = Protocol::Subjects8Fold;
const FOLDS: usize = 8;

/// Pairs of each kind drawn where people are split: there are no test pairs to put aside, so three quarters of the
/// recipe's 10,000 give the same number of fitted pairs.
const PER_KIND: usize = 7_500;

pub(crate) fn run(args: &ReproduceArgs, output: Output) -> Result<ExitCode> {
    let start = Instant::now();
    let device = args.pool.device.resolve()?;
    // Before anything long begins: is the data there, and is it forty people?
    let data = Data::find(args.data.source())?.within(args.pool.memory.said());
    PROTOCOL.folds(&data.catalog, 0)?;

    let (out, seeds) = if args.quick {
        (args.out.join("quick"), 1)
    } else {
        (args.out.clone(), args.seeds)
    };
    let quick: &[String] = if args.quick {
        &["train.epochs=2".to_owned()]
    } else {
        &[]
    };
    let mut jobs = Vec::new();
    for reading in ["seed", "seed-literal"] {
        for seed in 0..seeds {
            let overrides = [&[format!("seed={seed}")], quick].concat();
            jobs.push(Job::new(
                reading,
                &out,
                &format!("{reading}-s{seed}"),
                overrides,
            ));
        }
    }
    let readings = jobs.len();
    let overrides = [&[format!("pairs.per_kind={PER_KIND}")], quick].concat();
    let unseen = out.join("unseen");
    jobs.extend(fold_jobs("seed", &overrides, &PROTOCOL, FOLDS, &unseen));
    let pool = Pool::new(
        args.pool.jobs.map(usize::from),
        jobs.len(),
        &data.source,
        data.memory(),
        device,
    );
    let (side_by_side, threads) = (pool.side_by_side, pool.threads);
    output.note(format_args!(
        "{} trainings into {}, {side_by_side} at a time with {threads} threads each; an interrupted run goes on where \
         it stopped",
        jobs.len(),
        out.display()
    ));

    let stop = stop_flag()?;
    let mut terminal = Terminal::new(output);
    if !run_all(&jobs, &pool, &Processes, &stop, &mut terminal)? {
        output.note(
            "interrupted; everything up to here is saved. Run the same command again to go on.",
        );
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let recipe = Recipe::builtin("seed", &overrides)?;
    let record = CrossvalRecord::new(&recipe, &PROTOCOL, FOLDS, &data.source.path);
    record.write(&unseen)?;
    siamese_lab::model::set_threads(Some(default_threads()));
    let judged = read_crossval(&unseen, &record, &data, device, &mut terminal)?;
    ReportFiles::of(&unseen).write(&judged.report)?;
    let (of_readings, of_folds) = jobs.split_at(readings);
    let report = Report::gather(of_readings, of_folds, &judged.report, args.quick)?;
    let figures = Some(judged.figures);
    CrossvalRecord { figures, ..record }.write(&unseen)?;
    report.write(&out)?;
    let text = format!(
        "{}\n{:.0} s; the report with everything behind it is {}, the picture is {}, and the judgement on unseen \
         people is {}",
        report.text(),
        start.elapsed().as_secs_f64(),
        out.join("report.md").display(),
        out.join("distances.png").display(),
        unseen.join("report.html").display()
    );
    output.result(&report, &text)?;
    Ok(ExitCode::SUCCESS)
}
