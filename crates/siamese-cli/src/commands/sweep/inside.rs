//! The choice of a point made inside the training people of each fold, and what that choice is worth on people that
//! had no part in it.
//!
//! Nested cross-validation: S. Varma and R. Simon, "Bias in error estimation when using cross-validation for model
//! selection", BMC Bioinformatics 7:91, 2006.

use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::super::jobs::Job;
use super::crossvals::{Crossval, Tested};
use super::figures::PointFigures;
use super::inner::{Inner, InnerEer, inner_eers};
use super::points::Point;
use super::record::{self, Base};
use super::scoring::Scoring;
use super::table;
use super::{Sweep, give_up_on};
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::output::{Output, table as text_table};
use siamese_lab::{Checksums, Spread};

const HONEST: &str = "\
Each fold's point was chosen by cross-validation inside its training people; its test people had no part in the choice. \
This is the figure to state.";

const SCALES: &str = "\
Different points were chosen in different folds. Their distances may differ in scale, and then one threshold over all \
folds, as the pooled EER has it, does worse than each fold's own: see the mean over folds.";

/// `inside.json`.
#[derive(Debug, Serialize)]
struct InsideRecord {
    base: Base,
    data: String,
    seeds: Vec<u64>,
    inner_folds: u16,
    /// What the figures are worth.
    note: String,
    points: Vec<Point>,
    /// Of the chosen points on the test people of all folds.
    figures: PointFigures,
    /// Over folds and seeds, of the EER on a fold's test people.
    eer_of_folds: Option<Spread>,
    choices: Vec<Choice>,
}

/// What was chosen inside one fold's training people.
#[derive(Debug, Serialize)]
struct Choice {
    seed: u64,
    fold: usize,
    chosen: String,
    /// On the fold's test people.
    eer: Option<f64>,
    /// Every point's.
    inner: Vec<InnerEer>,
}

/// A point chosen in a fold.
struct Chosen<'a> {
    inner: &'a Inner,
    /// The training on all of the fold's training people.
    job: &'a Job,
    point: &'a Point,
    eers: Vec<InnerEer>,
}

pub(super) fn run(sweep: &Sweep<'_>, output: Output) -> Result<ExitCode> {
    if sweep.points.len() < 2 {
        bail!("--inside chooses among points: give at least two with --grid or --variant");
    }
    let outside = sweep.prepared()?;
    let inner = Inner::all(sweep)?;
    for fold in &inner {
        fold.write(&sweep.data.catalog, sweep.args.out.force)?;
    }
    let mut checksums = Checksums::new(&sweep.data);
    let crossvals: Vec<Vec<Crossval>> = inner
        .iter()
        .map(|fold| fold.crossvals(sweep, &mut checksums))
        .collect::<Result<_>>()?;
    sweep.base()?.mark(&sweep.out, record::INSIDE)?;
    outside
        .iter()
        .chain(&crossvals)
        .flatten()
        .try_for_each(Crossval::forget_others)?;

    let stop = stop_flag()?;
    if !train_inside(sweep, &crossvals, &stop, output)? {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let mut checksums = Checksums::new(&sweep.data);
    let mut chosen = Vec::new();
    for (inner, crossvals) in inner.iter().zip(&crossvals) {
        let eers = inner_eers(sweep, crossvals, &mut checksums)?;
        // The first of those that are equal.
        let best = (0..eers.len())
            .min_by(|&a, &b| eers[a].eer.total_cmp(&eers[b].eer))
            .context("there is no point to choose")?;
        chosen.push(Chosen {
            inner,
            job: &outside[best][inner.seed].jobs[inner.fold],
            point: &sweep.points[best],
            eers,
        });
    }
    if !train_chosen(sweep, &chosen, &stop, output)? {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    nothing_left_to_save(&stop);
    siamese_model::set_threads(Some(super::super::default_threads()));
    let document = judge(sweep, chosen, &mut checksums)?;
    conclude(sweep, &document, output)?;
    Ok(ExitCode::SUCCESS)
}

/// Trains every point inside every fold; `false` where it was asked to stop.
fn train_inside(
    sweep: &Sweep<'_>,
    crossvals: &[Vec<Crossval>],
    stop: &AtomicBool,
    output: Output,
) -> Result<bool> {
    // A group for each point in each fold: what fails in one does not stop the others.
    let groups: Vec<&Crossval> = crossvals.iter().flatten().collect();
    let mut jobs = Vec::new();
    for (group, crossval) in groups.iter().enumerate() {
        crossval.make(&sweep.args.data.data)?;
        jobs.extend(crossval.jobs.iter().map(|job| (group, job)));
    }
    let what = format!("{} points inside each fold", sweep.points.len());
    let Some(failed) = sweep.train(&jobs, &what, stop, output)? else {
        return Ok(false);
    };
    // A point that failed may be the best: nothing is chosen without it.
    give_up_on(
        failed
            .iter()
            .map(|(&group, error)| format!("{}: {error:#}", groups[group].name)),
    )?;
    Ok(true)
}

/// Trains each fold's choice on all of its training people; `false` where it was asked to stop.
fn train_chosen(
    sweep: &Sweep<'_>,
    chosen: &[Chosen<'_>],
    stop: &AtomicBool,
    output: Output,
) -> Result<bool> {
    let jobs: Vec<(usize, &Job)> = chosen.iter().map(|one| one.job).enumerate().collect();
    let Some(failed) = sweep.train(&jobs, "the chosen points", stop, output)? else {
        return Ok(false);
    };
    give_up_on(failed.iter().map(|(&group, error)| {
        let Chosen { inner, point, .. } = &chosen[group];
        let seed = sweep.seeds[inner.seed];
        format!(
            "point {}, seed {seed}, fold {}: {error:#}",
            point.name, inner.fold
        )
    }))?;
    Ok(true)
}

/// The figures of what was chosen, on the people who had no part in it.
fn judge(
    sweep: &Sweep<'_>,
    chosen: Vec<Chosen<'_>>,
    checksums: &mut Checksums<'_>,
) -> Result<InsideRecord> {
    let catalog = &sweep.data.catalog;
    let mut seeds: Vec<Vec<Tested>> = sweep.seeds.iter().map(|_| Vec::new()).collect();
    let mut choices = Vec::new();
    for Chosen {
        inner,
        job,
        point,
        eers,
    } in chosen
    {
        let tested = Tested::read(job, catalog, checksums)?;
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
        data: sweep.args.data.data.display().to_string(),
        seeds: sweep.seeds.clone(),
        inner_folds: sweep.args.inner_folds,
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

/// Writes and prints it.
fn conclude(sweep: &Sweep<'_>, document: &InsideRecord, output: Output) -> Result<()> {
    let percent = |eer: f64| format!("{:.2}", 100.0 * eer);
    let head = [
        "seed",
        "fold",
        "chosen inside",
        "EER % inside",
        "EER % on test people",
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
        "{} on {}: one of {} points chosen inside each fold ({} folds of its training people), seeds {:?}, {} people \
         judged",
        sweep.recipe.name,
        sweep.protocol,
        sweep.points.len(),
        document.inner_folds,
        document.seeds,
        document.figures.people
    );
    let body = format!(
        "{}\n{}",
        table::markdown(&choices),
        table::markdown(&pooled)
    );
    sweep.write(record::INSIDE, &title, &body, &document.note, &[])?;
    record::write(&sweep.out, record::INSIDE, document)?;
    let tables = format!("{}\n{}", text_table(&choices), text_table(&pooled));
    output.result(
        document,
        &sweep.text(record::INSIDE, &title, &tables, &document.note),
    )
}
