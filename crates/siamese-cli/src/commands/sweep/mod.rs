//! `siamese sweep`: a recipe with values changed, each point cross-validated with several seeds.

mod crossvals;
mod figures;
mod inner;
mod inside;
mod points;
mod record;
mod scoring;
mod split;
mod table;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};
use pairgen::Protocol;
use serde::Serialize;
use siamese_lab::{Checksums, Data, read_recipe};
use siamese_model::{Device, Recipe};

use super::in_a_file_name;
use super::jobs::{Job, Pool};
use crate::args::SweepArgs;
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::output::{Output, table as text_table};
use crossvals::{Crossval, Tested};
use figures::PointFigures;
use points::{Point, UNCHANGED};
use record::Base;
use scoring::Scoring;
use table::{Above, LEGEND, Line};

/// A sweep as it was asked for, everything in it known to be possible.
struct Sweep<'a> {
    args: &'a SweepArgs,
    /// The recipe without a point's changes, on the protocol.
    recipe: Recipe,
    protocol: Protocol,
    points: Vec<Point>,
    seeds: Vec<u64>,
    data: Data,
    out: PathBuf,
    device: Device,
}

/// Jobs with the number of their group.
type Jobs = Vec<(usize, Job)>;

/// The jobs that must train, and those that train the same networks as one of these does.
fn apart(jobs: &[(usize, &Job)]) -> Result<(Jobs, Jobs)> {
    let (mut first, mut alike) = (Jobs::new(), Jobs::new());
    let mut places = BTreeMap::new();
    for &(group, job) in jobs {
        match places.entry(job.recipe()?.training().to_toml()?) {
            Entry::Vacant(place) => {
                place.insert(job);
                first.push((group, job.clone()));
            }
            Entry::Occupied(place) => alike.push((group, job.like(place.get()))),
        }
    }
    Ok((first, alike))
}

/// `sweep.json`.
#[derive(Debug, Serialize)]
struct SweepRecord {
    base: Base,
    data: String,
    seeds: Vec<u64>,
    folds: usize,
    /// What the figures are worth.
    note: &'static str,
    points: Vec<Line>,
}

const OPTIMISTIC: &str = "\
The points were compared on the test people: the best line was chosen on the people it is judged on, so its figure is \
optimistic. Choose with --inside, which looks at training people only, and state that figure.";

pub(crate) fn run(args: &SweepArgs, output: Output) -> Result<ExitCode> {
    let sweep = Sweep::new(args)?;
    match args.inside {
        true => inside::run(&sweep, output),
        false => sweep.run(output),
    }
}

impl<'a> Sweep<'a> {
    fn new(args: &'a SweepArgs) -> Result<Self> {
        let device = args.pool.device.resolve()?;
        let recipe = read_recipe(&args.recipe.recipe, &args.recipe.overrides)?;
        if recipe.fine_tune.is_some() {
            bail!(
                "the recipe has [fine_tune], so its trainings need a model to begin with, which siamese sweep does not give \
                 them: remove [fine_tune], or use siamese crossval --init"
            );
        }
        recipe.try_scripts(device)?;
        let name = args.protocol.name.as_ref().unwrap_or(&recipe.protocol.name);
        let protocol: Protocol = name.parse()?;
        if protocol.leaks_people() {
            bail!(
                "{protocol} has no folds of people: choose another with --protocol, such as k-fold:5 or subjects-8-fold"
            );
        }
        let points = points::points(args, &recipe)?;
        let data = Data::find(&args.data.data)?.within(args.pool.memory.said());
        let name = in_a_file_name(&protocol.to_string());
        let default = || PathBuf::from("runs").join(format!("sweep-{}-{name}", recipe.name));
        let out = args.out.folder.clone().unwrap_or_else(default);
        let seeds = (0..u64::from(args.seeds)).map(|i| recipe.seed.saturating_add(i));
        Ok(Self {
            args,
            seeds: seeds.collect(),
            recipe,
            protocol,
            points,
            data,
            out,
            device,
        })
    }

    fn base(&self) -> Result<Base> {
        Ok(Base {
            recipe: self.recipe.to_toml()?,
            protocol: self.protocol.to_string(),
        })
    }

