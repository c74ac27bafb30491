//! Random and skilled impostors, each on its own.

use super::{Cell, Cells, Column, Row, Table};
use crate::number::{self, count, counted};
use crate::{ImpostorKind, Impostors, Measured, Report};

/// One row for each kind of impostors.
pub(crate) fn impostors(report: &Report) -> Option<Table> {
    let found = report.impostors.as_ref()?;
    let first = found.kinds.first()?;
    let mut columns = vec![Column::text("Impostors")];
    columns.extend(["Comparisons", "EER"].map(Column::numbers));
    let targets = first.fnmr_at_fmr.iter();
    columns.extend(
        targets.map(|at| Column::numbers(format!("FNMR at FMR {}", number::target(at.target)))),
    );
    // Of several references relative to each other there is no threshold.
    let decided = found.kinds.iter().any(|kind| kind.fmr.is_some());
    if decided {
        columns.push(Column::numbers("FMR at the threshold in use"));
    }
    let rows = found.kinds.iter().map(|figures| {
        let trials = figures.comparisons.min(found.genuine);
        let mut cells = vec![
            Cell::Text(count(figures.comparisons)),
            measured(figures.eer, trials),
        ];
        cells.extend(figures.fnmr_at_fmr.iter().map(|at| match at.rate.known() {
            Some(rate) => measured(Some(rate.measured), rate.evidence.comparisons),
            None => Cell::Nothing,
        }));
        if decided {
            cells.push(Cell::error_rate(figures.fmr, figures.comparisons));
        }
        Row {
            name: match figures.kind {
                ImpostorKind::Random => "random",
                ImpostorKind::Skilled => "skilled",
            }
            .to_owned(),
            about: String::new(),
            strong: figures.kind == ImpostorKind::Skilled,
            cells: Cells::Each(cells),
        }
    });
    let rows = rows.collect();
    Table { columns, rows }.unless_empty()
}

/// What is compared with what.
pub(crate) fn impostors_in_words(report: &Report) -> Option<String> {
    report.impostors.as_ref().map(in_words)
}

fn in_words(found: &Impostors) -> String {
    let references = match &found.fusion {
        Some(fusion) => format!(
            "{} genuine samples of each subject as references, by the {fusion}",
            count(found.references)
        ),
        None => "one genuine sample of each subject as its reference".to_owned(),
    };
    let rejected = match found.fnmr {
        Some(fnmr) => format!(
            " At the threshold in use {} of the genuine comparisons are rejected.",
            number::error_rate(fnmr, found.genuine)
        ),
        None => String::new(),
    };
    format!(
        "Random and skilled impostors apart, with {references}, in turn: {} of {}. Random impostors are genuine samples of \
         other subjects, skilled ones forgeries of the subject.{rejected}",
        counted(found.genuine, "genuine comparison", "genuine comparisons"),
        counted(found.subjects, "subject", "subjects"),
    )
}

fn measured(figure: Option<Measured>, trials: u64) -> Cell {
    figure.map_or(Cell::Nothing, |figure| {
        let [_, interval] = number::percent_parts(&figure);
        Cell::Figure {
            value: number::error_rate(figure.value, trials),
            interval,
            basis: String::new(),
            support: number::support(figure.value, trials),
        }
    })
}
