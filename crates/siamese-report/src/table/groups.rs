//! Figures by group of subjects, and of one-shot trials.

use super::figures::by_method;
use super::{Cell, Cells, Column, Row, Table};
use crate::number::{self, count, counted};
use crate::{Measured, OneShot, Report};

/// One row for each group of subjects.
pub(crate) fn groups(report: &Report) -> Option<Table> {
    let rows = report.groups.iter().map(|group| Row {
        name: group.name.clone(),
        about: String::new(),
        strong: false,
        cells: Cells::Each(vec![
            Cell::Text(count(group.people)),
            Cell::Text(count(group.genuine)),
            Cell::Text(count(group.impostor)),
            Cell::error_rate(group.eer, group.genuine.min(group.impostor)),
            Cell::error_rate(group.fmr, group.impostor),
            Cell::error_rate(group.fnmr, group.genuine),
        ]),
    });
    let mut columns = vec![Column::text("Within")];
    columns.extend(["Subjects", "Genuine", "Impostor", "EER", "FMR", "FNMR"].map(Column::numbers));
    Table {
        columns,
        rows: rows.collect(),
    }
    .unless_empty()
}

/// The trials of what was judged, where there are any.
pub(crate) fn judged_trials(report: &Report) -> Option<&OneShot> {
    report.methods.first()?.figures()?.one_shot.as_ref()
}

/// What the trials are, and what their intervals mean.
pub(crate) fn trials_in_words(report: &Report) -> Option<String> {
    let trials = judged_trials(report)?;
    let classes = match trials.ways {
        Some(ways) => format!("the {}", counted(ways, "class", "classes")),
        None => "the classes".to_owned(),
    };
    let over = match trials.groups() {
        0 => String::new(),
        groups => format!(", or each of {groups} groups of runs that share their classes"),
    };
    Some(format!(
        "{} in {}: an item is compared with {classes} of its run, one image of each. A tie is an error. Intervals of 95 %, by \
         the jackknife: each run left out in turn{over}.",
        counted(trials.trials, "trial", "trials"),
        counted(trials.runs.len() as u64, "run", "runs"),
    ))
}

/// Errors of one-shot trials, by method.
pub(crate) fn one_shot(report: &Report) -> Option<Table> {
    let judged = judged_trials(report)?;
    let mut columns = vec![
        Column::text("Method"),
        Column::numbers("Errors"),
        Column::numbers("Error rate"),
    ];
    let grouped = judged.groups() > 0;
    if grouped {
        columns.push(Column::numbers("Interval over groups of runs"));
    }
    by_method(report, columns, |figures| {
        let trials = figures.one_shot.as_ref();
        let mut cells = match trials {
            Some(trials) => vec![
                Cell::Text(format!(
                    "{} of {}",
                    count(trials.errors),
                    count(trials.trials)
                )),
                error_rate(trials),
            ],
            None => vec![Cell::Nothing, Cell::Nothing],
        };
        if grouped {
            let over = trials.and_then(|trials| trials.error_rate_over_groups);
            cells.push(over.map_or(Cell::Nothing, |over| Cell::Text(ends(&over))));
        }
        cells
    })
    .map(super::figures::figures_alone)
}

fn error_rate(trials: &OneShot) -> Cell {
    let Some(rate) = trials.error_rate else {
        return Cell::Nothing;
    };
    Cell::Figure {
        value: number::error_rate(rate.value, trials.trials),
        interval: ends(&rate),
        basis: String::new(),
        support: number::support(rate.value, trials.trials),
    }
}

/// An interval in words; empty where there is none.
fn ends(rate: &Measured) -> String {
    let [_, ends] = number::percent_parts(rate);
    ends
}
