//! The cross-validation of one point with one seed: its trainings before they run, and what came of them.

use std::path::{Path, PathBuf};

use pairgen::{Catalog, PairKind, Protocol};
use siamese_net::Recipe;

use crate::crossval::{CrossvalRecord, fold_jobs};
use crate::data::Checksums;
use crate::error::{JobError, Result, SweepError, Within, make_folder};
use crate::experiment::{Experiment, TestPairs};
use crate::jobs::{Job, Progress, other_training};
use crate::judge::{RunRecord, Scored};
use crate::out::Work;
use crate::recipe_file::read_recipe;
use crate::run::read_distances;

/// The trainings of one point with one seed, one for each fold.
pub(super) struct PointCrossval {
    /// In messages.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) jobs: Vec<Job>,
    recipe: Recipe,
    protocol: Protocol,
    /// Folds whose folders hold something else.
    others: Vec<usize>,
}

impl PointCrossval {
    /// Of a recipe with these overrides on all folds of a protocol.
    pub(super) fn new(
        name: String,
        recipe: &str,
        overrides: &[String],
        protocol: &Protocol,
        folds: usize,
        folder: PathBuf,
    ) -> Result<Self> {
        Ok(Self {
            name,
            jobs: fold_jobs(recipe, overrides, protocol, folds, &folder)?,
            recipe: read_recipe(recipe, overrides)?,
            protocol: protocol.clone(),
            folder,
            others: Vec::new(),
        })
    }

    /// Fails where a training would: if folds cannot be drawn from these people, or if a folder holds something else
    /// that is not to be replaced. Changes nothing.
    pub(super) fn check(
        &mut self,
        catalog: &Catalog,
        checksums: &mut Checksums<'_>,
        force: bool,
    ) -> Result<()> {
        Work::Crossval.expect_place(&self.folder)?;
        let mut comparisons = [0, 0];
        for (fold, job) in self.jobs.iter().enumerate() {
            let experiment = Experiment::new(job.recipe(), catalog)
                .within(|| format!("{}, fold {fold}", self.name))?;
            match other_training(job, &experiment, checksums)? {
                Some(_) if force => self.others.push(fold),
                Some(other) => {
                    return Err(JobError::Other {
                        folder: job.folder.clone(),
                        other,
                    }
                    .into());
                }
                // Of which people and images it is shows only when it goes on.
                None if force && job.progress()? == Progress::Begun => self.others.push(fold),
                None => {}
            }
            let kinds = [PairKind::Genuine, PairKind::Impostor];
            for (count, kind) in comparisons.iter_mut().zip(kinds) {
                *count += experiment.test.count(kind);
            }
        }
        if comparisons.contains(&0) {
            let [genuine, impostor] = comparisons;
            return Err(SweepError::NothingToCompare {
                name: self.name.clone(),
                genuine,
                impostor,
            }
            .into());
        }
        Ok(())
    }

    /// Treats what is to be replaced as if it were not there.
    pub(super) fn forget_others(&self) -> Result<()> {
        self.others
            .iter()
            .try_for_each(|&fold| self.jobs[fold].forget())
    }

    /// Makes its folder one that `siamese report` can judge once all folds are trained.
    pub(super) fn make(&self, data: &Path) -> Result<()> {
        let folder = &self.folder;
        make_folder(folder)?;
        CrossvalRecord::new(&self.recipe, &self.protocol, self.jobs.len(), data).write(folder)
    }

    /// Reads its trainings, all of them finished.
    pub(super) fn read(
        &self,
        catalog: &Catalog,
        checksums: &mut Checksums<'_>,
    ) -> Result<Vec<JudgedRun>> {
        self.jobs
            .iter()
            .map(|job| JudgedRun::read(job, catalog, checksums))
            .collect()
    }
}

/// A finished training as it was judged.
pub(super) struct JudgedRun {
    pub(super) record: RunRecord,
    test: TestPairs,
    /// One for each comparison.
    distances: Vec<f32>,
}

impl JudgedRun {
    /// Reads a training back, by the distances that it wrote.
    pub(super) fn read(
        job: &Job,
        catalog: &Catalog,
        checksums: &mut Checksums<'_>,
    ) -> Result<Self> {
        let record = RunRecord::read(&job.folder)?;
        let experiment = job.judged_experiment(catalog)?;
        if let Some(other) = other_training(job, &experiment, checksums)? {
            return Err(JobError::Replaced {
                folder: job.folder.clone(),
                other,
            }
            .into());
        }
        let test = experiment.test;
        let found = read_distances(&job.folder.join("scores.csv"), catalog, &test.pairs)?;
        let distances = test.combine(found);
        Ok(Self {
            record,
            test,
            distances,
        })
    }

    pub(super) fn scored(&self) -> Scored<'_> {
        Scored {
            test: &self.test,
            distances: &self.distances,
            threshold: self.record.figures.threshold.unwrap_or_default(),
        }
    }
}