    /// A point with a seed on all folds of a protocol.
    fn crossval(
        &self,
        point: &Point,
        name: String,
        seed: u64,
        protocol: &Protocol,
        folder: PathBuf,
    ) -> Result<Crossval> {
        let own = [format!("seed={seed}")];
        Crossval::new(
            name,
            &self.args.recipe.recipe,
            &[&self.args.recipe.overrides[..], &point.changes, &own].concat(),
            protocol,
            protocol.folds(&self.data.catalog, seed)?.len(),
            folder,
        )
    }

    /// Each point with each seed on the folds of the sweep's protocol, everything checked that can be before any
    /// training.
    fn prepared(&self) -> Result<Vec<Vec<Crossval>>> {
        if !self.args.out.force {
            self.base()?.check(&self.out)?;
        }
        let mut checksums = Checksums::new(&self.data);
        let mut of = |point: &Point, seed: u64| {
            let name = format!("point {}, seed {seed}", point.name);
            let folder = self.out.join(&point.folder).join(format!("s{seed}"));
            let mut crossval = self.crossval(point, name, seed, &self.protocol, folder)?;
            crossval.check(&self.data.catalog, &mut checksums, self.args.out.force)?;
            Ok(crossval)
        };
        let mut of_point = |point| self.seeds.iter().map(|&seed| of(point, seed)).collect();
        self.points.iter().map(&mut of_point).collect()
    }

    /// Trains what is not yet trained, jobs with the number of their group; `None` where it was asked to stop.
    fn train(
        &self,
        jobs: &[(usize, &Job)],
        what: &str,
        stop: &AtomicBool,
        output: Output,
    ) -> Result<Option<BTreeMap<usize, anyhow::Error>>> {
        let (jobs, alike) = apart(jobs)?;
        let pool = Pool::new(
            self.args.pool.jobs,
            jobs.len(),
            &self.args.data.data,
            self.data.memory(),
            self.device,
        );
        let without = match alike.len() {
            0 => String::new(),
            n => format!(", and {n} that take over the networks of another"),
        };
        output.note(&format!(
            "{}, {}: {what}, {}{without} into {}, {} at a time with {} each; an interrupted sweep goes on where it \
             stopped",
            self.recipe.name,
            self.protocol,
            counted(jobs.len(), "training"),
            self.out.display(),
            pool.side_by_side,
            counted(pool.threads, "thread")
        ));
        let mut failed = BTreeMap::new();
        for jobs in [jobs, alike] {
            let jobs: Vec<(usize, &Job)> = jobs.iter().map(|(group, job)| (*group, job)).collect();
            let Some(more) = pool.run_groups(&jobs, stop, output)? else {
                output.note(
                    "interrupted; everything up to here is saved. The same command goes on with it.",
                );
                return Ok(None);
            };
            for (group, error) in more {
                failed.entry(group).or_insert(error);
            }
        }
        Ok(Some(failed))
    }

