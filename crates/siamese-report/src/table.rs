//! The tables of the report, the same for every way of writing them.

mod figures;
mod folds;
mod groups;
mod impostors;
mod lists;

pub(crate) use figures::{
    decision, gallery, gallery_note, identification, subjects_alike, thresholds, unevenness,
    verification,
};
pub(crate) use folds::{MEAN, folds};
pub(crate) use groups::{groups, one_shot, trials_in_words};
pub(crate) use impostors::{impostors, impostors_in_words};
pub(crate) use lists::{
    by_difficulty, called_genuine, decided, pairs, share_of, subjects, training,
};

use verification_figures::{Evidence, Support};

use crate::number;
use crate::{Answer, AtTarget, Measured, Rate, Test};

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
            let [value, interval] = number::eer_parts(&eer, test);
            Cell::Figure {
                value,
                interval,
                basis: String::new(),
                support: number::support(eer.value, test.genuine.min(test.impostor)),
            }
        })
    }

    fn bare_percent(share: Option<f64>) -> Cell {
        share.map_or(Cell::Nothing, |share| Cell::Text(number::percent(share)))
    }

    fn error_rate(share: Option<f64>, trials: u64) -> Cell {
        share.map_or(Cell::Nothing, |share| Cell::Figure {
            value: number::error_rate(share, trials),
            interval: String::new(),
            basis: String::new(),
            support: number::support(share, trials),
        })
    }

    /// A rate of comparisons of so many subjects.
    fn rate(rate: &Rate, subjects: u64) -> Cell {
        let [value, interval] = number::rate_parts(rate, subjects);
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

    /// A rate of comparisons of so many subjects where another is held. Few errors behind either make it weak.
    fn at_target(at: Option<&AtTarget>, subjects: u64) -> Cell {
        let Some(at) = at else { return Cell::Nothing };
        match &at.rate {
            Answer::Known(rate) => {
                let mut cell = Cell::rate(rate, subjects);
                let few = at.held.is_some_and(|held| held.support() != Support::Firm);
                if let Cell::Figure { support, .. } = &mut cell
                    && few
                    && *support == Support::Firm
                {
                    *support = Support::Weak;
                }
                cell
            }
            Answer::Unavailable(reason) => Cell::Refused(reason.clone()),
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

/// What the marks of figures so supported mean.
pub(crate) fn legend(supports: &[Support]) -> Vec<&'static str> {
    let marks = [
        (
            Support::Weak,
            "weak: it rests on fewer than 30 errors of either kind and is an indication, not a measurement.",
        ),
        (
            Support::BoundOnly,
            "bound only: no error was seen, so only upper bounds are known: 3 divided by the trials, which holds if those \
             are independent, and 3 divided by the subjects, which holds if some subjects are harder than others. Count on \
             the second.",
        ),
    ];
    let shown = marks
        .into_iter()
        .filter(|(support, _)| supports.contains(support));
    shown.map(|(_, words)| words).collect()
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
        let supports: Vec<Support> = self
            .cells()
            .filter_map(|cell| match cell {
                Cell::Figure { support, .. } => Some(*support),
                _ => None,
            })
            .collect();
        legend(&supports)
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
