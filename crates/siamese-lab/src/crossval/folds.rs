//! The trainings of a cross-validation, one for each fold.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use pairgen::Protocol;

use super::record::fold_name;
use crate::error::Error;
use crate::jobs::{Job, OnFailure, Pool, Queue, Runner};
use crate::watch::Watch;

/// The trainings of all folds, each into a folder of its own in `out`.
pub fn fold_jobs(
    recipe: &str,
    overrides: &[String],
    protocol: &Protocol,
    folds: usize,
    out: &Path,
) -> Vec<Job> {
    let of_fold = |fold: usize| {
        let own = [
            format!("protocol.name={protocol}"),
            format!("protocol.fold={fold}"),
        ];
        Job::new(recipe, out, &fold_name(fold), [overrides, &own].concat())
    };
    (0..folds).map(of_fold).collect()
}

/// Runs what is not yet done. `false` if it was asked to stop. The first failure ends all.
///
/// # Errors
/// Where a training fails.
pub fn run_all(
    jobs: &[Job],
    pool: &Pool,
    runner: &dyn Runner,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<bool, Error> {
    let jobs = jobs.iter().map(|job| (0, job)).collect();
    runner.run(pool, &mut Queue::new(jobs, OnFailure::EndAll, watch), stop)
}
