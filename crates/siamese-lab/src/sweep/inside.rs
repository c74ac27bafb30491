//! The choice of a point made inside the training people of each fold, and what that choice is worth on people that
//! had no part in it.
//!
//! Nested cross-validation: S. Varma and R. Simon, "Bias in error estimation when using cross-validation for model
//! selection", BMC Bioinformatics 7:91, 2006.

use std::sync::atomic::AtomicBool;

use siamese_model::set_threads;

use super::SweepEnd;
use super::crossvals::{JudgedRun, PointCrossval};
use super::documents::{Choice, InsideRecord};
use super::figures::PointFigures;
use super::inner::{Inner, InnerEer, inner_eers};
use super::outcome::{SweepDocument, SweepOutcome};
use super::plan::{Plan, give_up_on};
use super::points::Point;
use super::record;
use super::scoring::Scoring;
use super::table;
use crate::compute::default_threads;
use crate::data::Checksums;
use crate::error::{Result, SweepError, explain};
use crate::jobs::{Job, Progress, Runner};
use crate::run::FolderLock;
use crate::spread::Spread;
use crate::watch::Watch;

const HONEST: &str = "Each fold's point was chosen by cross-validation on its training subjects alone. Its test \
subjects had no part in the choice. This is the figure to state.";

const SCALES: &str = "Different points were chosen in different folds, and their distances may differ in scale. Then \
one threshold for all folds, which the pooled EER takes, does worse than each fold's own: see the mean over folds.";

/// A point chosen in a fold.
struct Chosen<'a> {
    inner: &'a Inner,
    /// The training on all of the fold's training people.
    job: &'a Job,
    point: &'a Point,
    eers: Vec<InnerEer>,
}

/// Every point with every seed, inside every fold and on all of it, all checked.
pub(super) struct Inside {
    outside: Vec<Vec<PointCrossval>>,
    inner: Vec<Inner>,
    crossvals: Vec<Vec<PointCrossval>>,
    /// Nobody else writes there meanwhile, but for other shards.
    _lock: FolderLock,
}

impl Inside {
    /// Checks everything, and makes the folder the sweep's.
    pub(super) fn new(sweep: &Plan) -> Result<Self> {
        if sweep.points.len() < 2 {
            return Err(SweepError::NothingToChoose.into());
        }
        if sweep.data.source.runs.is_some() {
            return Err(SweepError::Runs {
                protocol: sweep.protocol.to_string(),
            }
            .into());
        }
        if !sweep.settings.merge.is_empty() {
            return Err(SweepError::MergeInside.into());
        }
        let outside = sweep.prepared()?;
        let inner = Inner::all(sweep)?;
        let lock = sweep.lock()?;
        for fold in &inner {
            fold.write(&sweep.data.catalog, sweep.settings.replace)?;
        }
        let mut checksums = Checksums::new(&sweep.data);
        let crossvals: Vec<Vec<PointCrossval>> = inner
            .iter()
            .map(|fold| fold.crossvals(sweep, &mut checksums))
            .collect::<Result<_>>()?;
        sweep.base()?.mark(&sweep.out, record::INSIDE)?;
        outside
            .iter()
            .chain(&crossvals)
            .flatten()
            .try_for_each(PointCrossval::forget_others)?;
        Ok(Self {
            outside,
            inner,
            crossvals,
            _lock: lock,
        })
    }