    fn run(&self, output: Output) -> Result<ExitCode> {
        let points = self.prepared()?;
        self.base()?.mark(&self.out, record::SWEEP)?;
        points
            .iter()
            .flatten()
            .try_for_each(Crossval::forget_others)?;
        let mut jobs = Vec::new();
        // Every point with the first seed, then every point with the next.
        for seed in 0..self.seeds.len() {
            for (group, crossvals) in points.iter().enumerate() {
                crossvals[seed].make(&self.args.data.data)?;
                jobs.extend(crossvals[seed].jobs.iter().map(|job| (group, job)));
            }
        }
        let points_and_seeds = [
            counted(points.len(), "point"),
            counted(self.seeds.len(), "seed"),
        ];
        let what = points_and_seeds.join(" with ");
        let stop = stop_flag()?;
        let Some(failed) = self.train(&jobs, &what, &stop, output)? else {
            return Ok(ExitCode::from(INTERRUPTED));
        };
        nothing_left_to_save(&stop);
        siamese_model::set_threads(Some(super::default_threads()));
        let lines = self.lines(&points, &failed)?;
        self.conclude(lines, points[0][0].jobs.len(), output)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes and prints the table.
    fn conclude(&self, lines: Vec<Line>, folds: usize, output: Output) -> Result<()> {
        let people = lines.iter().find_map(|line| line.figures.as_ref());
        let title = format!(
            "{} on {}: {} with seeds {:?}, {}, {} people judged",
            self.recipe.name,
            self.protocol,
            counted(lines.len(), "point"),
            self.seeds,
            counted(folds, "fold"),
            people.map_or(0, |figures| figures.people)
        );
        let rows = table::rows(&lines);
        let note = if lines.len() > 1 { OPTIMISTIC } else { "" };
        let failures: Vec<String> = lines
            .iter()
            .filter_map(|line| {
                Some(format!(
                    "point {}: {}",
                    line.point.name,
                    line.failed.as_ref()?
                ))
            })
            .collect();
        self.write(
            record::SWEEP,
            &title,
            &table::markdown(&rows),
            note,
            &failures,
        )?;
        let document = SweepRecord {
            base: self.base()?,
            data: self.args.data.data.display().to_string(),
            seeds: self.seeds.clone(),
            folds,
            note,
            points: lines,
        };
        record::write(&self.out, record::SWEEP, &document)?;
        let text = self.text(record::SWEEP, &title, &text_table(&rows), note);
        output.result(&document, &text)?;
        give_up_on(failures.into_iter())
    }

    /// What is printed.
    fn text(&self, name: &str, title: &str, tables: &str, note: &str) -> String {
        let page = self.out.join(format!("{name}.md"));
        let mut parts = vec![title, tables.trim_end(), LEGEND];
        parts.extend((!note.is_empty()).then_some(note));
        format!("{}\n\ntable: {}", parts.join("\n\n"), page.display())
    }

    /// Writes the page of the same.
    fn write(
        &self,
        name: &str,
        title: &str,
        tables: &str,
        note: &str,
        failures: &[String],
    ) -> Result<()> {
        let mut text = format!("# {title}\n\n{tables}\n{LEGEND}\n");
        if !note.is_empty() {
            text.push_str(&format!("\n{note}\n"));
        }
        for failure in failures {
            text.push_str(&format!("\nFailed: {failure}\n"));
        }
        record::write_markdown(&self.out, name, &text)
    }

    /// Judges every point whose trainings are all there, and puts the lines in order.
    fn lines(
        &self,
        points: &[Vec<Crossval>],
        failed: &BTreeMap<usize, anyhow::Error>,
    ) -> Result<Vec<Line>> {
        let catalog = &self.data.catalog;
        let mut checksums = Checksums::new(&self.data);
        let mut read = |crossvals: &[Crossval]| -> Result<Vec<Vec<Tested>>> {
            let read = |one: &Crossval| one.read(catalog, &mut checksums);
            crossvals.iter().map(read).collect()
        };
        let seed = self.recipe.seed;
        let mut lines = Vec::new();
        for (group, (point, crossvals)) in self.points.iter().zip(points).enumerate() {
            let failed = failed.get(&group).map(|error| format!("{error:#}"));
            let figures = match failed {
                Some(_) => None,
                None => {
                    let tested = read(crossvals)?;
                    let scoring = Scoring::new(catalog, &tested)?;
                    Some(PointFigures::new(catalog, &tested, &scoring, seed))
                }
            };
            lines.push(Line {
                point: point.clone(),
                figures,
                above_first: None,
                failed,
            });
        }
        // Variants are set beside the recipe as it is, points of a grid beside the best.
        let variants = !self.args.variant.is_empty() || self.args.variants.is_some();
        table::sort(&mut lines, variants.then_some(UNCHANGED));
        // Read again rather than held: all comparisons of all points may be more than memory takes.
        let mut scoring = |line: &Line| -> Result<Option<Scoring>> {
            let Some(place) = self.points.iter().position(|point| *point == line.point) else {
                return Ok(None);
            };
            Ok(match line.figures {
                Some(_) => Some(Scoring::new(catalog, &read(&points[place])?)?),
                None => None,
            })
        };
        let (Some(first), true) = (lines.first(), lines.len() > 1) else {
            return Ok(lines);
        };
        let Some(first) = scoring(first)? else {
            return Ok(lines);
        };
        for line in &mut lines[1..] {
            let scoring = scoring(line)?;
            line.above_first = scoring.and_then(|scoring| Above::new(&scoring, &first, seed));
        }
        Ok(lines)
    }
}

/// `1 point`, `2 points`.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Fails where trainings did.
fn give_up_on(failures: impl Iterator<Item = String>) -> Result<()> {
    let failures: Vec<String> = failures.collect();
    if failures.is_empty() {
        return Ok(());
    }
    bail!(
        "these failed; everything else is saved, and the same command goes on once they are mended or left out:\n  {}",
        failures.join("\n  ")
    );
}
