//! The trainings of a cross-validation, one for each fold.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use pairgen::Protocol;

use super::record::fold_name;
use crate::error::Error;
use crate::jobs::{Job, OnFailure, Pool, Queue, Runner};
use crate::recipe_file::read_recipe;
use crate::watch::Watch;

/// The trainings of all folds, each into a folder of its own in `out`, with the recipe and the list as they are now.
///
/// # Errors
/// Where the recipe or the list cannot be read.
pub fn fold_jobs(
    recipe: &str,
    overrides: &[String],
    protocol: &Protocol,
    folds: usize,
    out: &Path,
) -> Result<Vec<Job>, Error> {
    let of_fold = |fold: usize| {
        let own = [
            format!("protocol.name={protocol}"),
            format!("protocol.fold={fold}"),
        ];
        let recipe = read_recipe(recipe, &[overrides, &own].concat())?;
        Job::new(recipe, out.join(fold_name(fold)))
    };
    (0..folds).map(of_fold).collect()
}

/// Runs what is not yet done. `false` if it was asked to stop. The first failure ends all.
///
/// # Errors
/// Where a training fails.
pub fn run_all<'a>(
    jobs: impl IntoIterator<Item = &'a Job>,
    pool: &Pool,
    runner: &dyn Runner,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<bool, Error> {
    let jobs = jobs.into_iter().map(|job| (0, job)).collect();
    runner.run(pool, &mut Queue::new(jobs, OnFailure::EndAll, watch), stop)
}