    /// Whether each point is trained inside each fold, or takes its networks over from one that is.
    fn all_inside_trained(&self) -> Result<bool> {
        for job in self
            .crossvals
            .iter()
            .flatten()
            .flat_map(|crossval| &crossval.jobs)
        {
            if job.progress()? != Progress::Finished {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Trains, chooses and judges the choice. Nothing is chosen before all shards have trained what the choice rests on.
    pub(super) fn run(
        &self,
        sweep: &Plan,
        runner: &dyn Runner,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<SweepEnd> {
        if !train_inside(sweep, &self.crossvals, runner, stop, watch)? {
            return Ok(SweepEnd::Stopped);
        }
        if sweep.settings.shard.is_some() && !self.all_inside_trained()? {
            return Ok(SweepEnd::Shard { waits: true });
        }
        let mut checksums = Checksums::new(&sweep.data);
        let mut chosen = Vec::new();
        for (inner, crossvals) in self.inner.iter().zip(&self.crossvals) {
            let eers = inner_eers(sweep, crossvals, &mut checksums)?;
            // The first of those that are equal.
            let best = (0..eers.len())
                .min_by(|&a, &b| eers[a].eer.total_cmp(&eers[b].eer))
                .ok_or(SweepError::NothingToChoose)?;
            chosen.push(Chosen {
                inner,
                job: &self.outside[best][inner.seed].jobs[inner.fold],
                point: &sweep.points[best],
                eers,
            });
        }
        if !train_chosen(sweep, &chosen, runner, stop, watch)? {
            return Ok(SweepEnd::Stopped);
        }
        if sweep.settings.shard.is_some() {
            return Ok(SweepEnd::Shard { waits: false });
        }
        watch.all_saved();
        set_threads(Some(default_threads()));
        let outcome = outcome(sweep, judge(sweep, chosen, &mut checksums)?);
        outcome.write()?;
        Ok(SweepEnd::Judged(Box::new(outcome)))
    }
}

/// Trains every point inside every fold; `false` where it was asked to stop.
fn train_inside(
    sweep: &Plan,
    crossvals: &[Vec<PointCrossval>],
    runner: &dyn Runner,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<bool> {
    // A group for each point in each fold: what fails in one does not stop the others.
    let groups: Vec<&PointCrossval> = crossvals.iter().flatten().collect();
    let mut jobs = Vec::new();
    for (group, crossval) in groups.iter().enumerate() {
        crossval.make(&sweep.settings.data.path)?;
        jobs.extend(crossval.jobs.iter().map(|job| (group, job)));
    }
    let what = format!("{} points inside each fold", sweep.points.len());
    let Some(failed) = sweep.train(&jobs, &what, runner, stop, watch)? else {
        return Ok(false);
    };
    // A point that failed might be the best, so nothing is chosen without it.
    give_up_on(
        failed
            .iter()
            .map(|(&group, error)| format!("{}: {}", groups[group].name, explain(error))),
    )?;
    Ok(true)
}

/// Trains each fold's choice on all of its training people; `false` where it was asked to stop.
fn train_chosen(
    sweep: &Plan,
    chosen: &[Chosen<'_>],
    runner: &dyn Runner,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<bool> {
    let jobs: Vec<(usize, &Job)> = chosen.iter().map(|one| one.job).enumerate().collect();
    let Some(failed) = sweep.train(&jobs, "the chosen points", runner, stop, watch)? else {
        return Ok(false);
    };
    give_up_on(failed.iter().map(|(&group, error)| {
        let Chosen { inner, point, .. } = &chosen[group];
        let seed = sweep.seeds[inner.seed];
        format!(
            "point {}, seed {seed}, fold {}: {}",
            point.name,
            inner.fold,
            explain(error)
        )
    }))?;
    Ok(true)
}

/// The figures of what was chosen, on the people who had no part in it.
fn judge(
    sweep: &Plan,
    chosen: Vec<Chosen<'_>>,
    checksums: &mut Checksums<'_>,
) -> Result<InsideRecord> {
    let catalog = &sweep.data.catalog;
    let mut seeds: Vec<Vec<JudgedRun>> = sweep.seeds.iter().map(|_| Vec::new()).collect();
    let mut choices = Vec::new();
    for Chosen {
        inner,
        job,
        point,
        eers,
    } in chosen
    {
        let tested = JudgedRun::read(job, catalog, checksums)?;
        choices.push(Choice {
            seed: sweep.seeds[inner.seed],
            fold: inner.fold,
            chosen: point.name.clone(),
            eer: tested.record.figures.eer,
            inner: eers,
        });
        seeds[inner.seed].push(tested);
    }
    let scoring = Scoring::new(catalog, &seeds)?;
    let eers: Option<Vec<f64>> = choices.iter().map(|choice| choice.eer).collect();
    let agreed = choices.windows(2).all(|two| two[0].chosen == two[1].chosen);
    Ok(InsideRecord {
        base: sweep.base()?,
        data: sweep.settings.data.path.display().to_string(),
        seeds: sweep.seeds.clone(),
        inner_folds: sweep.settings.inner_folds,
        note: if agreed {
            HONEST.to_owned()
        } else {
            format!("{HONEST}\n{SCALES}")
        },
        points: sweep.points.clone(),
        figures: PointFigures::new(catalog, &seeds, &scoring, sweep.recipe.seed),
        eer_of_folds: eers.and_then(|eers| Spread::of(&eers)),
        choices,
    })
}

/// The tables and what goes with them.
fn outcome(sweep: &Plan, document: InsideRecord) -> SweepOutcome {
    let percent = |eer: f64| format!("{:.2}", 100.0 * eer);
    let head = [
        "seed",
        "fold",
        "chosen inside",
        "EER % inside",
        "EER % on test subjects",
    ];
    let mut choices = vec![head.map(str::to_owned).to_vec()];
    for choice in &document.choices {
        let inside = choice
            .inner
            .iter()
            .find(|inner| inner.point == choice.chosen);
        choices.push(vec![
            choice.seed.to_string(),
            choice.fold.to_string(),
            choice.chosen.clone(),
            inside.map_or_else(String::new, |inner| percent(inner.eer)),
            choice.eer.map_or_else(|| "-".to_owned(), percent),
        ]);
    }
    let mut pooled = table::head();
    pooled.push("mean EER % of a fold".to_owned());
    let mut cells = vec!["chosen inside".to_owned()];
    cells.extend(table::cells(Some(&document.figures)));
    cells.push(Spread::show(document.eer_of_folds, percent));
    let pooled = vec![pooled, cells];
    let title = format!(
        "{} on {}: one of {} points chosen inside each fold ({} folds of its training subjects), seeds {:?}, {} \
         subjects judged",
        sweep.recipe.name,
        sweep.protocol,
        sweep.points.len(),
        document.inner_folds,
        document.seeds,
        document.figures.people
    );
    SweepOutcome {
        title,
        tables: vec![choices, pooled],
        note: document.note.clone(),
        page: sweep.out.join(format!("{}.md", record::INSIDE)),
        failures: Vec::new(),
        document: SweepDocument::Inside(document),
    }
}
