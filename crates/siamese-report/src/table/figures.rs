//! Figures by method and by threshold.

use super::{Cell, Cells, Column, Row, Table};
use crate::number::{count, counted, distances, plain_parts, points_parts, target};
use crate::{Answer, AtTarget, Decision, Measured, MethodFigures, Outcome, Rate, Report, Role};
use verification_figures::PairKind;

/// The targets of any method, the most lenient first.
fn targets(report: &Report, of: impl Fn(&MethodFigures) -> &[AtTarget]) -> Vec<f64> {
    let mut targets: Vec<f64> = report
        .methods
        .iter()
        .filter_map(|method| method.figures())
        .flat_map(|figures| of(figures).iter().map(|at| at.target))
        .collect();
    targets.sort_by(|a, b| b.total_cmp(a));
    targets.dedup();
    targets
}

fn at(all: &[AtTarget], target: f64, subjects: u64) -> Cell {
    Cell::at_target(all.iter().find(|at| at.target == target), subjects)
}

/// One row for each method: the judged one, the untrained, the others.
pub(super) fn by_method(
    report: &Report,
    columns: Vec<Column>,
    cells: impl Fn(&MethodFigures) -> Vec<Cell>,
) -> Option<Table> {
    let mut methods: Vec<_> = report.methods.iter().collect();
    methods.sort_by_key(|method| match method.role {
        Role::Judged => 0,
        Role::Untrained => 1,
        Role::Classical => 2,
    });
    let rows = methods.iter().map(|method| Row {
        name: method.name.clone(),
        about: method.about.clone(),
        strong: method.role == Role::Judged,
        cells: match &method.outcome {
            Outcome::Figures(figures) => Cells::Each(cells(figures)),
            Outcome::Unavailable(reason) => Cells::Unavailable(reason.clone()),
        },
    });
    let rows = rows.collect();
    Table { columns, rows }.unless_empty()
}

/// Is it this subject: error rates of comparisons, by method.
pub(crate) fn verification(report: &Report) -> Option<Table> {
    let fmrs = targets(report, |figures| &figures.fnmr_at_fmr);
    let mut columns = vec![
        Column::text("Method"),
        Column::numbers("EER"),
        Column::numbers("EER less the judged one's, points"),
    ];
    columns.extend(
        fmrs.iter()
            .map(|&fmr| Column::numbers(format!("FNMR at FMR {}", target(fmr)))),
    );
    columns.extend(["AUC", "min Cllr", "Cllr", "d′"].map(Column::numbers));
    let genuine = report.test.subjects_of(PairKind::Genuine);
    by_method(report, columns, |figures| {
        let mut cells = vec![
            Cell::eer(figures.eer, &report.test),
            figures
                .eer_above_judged
                .map_or(Cell::Nothing, |above| Cell::figure(points_parts(&above))),
        ];
        cells.extend(
            fmrs.iter()
                .map(|&fmr| at(&figures.fnmr_at_fmr, fmr, genuine)),
        );
        cells.push(Cell::share(figures.auc));
        cells.extend(
            [figures.min_cllr, figures.cllr]
                .map(|cost| cost.map_or(Cell::Nothing, |cost| Cell::Text(format!("{cost:.3}")))),
        );
        cells.push(figures.d_prime.map_or(Cell::Nothing, |d_prime| {
            Cell::figure(plain_parts(&d_prime, 2))
        }));
        cells
    })
}

