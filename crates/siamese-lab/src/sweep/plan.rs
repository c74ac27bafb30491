//! A sweep as it was asked for, and the running of its trainings.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use pairgen::Protocol;
use siamese_model::{Device, try_programs};
use siamese_net::Recipe;

use super::crossvals::PointCrossval;
use super::points::{Point, points};
use super::record::Base;
use super::settings::SweepSettings;
use crate::data::{Checksums, Data};
use crate::duplicates::RepeatedPictures;
use crate::error::{Error, JobError, Result, SweepError, make_folder};
use crate::jobs::{Job, OnFailure, Pool, Queue, Runner, Shard, merge};
use crate::note::Note;
use crate::out::Work;
use crate::recipe_file::read_recipe;
use crate::run::{FolderLock, in_a_file_name};
use crate::watch::Watch;

/// A sweep as it was asked for, everything in it known to be possible.
pub(super) struct Plan {
    pub(super) settings: SweepSettings,
    /// The recipe without a point's changes, on the protocol.
    pub(super) recipe: Recipe,
    pub(super) protocol: Protocol,
    pub(super) points: Vec<Point>,
    pub(super) seeds: Vec<u64>,
    pub(super) data: Data,
    pub(super) out: PathBuf,
    device: Device,
}

/// Jobs with the number of their group.
type Jobs = Vec<(usize, Job)>;

/// The jobs that must train, and those that train the same networks as one of these does and can take them over. A shard has its
/// share of the first, and what takes over from these.
fn first_and_twins(jobs: &[(usize, &Job)], shard: Option<Shard>) -> Result<(Jobs, Jobs)> {
    let (mut first, mut twins) = (Jobs::new(), Jobs::new());
    let mut places = BTreeMap::new();
    for &(group, job) in jobs {
        let place = places.len();
        let (place, job, jobs) = match places.entry(job.recipe().training().to_toml()?) {
            Entry::Vacant(entry) => {
                entry.insert((place, job));
                (place, job.clone(), &mut first)
            }
            Entry::Occupied(entry) => {
                let &(place, same) = entry.get();
                (place, job.taking_networks_of(same), &mut twins)
            }
        };
        if shard.is_none_or(|shard| shard.takes(place)) {
            jobs.push((group, job));
        }
    }
    Ok((first, twins))
}

impl Plan {
    pub(super) fn new(settings: &SweepSettings) -> Result<Self> {
        let device = settings.device.resolve()?;
        let recipe = read_recipe(&settings.recipe, &settings.overrides)?;
        if recipe.fine_tune.is_some() {
            return Err(SweepError::FineTune.into());
        }
        try_programs(&recipe, device)?;
        let name = settings.protocol.as_ref();
        let protocol: Protocol = name.unwrap_or(&recipe.protocol.name).parse()?;
        if protocol.trains_on_everybody() {
            let protocol = protocol.to_string();
            return Err(JobError::NoFolds { protocol }.into());
        }
        let points = points(settings, &recipe)?;
        let name = in_a_file_name(&protocol.to_string());
        let default = || Path::new("runs").join(format!("sweep-{}-{name}", recipe.name));
        let out = settings.out.clone().unwrap_or_else(default);
        Work::Sweep.expect_place(&out)?;
        let data = Data::find(settings.data.clone().with_runs_of(&protocol.to_string())?)?
            .within(settings.memory);
        RepeatedPictures::check(&data, &recipe)?;
        let seeds = (0..u64::from(settings.seeds)).map(|i| recipe.seed.saturating_add(i));
        Ok(Self {
            settings: settings.clone(),
            seeds: seeds.collect(),
            recipe,
            protocol,
            points,
            data,
            out,
            device,
        })
    }

    pub(super) fn base(&self) -> Result<Base> {
        Ok(Base {
            recipe: self.recipe.to_toml()?,
            protocol: self.protocol.to_string(),
        })
    }

    /// Makes the folder, and keeps others from writing into it, but for other shards.
    pub(super) fn lock(&self) -> Result<FolderLock> {
        make_folder(&self.out)?;
        match self.settings.shard {
            Some(_) => FolderLock::to_share(&self.out),
            None => FolderLock::to_write(&self.out),
        }
    }

    /// A point with a seed on all folds of a protocol.
    pub(super) fn crossval(
        &self,
        point: &Point,
        name: String,
        seed: u64,
        protocol: &Protocol,
        folder: PathBuf,
    ) -> Result<PointCrossval> {
        let own = [format!("seed={seed}")];
        PointCrossval::new(
            name,
            &self.settings.recipe,
            &[&self.settings.overrides[..], &point.changes, &own].concat(),
            protocol,
            protocol.check(&self.data.catalog, seed)?,
            folder,
        )
    }

    /// Each point with each seed on the folds of the sweep's protocol, everything checked that can be before any
    /// training.
    pub(super) fn prepared(&self) -> Result<Vec<Vec<PointCrossval>>> {
        if !self.settings.replace {
            self.base()?.check(&self.out)?;
        }
        let mut checksums = Checksums::new(&self.data);
        let mut of = |point: &Point, seed: u64| {
            let name = format!("point {}, seed {seed}", point.name);
            let folder = self.out.join(&point.folder).join(format!("s{seed}"));
            let mut crossval = self.crossval(point, name, seed, &self.protocol, folder)?;
            crossval.check(&self.data.catalog, &mut checksums, self.settings.replace)?;
            Ok(crossval)
        };
        let mut of_point = |point| self.seeds.iter().map(|&seed| of(point, seed)).collect();
        self.points.iter().map(&mut of_point).collect()
    }

    /// Trains what is not yet trained, of its shard where it has one, jobs with the number of their group; `None` where it was
    /// asked to stop.
    pub(super) fn train(
        &self,
        jobs: &[(usize, &Job)],
        what: &str,
        runner: &dyn Runner,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<Option<BTreeMap<usize, Error>>> {
        if !self.settings.merge.is_empty() {
            let jobs = jobs.iter().map(|&(_, job)| job);
            merge(jobs, &self.out, &self.settings.merge, &self.data)?;
        }
        let (jobs, twins) = first_and_twins(jobs, self.settings.shard)?;
        let pool = Pool::new(
            self.settings.jobs,
            jobs.len(),
            &self.settings.data,
            self.data.memory(),
            self.device,
        );
        watch.note(&Note::Points {
            recipe: self.recipe.name.clone(),
            protocol: self.protocol.to_string(),
            what: what.to_owned(),
            trainings: jobs.len(),
            twins: twins.len(),
            out: self.out.clone(),
            side_by_side: pool.side_by_side,
            threads: pool.threads,
        });
        let mut failed = BTreeMap::new();
        for jobs in [jobs, twins] {
            let jobs = jobs.iter().map(|(group, job)| (*group, job)).collect();
            let mut queue = Queue::new(jobs, OnFailure::EndGroup, watch);
            if !runner.run(&pool, &mut queue, stop)? {
                return Ok(None);
            }
            for (group, error) in queue.into_failures() {
                failed.entry(group).or_insert(error);
            }
        }
        Ok(Some(failed))
    }
}

/// Fails where trainings did.
pub(super) fn give_up_on(failures: impl Iterator<Item = String>) -> Result<()> {
    let failures: Vec<String> = failures.collect();
    match failures.is_empty() {
        true => Ok(()),
        false => Err(SweepError::Failed { failures }.into()),
    }
}
