//! The tables of the report, the same for every way of writing them.

mod figures;
mod lists;

pub(crate) use figures::{
    MEAN, decision, enrolled, folds, gallery_note, identification, thresholds, verification,
};
pub(crate) use lists::{
    by_difficulty, called_genuine, decided, pairs, share_of, subjects, training,
};

use verification_figures::{Evidence, Support};

use crate::number;
use crate::{Answer, Measured, Rate, Test};

/// A table: its first column names the rows.
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

/// The head of a column.
pub(crate) struct Column {
    pub(crate) name: String,
    /// Whether its cells are numbers, set to the right.
    pub(crate) numbers: bool,
}

impl Column {
    pub(crate) fn text(name: impl Into<String>) -> Column {
        Column {
            name: name.into(),
            numbers: false,
        }
    }

    pub(crate) fn numbers(name: impl Into<String>) -> Column {
        Column {
            name: name.into(),
            numbers: true,
        }
    }
}

/// One row.
pub(crate) struct Row {
    pub(crate) name: String,
    /// What the name means.
    pub(crate) about: String,
    /// Whether it is the row that the table is about.
    pub(crate) strong: bool,
    pub(crate) cells: Cells,
}

/// What a row holds.
pub(crate) enum Cells {
    /// One for each column but the first.
    Each(Vec<Cell>),
    /// Why there is nothing to hold.
    Unavailable(String),
}

/// What a cell holds.
#[derive(Clone)]
pub(crate) enum Cell {
    Nothing,
    Text(String),
    /// A figure that the data cannot support, and why.
    Refused(String),
    Figure {
        value: String,
        /// Its interval, or empty.
        interval: String,
        /// What it rests on, or empty.
        basis: String,
        support: Support,
    },
}

impl Cell {
    fn figure([value, interval]: [String; 2]) -> Cell {
        Cell::Figure {
            value,
            interval,
            basis: String::new(),
            support: Support::Firm,
        }
    }

    pub(crate) fn percent(measured: Option<Measured>) -> Cell {
        measured.map_or(Cell::Nothing, |measured| {
            Cell::figure(number::percent_parts(&measured))
        })
    }

    fn share(measured: Option<Measured>) -> Cell {
        measured.map_or(Cell::Nothing, |measured| {
            Cell::figure(number::share_parts(&measured))
        })
    }

    fn eer(eer: Option<Measured>, test: &Test) -> Cell {
        eer.map_or(Cell::Nothing, |eer| {
            Cell::figure(number::eer_parts(&eer, test))
        })
    }

    fn bare_percent(share: Option<f64>) -> Cell {
        share.map_or(Cell::Nothing, |share| Cell::Text(number::percent(share)))
    }

    fn error_rate(share: Option<f64>, trials: u64) -> Cell {
        share.map_or(Cell::Nothing, |share| {
            Cell::Text(number::error_rate(share, trials))
        })
    }

    fn rate(rate: &Rate) -> Cell {
        let [value, interval] = number::rate_parts(rate);
        let Evidence {
            errors,
            comparisons,
        } = rate.evidence;
        Cell::Figure {
            value,
            interval,
            basis: format!(
                "{} of {}",
                number::count(errors),
                number::count(comparisons)
            ),
            // Without even a bound there is nothing to mark.
            support: match rate.support() {
                Support::BoundOnly if number::few(comparisons) => Support::Firm,
                support => support,
            },
        }
    }

    fn at_target(rate: Option<&Answer<Rate>>) -> Cell {
        match rate {
            None => Cell::Nothing,
            Some(Answer::Known(rate)) => Cell::rate(rate),
            Some(Answer::Unavailable(reason)) => Cell::Refused(reason.clone()),
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Cell::Nothing)
    }
}

/// What is said of a figure that is not firm.
pub(crate) fn mark(support: Support) -> Option<&'static str> {
    match support {
        Support::Firm => None,
        Support::Weak => Some("weak"),
        Support::BoundOnly => Some("bound only"),
    }
}

impl Table {
    /// The reasons of refused figures, each once, in order of appearance; the table's notes count from 1.
    pub(crate) fn reasons(&self) -> Vec<&str> {
        let mut reasons: Vec<&str> = Vec::new();
        for cell in self.cells() {
            if let Cell::Refused(reason) = cell
                && !reasons.contains(&reason.as_str())
            {
                reasons.push(reason);
            }
        }
        reasons
    }

    /// What the marks in the table mean.
    pub(crate) fn legend(&self) -> Vec<&'static str> {
        let has = |wanted: Support| {
            self.cells()
                .any(|cell| matches!(cell, Cell::Figure { support, .. } if *support == wanted))
        };
        let mut legend = Vec::new();
        if has(Support::Weak) {
            legend.push(
                "weak: it rests on fewer than 30 errors and is an indication, not a measurement.",
            );
        }
        if has(Support::BoundOnly) {
            legend.push("bound only: no error was seen, so only an upper bound is known (3 divided by the trials).");
        }
        legend
    }

    /// Whether any of its figures has an interval.
    pub(crate) fn has_intervals(&self) -> bool {
        self.cells()
            .any(|cell| matches!(cell, Cell::Figure { interval, .. } if !interval.is_empty()))
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows
            .iter()
            .filter_map(|row| match &row.cells {
                Cells::Each(cells) => Some(cells),
                Cells::Unavailable(_) => None,
            })
            .flatten()
    }

    /// Leaves out the columns that no row fills.
    fn without_empty_columns(mut self) -> Table {
        for column in (1..self.columns.len()).rev() {
            let filled = self.rows.iter().any(
                |row| matches!(&row.cells, Cells::Each(cells) if !cells[column - 1].is_nothing()),
            );
            if !filled {
                self.columns.remove(column);
                for row in &mut self.rows {
                    if let Cells::Each(cells) = &mut row.cells {
                        cells.remove(column - 1);
                    }
                }
            }
        }
        self
    }

    /// The table, unless it says nothing.
    fn unless_empty(self) -> Option<Table> {
        let table = self.without_empty_columns();
        (table.columns.len() > 1 && !table.rows.is_empty()).then_some(table)
    }
}
