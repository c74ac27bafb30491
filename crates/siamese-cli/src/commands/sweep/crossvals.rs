//! The cross-validation of one point with one seed: its trainings before they run, and what came of them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use pairgen::{Catalog, PairKind, Protocol};
use siamese_lab::{Checksums, Experiment, TestPairs, read_distances, read_recipe};
use siamese_model::Recipe;

use super::super::crossval::{self, CrossvalRecord};
use super::super::held::held_instead;
use super::super::jobs::Job;
use crate::judge::Scored;
use crate::run_record::RunRecord;

/// The trainings of one point with one seed, one for each fold.
pub(super) struct Crossval {
    /// In messages.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) jobs: Vec<Job>,
    recipe: Recipe,
    protocol: Protocol,
    /// Folds whose folders hold something else.
    others: Vec<usize>,
}

impl Crossval {
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
            jobs: crossval::jobs(recipe, overrides, protocol, folds, &folder),
            recipe: read_recipe(recipe, overrides)?,
            protocol: protocol.clone(),
            folder,
            others: Vec::new(),
        })
    }

    /// Fails where a training would: on folds that cannot be drawn of these people, or a folder that holds something
    /// else, unless that is to be replaced. Touches nothing.
    pub(super) fn check(
        &mut self,
        catalog: &Catalog,
        checksums: &mut Checksums<'_>,
        force: bool,
    ) -> Result<()> {
        let mut comparisons = [0, 0];
        for (fold, job) in self.jobs.iter().enumerate() {
            let experiment = Experiment::new(&job.recipe()?, catalog)
                .with_context(|| format!("{}, fold {fold}", self.name))?;
            match held_instead(job, &experiment, checksums)? {
                Some(_) if force => self.others.push(fold),
                Some(what) => bail!(
                    "{} holds a training {what}: choose another --out, or replace it with --force",
                    job.folder.display()
                ),
                // Of which people and images it is shows only when it goes on.
                None if force && job.is_unfinished()? => self.others.push(fold),
                None => {}
            }
            let kinds = [PairKind::Genuine, PairKind::Impostor];
            for (count, kind) in comparisons.iter_mut().zip(kinds) {
                *count += experiment.test.count(kind);
            }
        }
        if comparisons.contains(&0) {
            let [genuine, impostor] = comparisons;
            bail!(
                "{}: there would be {genuine} genuine and {impostor} impostor comparisons in all folds together, and an \
                 EER needs both: choose folds with more people, or people with more images",
                self.name
            );
        }
        Ok(())
    }

    /// Takes what is to be replaced for nothing.
    pub(super) fn forget_others(&self) -> Result<()> {
        self.others
            .iter()
            .try_for_each(|&fold| self.jobs[fold].forget())
    }

    /// Makes its folder one that `siamese report` can judge once all folds are trained.
    pub(super) fn make(&self, data: &Path) -> Result<()> {
        let folder = &self.folder;
        fs::create_dir_all(folder).with_context(|| {
            format!(
                "cannot make the folder {}: choose another with --out",
                folder.display()
            )
        })?;
        CrossvalRecord::new(&self.recipe, &self.protocol, self.jobs.len(), data).write(folder)
    }

    /// Reads its trainings, all of them finished.
    pub(super) fn read(
        &self,
        catalog: &Catalog,
        checksums: &mut Checksums<'_>,
    ) -> Result<Vec<Tested>> {
        self.jobs
            .iter()
            .map(|job| Tested::read(job, catalog, checksums))
            .collect()
    }
}

/// A finished training as it was judged.
pub(super) struct Tested {
    pub(super) record: RunRecord,
    test: TestPairs,
    /// One for each comparison.
    distances: Vec<f32>,
}

impl Tested {
    /// Reads a training back, by the distances that it wrote.
    pub(super) fn read(
        job: &Job,
        catalog: &Catalog,
        checksums: &mut Checksums<'_>,
    ) -> Result<Self> {
        let place = job.folder.display();
        let record = RunRecord::read(&job.folder)?;
        let experiment = Experiment::new(&job.recipe()?, catalog)?;
        if let Some(what) = held_instead(job, &experiment, checksums)? {
            bail!(
                "{place} holds a training {what}: it was replaced, or the data were, while the sweep went on"
            );
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
