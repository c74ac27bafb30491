//! `siamese reproduce`: the classic recipe trained both ways, and its figure judged.

mod report;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use siamese_model::Device;

use super::default_threads;
use super::jobs::{Job, run_all};
use crate::args::ReproduceArgs;
use crate::data::Data;
use crate::interrupt::{INTERRUPTED, stop_flag};
use crate::output::Output;
use report::Report;

/// Folds of the people-disjoint protocol that the recipe is judged by.
const FOLDS: usize = 8;

/// Pairs of each kind drawn where people are split: there are no test pairs to put aside, so three quarters of the
/// recipe's 10,000 give the same number of fitted pairs.
const PER_KIND: usize = 7_500;

pub(crate) fn run(args: &ReproduceArgs, output: Output) -> Result<ExitCode> {
    let start = Instant::now();
    let device = args.device.resolve()?;
    // Before anything long begins: is the data there, and is it forty people?
    let data = Data::find(&args.data.data)?;
    pairgen::Protocol::Subjects8Fold.folds(&data.catalog, 0)?;

    let cores = default_threads();
    let side_by_side = match (args.jobs, device) {
        (Some(jobs), _) => usize::from(jobs),
        (None, Device::Cpu) => cores,
        (None, _) => 1,
    };
    let threads = (cores / side_by_side).max(1);
    let (out, seeds) = if args.quick {
        (args.out.join("quick"), 1)
    } else {
        (args.out.clone(), args.seeds)
    };
    let mut jobs = Vec::new();
    for reading in ["seed", "seed-literal"] {
        for seed in 0..seeds {
            jobs.push(Job::new(
                reading,
                &out,
                &format!("{reading}-s{seed}"),
                vec![format!("seed={seed}")],
            ));
        }
    }
    for fold in 0..FOLDS {
        let overrides = vec![
            "protocol.name=subjects-8-fold".to_owned(),
            format!("protocol.fold={fold}"),
            format!("pairs.per_kind={PER_KIND}"),
        ];
        jobs.push(Job::new("seed", &out, &format!("unseen-{fold}"), overrides));
    }
    if args.quick {
        for job in &mut jobs {
            job.overrides.push("train.epochs=2".to_owned());
        }
    }
    output.note(&format!(
        "{} trainings into {}, {side_by_side} at a time with {threads} threads each; an interrupted run goes on where \
         it stopped",
        jobs.len(),
        out.display()
    ));

    let stop = stop_flag()?;
    let common = [
        "--no-report".into(),
        "--data".into(),
        args.data.data.clone().into_os_string(),
        "--device".into(),
        siamese_model::device_name(device).into(),
        "--threads".into(),
        threads.to_string().into(),
    ];
    if !run_all(&jobs, &common, side_by_side, &stop, output)? {
        output
            .note("interrupted; everything up to here is saved. The same command goes on with it.");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let report = Report::gather(&jobs, args.quick)?;
    report.write(&out)?;
    let text = format!(
        "{}\n{:.0} s; the report with all that is behind it is {}, the picture {}",
        report.text(),
        start.elapsed().as_secs_f64(),
        out.join("report.md").display(),
        out.join("distances.png").display()
    );
    output.result(&report, &text)?;
    Ok(ExitCode::SUCCESS)
}
