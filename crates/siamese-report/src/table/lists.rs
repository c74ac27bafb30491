//! Subjects, pairs and trainings.

use verification_figures::{Direction, Evidence};

use super::{Cell, Cells, Column, Row, Table};
use crate::number::{count, distance, error_rate, percent};
use crate::{ImagePair, Report, SubjectErrors, TrainingCurve};

/// Subjects in order of difficulty, the hardest first.
pub(crate) fn by_difficulty(report: &Report) -> Vec<&SubjectErrors> {
    let mut subjects: Vec<_> = report.subjects.iter().collect();
    let share = |errors: Option<Evidence>| errors.map_or(0.0, share_of);
    let total =
        |subject: &SubjectErrors| share(subject.false_non_matches) + share(subject.false_matches);
    subjects.sort_by(|a, b| total(b).total_cmp(&total(a)));
    subjects
}

/// Errors by comparisons; 0 where there are none.
pub(crate) fn share_of(evidence: Evidence) -> f64 {
    if evidence.comparisons == 0 {
        0.0
    } else {
        evidence.rate()
    }
}

/// Errors by subject, the hardest first.
pub(crate) fn subjects(report: &Report) -> Option<Table> {
    let cell = |evidence: Option<Evidence>| match evidence {
        Some(evidence) if evidence.comparisons > 0 => Cell::Text(format!(
            "{} ({} of {})",
            error_rate(share_of(evidence), evidence.comparisons),
            count(evidence.errors),
            count(evidence.comparisons)
        )),
        _ => Cell::Nothing,
    };
    let rows = by_difficulty(report)
        .into_iter()
        .map(|subject| Row {
            name: subject.name.clone(),
            about: String::new(),
            strong: false,
            cells: Cells::Each(vec![
                cell(subject.false_non_matches),
                cell(subject.false_matches),
            ]),
        })
        .collect();
    Table {
        columns: vec![
            Column::text("Subject"),
            Column::numbers("Wrongly rejected"),
            Column::numbers("Wrongly matched"),
        ],
        rows,
    }
    .unless_empty()
}

/// Whether a pair is called genuine.
pub(crate) fn called_genuine(pair: &ImagePair, direction: Direction) -> bool {
    match direction {
        Direction::Distance => pair.distance < pair.threshold,
        Direction::Similarity => pair.distance > pair.threshold,
    }
}

/// What was decided on a pair, in words, and whether rightly.
pub(crate) fn decided(
    pair: &ImagePair,
    genuine: bool,
    direction: Direction,
) -> (&'static str, bool) {
    match (genuine, called_genuine(pair, direction)) {
        (true, true) => ("rightly accepted", true),
        (true, false) => ("wrongly rejected", false),
        (false, true) => ("wrongly accepted", false),
        (false, false) => ("rightly rejected", true),
    }
}

/// Image pairs with their scores.
pub(crate) fn pairs(pairs: &[ImagePair], genuine: bool, direction: Direction) -> Option<Table> {
    let rows = pairs
        .iter()
        .map(|pair| Row {
            name: pair.a.file.clone(),
            about: String::new(),
            strong: false,
            cells: Cells::Each(vec![
                Cell::Text(pair.b.file.clone()),
                Cell::Text(distance(pair.distance)),
                Cell::Text(distance(pair.threshold)),
                Cell::Text(decided(pair, genuine, direction).0.to_owned()),
                pair.note.clone().map_or(Cell::Nothing, Cell::Text),
            ]),
        })
        .collect();
    Table {
        columns: vec![
            Column::text("Image"),
            Column::text("Image"),
            Column::numbers(match direction {
                Direction::Distance => "Distance",
                Direction::Similarity => "Similarity",
            }),
            Column::numbers("Threshold"),
            Column::text("Decided"),
            Column::text("Note"),
        ],
        rows,
    }
    .unless_empty()
}

/// Where each training began and ended.
pub(crate) fn training(report: &Report) -> Option<Table> {
    let loss = |point: Option<&[f64; 2]>| {
        point.map_or(Cell::Nothing, |[_, loss]| Cell::Text(distance(*loss)))
    };
    let by_rate = report
        .training
        .iter()
        .any(|curve| !curve.validation_eer.is_empty());
    let cells =
        |curve: &TrainingCurve| {
            let best = curve.validation.iter().min_by(|a, b| a[1].total_cmp(&b[1]));
            let mut cells = vec![
                Cell::Text(count(curve.training.len() as u64)),
                loss(curve.training.first()),
                loss(curve.training.last()),
                loss(best),
                loss(curve.validation.last()),
            ];
            if by_rate {
                let rates = &curve.validation_eer;
                let lowest = rates.iter().min_by(|a, b| a[1].total_cmp(&b[1]));
                cells.extend([lowest, rates.last()].map(|point| {
                    point.map_or(Cell::Nothing, |[_, rate]| Cell::Text(percent(*rate)))
                }));
            }
            cells.push(
                curve
                    .chosen
                    .map_or(Cell::Nothing, |epoch| Cell::Text(epoch.to_string())),
            );
            cells
        };
    let rows = report
        .training
        .iter()
        .map(|curve| Row {
            name: if curve.name.is_empty() {
                "training".to_owned()
            } else {
                curve.name.clone()
            },
            about: String::new(),
            strong: false,
            cells: Cells::Each(cells(curve)),
        })
        .collect();
    let mut columns = vec![Column::text("Training")];
    columns.extend(
        [
            "Epochs",
            "First training loss",
            "Last training loss",
            "Best validation loss",
            "Last validation loss",
        ]
        .map(Column::numbers),
    );
    if by_rate {
        columns.extend(["Lowest validation EER", "Last validation EER"].map(Column::numbers));
    }
    columns.push(Column::numbers("Epoch judged"));
    Table { columns, rows }.unless_empty()
}
