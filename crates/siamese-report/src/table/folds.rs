//! Figures by fold.

use super::{Cell, Cells, Column, Row, Table};
use crate::Report;
use crate::number::{count, counted, distance};

/// The row of all folds.
pub(crate) const MEAN: &str = "mean ± sd";

/// One row for each fold, and how they spread.
pub(crate) fn folds(report: &Report) -> Option<Table> {
    if report.folds.len() < 2 {
        return None;
    }
    let mut rows: Vec<Row> = report
        .folds
        .iter()
        .map(|fold| Row {
            name: format!("fold {}", fold.fold),
            about: subjects_of(&fold.people),
            strong: false,
            cells: Cells::Each(vec![
                Cell::Text(count(fold.genuine)),
                Cell::Text(count(fold.impostor)),
                Cell::error_rate(fold.eer, fold.genuine.min(fold.impostor)),
                fold.auc
                    .map_or(Cell::Nothing, |auc| Cell::Text(format!("{auc:.3}"))),
                Cell::Text(distance(fold.threshold)),
                Cell::error_rate(fold.fmr, fold.impostor),
                Cell::error_rate(fold.fnmr, fold.genuine),
                Cell::bare_percent(fold.accuracy),
            ]),
        })
        .collect();
    let spread = |of: &dyn Fn(&crate::FoldFigures) -> Option<f64>, scale: f64, decimals: usize| {
        let values: Option<Vec<f64>> = report.folds.iter().map(of).collect();
        // Where no fold saw an error, the folds have no spread that could be known.
        let values = values.filter(|values| values.iter().any(|value| *value != 0.0));
        values.map_or(Cell::Nothing, |values| {
            let (mean, deviation) = mean_and_deviation(&values);
            Cell::Text(format!(
                "{:.decimals$} ± {:.decimals$}",
                scale * mean,
                scale * deviation
            ))
        })
    };
    rows.push(Row {
        name: MEAN.to_owned(),
        about: "of the folds".to_owned(),
        strong: true,
        cells: Cells::Each(vec![
            Cell::Nothing,
            Cell::Nothing,
            spread(&|fold| fold.eer, 100.0, 1),
            spread(&|fold| fold.auc, 1.0, 3),
            spread(&|fold| Some(fold.threshold), 1.0, 3),
            spread(&|fold| fold.fmr, 100.0, 1),
            spread(&|fold| fold.fnmr, 100.0, 1),
            spread(&|fold| fold.accuracy, 100.0, 1),
        ]),
    });
    let mut columns = vec![Column::text("Fold")];
    columns.extend(
        [
            "Genuine",
            "Impostor",
            "EER",
            "AUC",
            "Threshold",
            "FMR",
            "FNMR",
            "Accuracy",
        ]
        .map(Column::numbers),
    );
    Table { columns, rows }.unless_empty()
}

/// Mean and sample standard deviation of at least two values.
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// The first few subjects, and how many more there are.
fn subjects_of(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {}", counted(more as u64, "more", "more")),
    }
}

#[cfg(test)]
mod tests {
    /// `numpy.std([1, 2, 3, 6], ddof=1)` is 2.160246899469287.
    #[test]
    fn deviation_is_the_samples() {
        let (mean, deviation) = super::mean_and_deviation(&[1.0, 2.0, 3.0, 6.0]);
        assert_eq!(mean, 3.0);
        assert!((deviation - 2.160_246_899_469_287).abs() < 1e-12);
    }
}