/// Error rates in which every subject counts alike, by method; nothing where all subjects have as many genuine
/// comparisons.
pub(crate) fn subjects_alike(report: &Report) -> Option<Table> {
    let of = |figures: &MethodFigures| figures.subjects_alike.clone();
    let mut alike = report
        .methods
        .iter()
        .filter_map(|method| of(method.figures()?));
    let fmrs: Vec<f64> = alike
        .next()?
        .fnmr_at_fmr
        .iter()
        .map(|[fmr, _]| *fmr)
        .collect();
    let mut columns = vec![Column::text("Method"), Column::numbers("EER")];
    columns.extend(
        fmrs.iter()
            .map(|&fmr| Column::numbers(format!("FNMR at FMR {}", target(fmr)))),
    );
    let table = by_method(report, columns, |figures| {
        let alike = of(figures);
        let at = |fmr: f64| {
            let mut all = alike.iter().flat_map(|alike| &alike.fnmr_at_fmr);
            all.find(|at| at[0] == fmr).map(|at| at[1])
        };
        let mut cells = vec![Cell::bare_percent(alike.as_ref().map(|alike| alike.eer))];
        cells.extend(fmrs.iter().map(|&fmr| Cell::bare_percent(at(fmr))));
        cells
    });
    table.map(figures_alone)
}

/// The table without the methods that could not be judged, and without what the methods are: both stand with the
/// verification figures already.
pub(super) fn figures_alone(mut table: Table) -> Table {
    table.rows.retain(|row| matches!(row.cells, Cells::Each(_)));
    for row in &mut table.rows {
        row.about.clear();
    }
    table
}

/// How unequally the genuine comparisons are spread over the subjects, where they are.
pub(crate) fn unevenness(report: &Report) -> Option<String> {
    let test = &report.test;
    let effective = test.effective_people.filter(|_| test.is_uneven())?;
    Some(format!(
        "Of the {} genuine comparisons some subjects have far more than others: they are worth those of {effective:.1} \
         subjects, not of {}, and other figures are mostly those of a few. Here every subject counts alike.",
        count(test.genuine),
        count(test.subjects_of(PairKind::Genuine)),
    ))
}

/// Subjects in the smallest gallery that was searched by what was judged.
pub(crate) fn enrolled(report: &Report) -> Option<u64> {
    report.methods.first()?.figures()?.enrolled
}

/// What an image is searched in, in words.
pub(crate) fn gallery(report: &Report) -> Option<String> {
    let subjects = counted(enrolled(report)?, "enrolled subject", "enrolled subjects");
    Some(match report.test.templates {
        Some(templates) => format!("{subjects}, {templates} images of each"),
        None => subjects,
    })
}

/// What chance finds, and among how many a stranger is searched.
pub(crate) fn gallery_note(report: &Report) -> Option<String> {
    let subjects = enrolled(report).filter(|subjects| *subjects > 0)?;
    let chance = format!(
        "Guessing finds the right subject in 1 of {} searches",
        count(subjects)
    );
    let strangers = report.methods.iter().any(|method| {
        method
            .figures()
            .is_some_and(|figures| !figures.fnir_at_fpir.is_empty())
    });
    Some(if strangers {
        format!(
            "{chance}. A stranger is searched against one subject fewer: {}.",
            count(subjects - 1)
        )
    } else {
        format!("{chance}.")
    })
}

/// Who is it: figures of searches among many, by method.
pub(crate) fn identification(report: &Report) -> Option<Table> {
    let fpirs = targets(report, |figures| &figures.fnir_at_fpir);
    const LESS: &str = "less the judged one's, points";
    let mut columns = vec![
        Column::text("Method"),
        Column::numbers("Rank-1"),
        Column::numbers(format!("Rank-1 {LESS}")),
    ];
    columns.extend(fpirs.iter().flat_map(|&fpir| {
        let name = format!("FNIR at FPIR {}", target(fpir));
        [
            Column::numbers(&name),
            Column::numbers(format!("{name} {LESS}")),
        ]
    }));
    let genuine = report.test.subjects_of(PairKind::Genuine);
    let points = |above: Option<Measured>| {
        above.map_or(Cell::Nothing, |above| Cell::figure(points_parts(&above)))
    };
    let episodes = report
        .methods
        .iter()
        .find_map(|method| method.figures()?.few_shot);
    columns.push(Column::numbers(episodes.map_or(
        "Few-shot".to_owned(),
        |episodes| {
            let within = match episodes.within_group {
                true => " within a group",
                false => "",
            };
            format!(
                "{}-way {}-shot accuracy{within}",
                episodes.ways, episodes.shots
            )
        },
    )));
    by_method(report, columns, |figures| {
        let mut cells = vec![
            Cell::percent(figures.rank_1),
            points(figures.rank_1_above_judged),
        ];
        cells.extend(fpirs.iter().flat_map(|&fpir| {
            let mut above = figures.fnir_above_judged.iter();
            let above = above.find(|above| above.target == fpir);
            [
                at(&figures.fnir_at_fpir, fpir, genuine),
                points(above.map(|above| above.above)),
            ]
        }));
        cells.push(Cell::percent(
            figures.few_shot.map(|episodes| episodes.accuracy),
        ));
        cells
    })
    .map(figures_alone)
    .filter(|table| !table.rows.is_empty())
}

