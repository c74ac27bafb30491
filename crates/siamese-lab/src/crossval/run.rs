//! A cross-validation from its checks to its report.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use pairgen::Protocol;
use siamese_model::{Device, set_threads, try_programs};
use siamese_net::Recipe;
use siamese_report::Report;

use super::checks::{expect_bases, expect_comparisons, of_fold, refuse_others};
use super::folds::{fold_jobs, run_all};
use super::judged::read_crossval;
use super::record::CrossvalRecord;
use super::settings::CrossvalSettings;
use crate::compute::default_threads;
use crate::data::Data;
use crate::duplicates::RepeatedPictures;
use crate::error::{Error, JobError, Result, Within, make_folder};
use crate::experiment::Experiment;
use crate::jobs::{Job, Pool, Runner, merge};
use crate::judge::{RunRecord, required};
use crate::note::Note;
use crate::out::Work;
use crate::recipe_file::read_recipe;
use crate::run::{FolderLock, ReportFiles, in_a_file_name};
use crate::watch::Watch;

/// A cross-validation whose folds are known to be possible.
pub struct Crossval {
    /// Of its shard, where it has one.
    jobs: Vec<Job>,
    record: CrossvalRecord,
    pool: Pool,
    data: Data,
    device: Device,
    out: PathBuf,
    /// Nobody else writes there meanwhile, but for other shards.
    _lock: FolderLock,
}

/// A cross-validation that is complete.
#[derive(Debug)]
#[non_exhaustive]
pub struct FinishedCrossval {
    /// What `crossval.json` holds, with the figures.
    pub record: CrossvalRecord,
    /// What each fold's `figures.json` holds.
    pub folds: Vec<RunRecord>,
    /// What `report.html` shows.
    pub report: Report,
    /// The folder that holds them.
    pub folder: PathBuf,
}

/// Trains a recipe on every fold and judges all folds together, with a report; `None` where `stop` was set meanwhile (the same
/// call goes on with what was done), and where only a shard was asked for.
///
/// # Errors
/// Where the recipe, the images or the folder do not allow it, or a training fails.
pub fn crossval(
    settings: &CrossvalSettings,
    runner: &dyn Runner,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<Option<FinishedCrossval>, Error> {
    let crossval = Crossval::new(settings, watch)?;
    match crossval.train(runner, stop, watch)? {
        true if settings.shard.is_none() => crossval.judge(watch).map(Some),
        _ => Ok(None),
    }
}

impl Crossval {
    /// Checks every fold, and makes the folder.
    ///
    /// # Errors
    /// Where a fold cannot be drawn of these images, or the folder holds something else.
    pub fn new(settings: &CrossvalSettings, watch: &mut dyn Watch) -> Result<Self, Error> {
        let device = settings.device.resolve()?;
        let recipe = read_recipe(&settings.recipe, &settings.overrides)?;
        let name = settings.protocol.as_ref();
        let protocol: Protocol = name.unwrap_or(&recipe.protocol.name).parse()?;
        if protocol.trains_on_everybody() {
            let protocol = protocol.to_string();
            return Err(JobError::NoFolds { protocol }.into());
        }
        let out = match &settings.out {
            Some(out) => out.clone(),
            None => default_folder(&recipe, &protocol),
        };
        Work::Crossval.expect_place(&out)?;
        // Before anything long begins: can each fold be drawn of this data?
        let data = Data::find(settings.data.clone().with_runs_of(&protocol.to_string())?)?
            .within(settings.memory);
        let folds = protocol.check(&data.catalog, recipe.seed)?;
        let mut jobs = fold_jobs(
            &settings.recipe,
            &settings.overrides,
            &protocol,
            folds,
            &out,
        )?;
        for (fold, job) in jobs.iter_mut().enumerate() {
            let init = settings.init.as_deref().map(|path| of_fold(path, fold));
            job.init = init.transpose()?;
        }
        let experiment = |(fold, job): (usize, &Job)| {
            Experiment::new(job.recipe(), &data.catalog).within(|| format!("fold {fold}"))
        };
        let experiments = jobs.iter().enumerate().map(experiment);
        let experiments = experiments.collect::<Result<Vec<_>>>()?;
        expect_comparisons(&protocol, &experiments)?;
        try_programs(&recipe, device)?;
        RepeatedPictures::check(&data, &recipe)?;
        expect_bases(&jobs, &experiments, &data, watch)?;
        make_folder(&out)?;
        let lock = match settings.shard {
            Some(_) => FolderLock::to_share(&out)?,
            None => FolderLock::to_write(&out)?,
        };
        if settings.replace {
            jobs.iter().try_for_each(Job::forget)?;
        }
        refuse_others(&jobs, &experiments, &data)?;
        let mut record = CrossvalRecord::new(&recipe, &protocol, folds, &settings.data.path);
        record.required = required(settings.required, &recipe);
        record.enrol = settings.enrol;
        record.episodes = settings.episodes;
        match settings.shard {
            // It judges nothing, so that figures which are there stay, whatever they were asked for with.
            Some(_) => record.write_unless_of_the_same(&out)?,
            None => record.write_unless_there(&out)?,
        }
        if !settings.merge.is_empty() {
            merge(&jobs, &out, &settings.merge, &data)?;
        }
        if let Some(shard) = settings.shard {
            let mut places = 0..;
            jobs.retain(|_| places.next().is_some_and(|fold| shard.takes(fold)));
        }
        jobs.iter_mut().try_for_each(Job::keep_init)?;
        let trainings = jobs.len();
        let pool = Pool::new(
            settings.jobs,
            trainings,
            &settings.data,
            data.memory(),
            device,
        );
        let said = data.said().into_iter();
        said.for_each(|said| watch.note(&Note::OfData(said)));
        watch.note(&Note::Folds {
            recipe: recipe.name,
            protocol: record.protocol.clone(),
            folds: trainings,
            out: out.clone(),
            side_by_side: pool.side_by_side,
            threads: pool.threads,
        });
        Ok(Self {
            jobs,
            record,
            pool,
            data,
            device,
            out,
            _lock: lock,
        })
    }

    /// The folder of the trainings and the report.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.out
    }

    /// Trains what is not trained yet, of its shard where it has one; `false` where `stop` was set meanwhile. The first failure
    /// ends all.
    ///
    /// # Errors
    /// Where a training fails.
    pub fn train(
        &self,
        runner: &dyn Runner,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<bool, Error> {
        run_all(&self.jobs, &self.pool, runner, stop, watch)
    }

    /// Judges all folds together, and writes the report and the record.
    ///
    /// # Errors
    /// Where a fold is not trained, or something cannot be written.
    pub fn judge(self, watch: &mut dyn Watch) -> Result<FinishedCrossval, Error> {
        watch.note(&Note::Judging);
        set_threads(Some(default_threads()));
        let judged = read_crossval(&self.out, &self.record, &self.data, self.device, watch)?;
        ReportFiles::of(&self.out).write(&judged.report)?;
        let record = CrossvalRecord {
            figures: Some(judged.figures),
            ..self.record
        };
        record.write(&self.out)?;
        Ok(FinishedCrossval {
            record,
            folds: judged.records,
            report: judged.report,
            folder: self.out,
        })
    }
}

fn default_folder(recipe: &Recipe, protocol: &Protocol) -> PathBuf {
    let protocol = in_a_file_name(&protocol.to_string());
    PathBuf::from("runs").join(format!("{}-{protocol}-s{}", recipe.name, recipe.seed))
}
