//! The lines of a sweep beside each other: their order, how far they are apart, and how that is shown.

use serde::Serialize;
use siamese_report::{IntervalStatus, Measured, jackknife};
use verification_figures::{Error, Figure};

use super::figures::{FMR_TARGETS, PointFigures};
use super::points::Point;
use super::scoring::Scoring;
use crate::spread::Spread;

/// A point and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    #[serde(flatten)]
    /// What it is.
    pub point: Point,
    /// What it is worth; absent where it failed.
    pub figures: Option<PointFigures>,
    /// How far it is above the first line; absent for that line itself.
    pub above_first: Option<Above>,
    /// Why it has no figures.
    pub failed: Option<String>,
}

/// The EER of all seeds less that of another point.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Above {
    /// The difference, with its 95 % interval.
    pub eer: Measured,
    /// Whether zero lies outside the interval.
    pub resolved: bool,
}

impl Above {
    /// Over the same people, without an interval where they are too few; `None` where either has no EER.
    pub(super) fn new(scoring: &Scoring, other: &Scoring, seed: u64) -> Option<Self> {
        let settings = jackknife(scoring.all.len(), seed);
        match scoring.all.difference(&other.all, Figure::Eer, &settings) {
            Ok(found) => Some(Self {
                eer: Measured::new(found.interval.estimate, Some(found.interval)),
                resolved: found.is_clear(),
            }),
            Err(Error::TooFewSubjects { .. }) => {
                let [own, others] = [scoring, other].map(|of| of.all.scores().eer().ok());
                Some(Self {
                    eer: Measured::new(own?.rate - others?.rate, None),
                    resolved: false,
                })
            }
            Err(_) => None,
        }
    }
}

/// The lowest mean EER first, failed points last; a line that is `first` stays.
pub(super) fn sort(lines: &mut [Line], first: Option<&str>) {
    let eer = |line: &Line| {
        let figures = line.figures.as_ref();
        figures
            .and_then(|figures| figures.eer)
            .map_or(f64::INFINITY, |eer| eer.mean)
    };
    let moves = |line: &Line| first != Some(&line.point.name[..]);
    lines.sort_by(|a, b| {
        moves(a)
            .cmp(&moves(b))
            .then(eer(a).total_cmp(&eer(b)))
            .then(a.failed.is_some().cmp(&b.failed.is_some()))
    });
}

/// The names of the first columns: a point, and its [`cells`].
pub(super) fn head() -> Vec<String> {
    let mut head = ["point", "EER %", "95 %"].map(str::to_owned).to_vec();
    head.extend(FMR_TARGETS.map(|fmr| format!("FNMR % at FMR {} %", 100.0 * fmr)));
    head.extend(["rank-1 %", "s a fold"].map(str::to_owned));
    head
}

/// The head and a row for each line.
pub(super) fn rows(lines: &[Line]) -> Vec<Vec<String>> {
    let mut head = head();
    let several = lines.len() > 1;
    if several {
        head.extend(["above the first", "resolved"].map(str::to_owned));
    }
    let row = |line: &Line| {
        let mut row = vec![line.point.name.clone()];
        row.extend(cells(line.figures.as_ref()));
        if several {
            row.extend(match line.above_first {
                None => ["-".to_owned(), "-".to_owned()],
                Some(above) => [
                    format!("{:+.2} {}", 100.0 * above.eer.value, ends(Some(above.eer))),
                    if above.resolved { "yes" } else { "no" }.to_owned(),
                ],
            });
        }
        row
    };
    std::iter::once(head).chain(lines.iter().map(row)).collect()
}

/// The figures as the cells between a line's name and what it is compared with.
pub(super) fn cells(figures: Option<&PointFigures>) -> Vec<String> {
    let Some(figures) = figures else {
        let failed = "failed".to_owned();
        return [vec![failed], vec!["-".to_owned(); FMR_TARGETS.len() + 3]].concat();
    };
    let mut cells = vec![Spread::show(figures.eer, |eer| {
        format!("{:.2}", 100.0 * eer)
    })];
    cells.push(match figures.eer_of_all_seeds {
        // One seed's EER is already there.
        Some(eer) if figures.eer.is_some_and(|eer| eer.n > 1) => {
            format!("{:.2} {}", 100.0 * eer.value, ends(Some(eer)))
        }
        eer => ends(eer),
    });
    cells.extend(figures.fnmr_at_fmr.iter().map(|at| at.text(figures.people)));
    cells.push(
        figures
            .rank_1
            .map_or_else(|| "-".to_owned(), |rate| format!("{:.2}", 100.0 * rate)),
    );
    cells.push(format!("{:.1}", figures.seconds_a_fold));
    cells
}

fn ends(measured: Option<Measured>) -> String {
    let of = |measured: Measured| (measured.status(), measured.interval);
    match measured.map(of) {
        Some((IntervalStatus::Known, Some([low, high]))) => {
            format!("[{:.2}, {:.2}]", 100.0 * low, 100.0 * high)
        }
        Some((IntervalStatus::Degenerate, _)) => "no spread".to_owned(),
        _ => "-".to_owned(),
    }
}

/// What the columns mean.
pub(super) const LEGEND: &str = "\
EER: of the comparisons of all folds; over several seeds mean +- sd, and beside it that of their averaged curve (mean FNMR \
of the seeds at equal FMR).\n\
In brackets: 95 % intervals over people, each left out in turn with all seeds; no spread: the same whoever is left out; -: \
fewer than 10 people.\n\
FNMR: mean over seeds; * fewer than 30 errors of either kind a seed, an indication; < no error, below that at best, by \
comparisons (and by people); refused: too few impostor comparisons.\n\
Rank-1: one enrolled image a person.";

/// Rows as a table of Markdown.
pub(super) fn markdown(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        text.push_str(&line(row));
        if i == 0 {
            text.push_str(&line(&vec!["---".to_owned(); row.len()]));
        }
    }
    text
}