/// What the thresholds in use do.
pub(crate) fn decision(report: &Report) -> Option<Table> {
    let Decision {
        fmr,
        fnmr,
        accuracy,
        balanced_accuracy,
        precision,
        recall,
        f1,
        ..
    } = &report.decision;
    let of_rate = |rate: &Option<Rate>, kind| {
        let subjects = report.test.subjects_of(kind);
        rate.map_or(Cell::Nothing, |rate| Cell::rate(&rate, subjects))
    };
    let rows = [
        (
            "FMR",
            "strangers accepted",
            of_rate(fmr, PairKind::Impostor),
        ),
        (
            "FNMR",
            "genuine subjects rejected",
            of_rate(fnmr, PairKind::Genuine),
        ),
        (
            "FNMR, subjects alike",
            "the same, every subject counting alike",
            Cell::bare_percent(report.decision.fnmr_subjects_alike),
        ),
        ("Accuracy", "right decisions", Cell::percent(*accuracy)),
        (
            "Balanced accuracy",
            "the same, both kinds counting alike",
            Cell::percent(*balanced_accuracy),
        ),
        (
            "Precision",
            "of the pairs called genuine, how many are",
            Cell::percent(*precision),
        ),
        (
            "Recall",
            "of the genuine pairs, how many are called so",
            Cell::percent(*recall),
        ),
        ("F1", "harmonic mean of the two", Cell::percent(*f1)),
    ];
    let rows = rows
        .into_iter()
        .filter(|(_, _, cell)| !cell.is_nothing())
        .map(|(name, about, cell)| Row {
            name: name.to_owned(),
            about: about.to_owned(),
            strong: matches!(name, "FMR" | "FNMR"),
            cells: Cells::Each(vec![cell]),
        })
        .collect();
    Table {
        columns: vec![Column::text("Figure"), Column::numbers("On the test")],
        rows,
    }
    .unless_empty()
}

/// Thresholds for wanted error rates.
pub(crate) fn thresholds(report: &Report) -> Option<Table> {
    let rows = report.thresholds.iter().map(|choice| Row {
        name: choice.aim.clone(),
        about: String::new(),
        strong: false,
        cells: match &choice.outcome {
            Answer::Known(outcome) => Cells::Each(vec![
                Cell::Text(distances(&outcome.thresholds)),
                Cell::rate(&outcome.fmr, report.test.subjects_of(PairKind::Impostor)),
                Cell::rate(&outcome.fnmr, report.test.subjects_of(PairKind::Genuine)),
                Cell::Text(outcome.chosen_on.clone()),
            ]),
            Answer::Unavailable(reason) => Cells::Unavailable(reason.clone()),
        },
    });
    let rows: Vec<Row> = rows.collect();
    // Rows of reasons alone are worth showing.
    (!rows.is_empty()).then(|| Table {
        columns: vec![
            Column::text("Aim"),
            Column::numbers("Threshold"),
            Column::numbers("FMR on the test"),
            Column::numbers("FNMR on the test"),
            Column::text("Chosen on"),
        ],
        rows,
    })
}
