//! Points compared on the test subjects.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use siamese_model::set_threads;

use super::crossvals::{JudgedRun, PointCrossval};
use super::documents::SweepRecord;
use super::figures::PointFigures;
use super::outcome::{SweepDocument, SweepOutcome};
use super::plan::{Plan, give_up_on};
use super::points::UNCHANGED;
use super::record;
use super::scoring::Scoring;
use super::table::{self, Above, Line};
use crate::compute::default_threads;
use crate::data::Checksums;
use crate::error::{Error, Result, explain};
use crate::jobs::Runner;
use crate::note::counted;
use crate::watch::Watch;

const OPTIMISTIC: &str = "The points were compared on the test subjects. The best line was chosen on the subjects it \
is judged on, so its figure is optimistic. Choose with --inside, which looks at training subjects only, and state that \
figure.";

/// Every point with every seed, all checked.
pub(super) struct Comparison {
    points: Vec<Vec<PointCrossval>>,
}

impl Comparison {
    /// Checks everything, and makes the folder the sweep's.
    pub(super) fn new(sweep: &Plan) -> Result<Self> {
        let points = sweep.prepared()?;
        sweep.base()?.mark(&sweep.out, record::SWEEP)?;
        points
            .iter()
            .flatten()
            .try_for_each(PointCrossval::forget_others)?;
        Ok(Self { points })
    }

    /// Trains what is not trained, and sets the points beside each other; `None` where it was asked to stop, or for a shard.
    pub(super) fn run(
        &self,
        sweep: &Plan,
        runner: &dyn Runner,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<Option<SweepOutcome>> {
        let points = &self.points;
        let mut jobs = Vec::new();
        // Every point with the first seed, then every point with the next.
        for seed in 0..sweep.seeds.len() {
            for (group, crossvals) in points.iter().enumerate() {
                crossvals[seed].make(&sweep.settings.data.path)?;
                jobs.extend(crossvals[seed].jobs.iter().map(|job| (group, job)));
            }
        }
        let points_and_seeds = [
            counted(points.len(), "point"),
            counted(sweep.seeds.len(), "seed"),
        ];
        let what = points_and_seeds.join(" with ");
        let Some(failed) = sweep.train(&jobs, &what, runner, stop, watch)? else {
            return Ok(None);
        };
        if sweep.settings.shard.is_some() {
            give_up_on(failed.values().map(|error| explain(error)))?;
            return Ok(None);
        }
        watch.all_saved();
        set_threads(Some(default_threads()));
        let lines = lines(sweep, points, &failed)?;
        let outcome = outcome(sweep, lines, points[0][0].jobs.len())?;
        outcome.write()?;
        Ok(Some(outcome))
    }
}

/// The table and what goes with it.
fn outcome(sweep: &Plan, lines: Vec<Line>, folds: usize) -> Result<SweepOutcome> {
    let judged = lines.iter().find_map(|line| line.figures.as_ref());
    let title = format!(
        "{} on {}: {} with seeds {:?}, {}, {} subjects judged",
        sweep.recipe.name,
        sweep.protocol,
        counted(lines.len(), "point"),
        sweep.seeds,
        counted(folds, "fold"),
        judged.map_or(0, |figures| figures.people)
    );
    let failure = |line: &Line| {
        let why = line.failed.as_ref()?;
        Some(format!("point {}: {why}", line.point.name))
    };
    let note = if lines.len() > 1 { OPTIMISTIC } else { "" };
    Ok(SweepOutcome {
        title,
        tables: vec![table::rows(&lines)],
        note: note.to_owned(),
        page: sweep.out.join(format!("{}.md", record::SWEEP)),
        failures: lines.iter().filter_map(failure).collect(),
        document: SweepDocument::Compared(SweepRecord {
            base: sweep.base()?,
            data: sweep.settings.data.path.display().to_string(),
            seeds: sweep.seeds.clone(),
            folds,
            note,
            points: lines,
        }),
    })
}

/// Judges every point whose trainings are all there, and puts the lines in order.
fn lines(
    sweep: &Plan,
    points: &[Vec<PointCrossval>],
    failed: &BTreeMap<usize, Error>,
) -> Result<Vec<Line>> {
    let catalog = &sweep.data.catalog;
    let mut checksums = Checksums::new(&sweep.data);
    let mut read = |crossvals: &[PointCrossval]| -> Result<Vec<Vec<JudgedRun>>> {
        let read = |one: &PointCrossval| one.read(catalog, &mut checksums);
        crossvals.iter().map(read).collect()
    };
    let seed = sweep.recipe.seed;
    let mut lines = Vec::new();
    for (group, (point, crossvals)) in sweep.points.iter().zip(points).enumerate() {
        let failed = failed.get(&group).map(|error| explain(error));
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
    let variants = sweep.settings.has_variants();
    table::sort(&mut lines, variants.then_some(UNCHANGED));
    // Read again rather than held: all comparisons of all points may be more than memory takes.
    let mut scoring = |line: &Line| -> Result<Option<Scoring>> {
        let Some(place) = sweep.points.iter().position(|point| *point == line.point) else {
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
