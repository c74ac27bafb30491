//! The report's figures for a terminal.

use verification_figures::Support;

use crate::number::{NO_SPREAD, count, distances};
use crate::phrases::{called_genuine, tested, unread};
use crate::table::{self, Cell, Cells, Row, Table, mark};
use crate::verdict::{sentence, why_undefined};
use crate::{IntervalStatus, Report};

/// The figures in brief, as plain text in aligned columns: what was judged, what the thresholds in use do, what it is
/// compared with, each fold. They come from the tables of [`html`](crate::html()) and [`markdown`](crate::markdown()) and
/// are rounded alike. Lines have no colours and end with no line feed; the [verdict](crate::verdict) is not among them.
pub fn text(report: &Report) -> String {
    let test = &report.test;
    let mut parts = Vec::new();
    let what = match test.what.trim_end_matches('.') {
        "" => report.title.as_str(),
        what => what,
    };
    parts.push(format!("Judged on: {what}\n{}", tested(test)));

    let tables = [table::verification(report), table::identification(report)];
    let mut seen = Seen::default();
    let mut figures = Lines::default();
    let judged = report.methods.first().and_then(|method| method.figures());
    if judged.is_some_and(|figures| figures.eer.is_none()) {
        figures.words(
            "EER",
            format!("not defined, because {}", why_undefined(test)),
        );
    }
    for table in tables.iter().flatten() {
        figures.judged(table, &mut seen);
    }
    parts.extend(figures.block());
    if let Some((table, words)) = table::one_shot(report).zip(table::trials_in_words(report)) {
        // Their intervals are not those of subjects, which are explained below. Their stars are.
        let mut own = Seen::default();
        let grid = grid(&table, table.columns.len(), &mut own);
        seen.stars |= own.stars;
        seen.marks.append(&mut own.marks);
        parts.push(format!("{words}\n{grid}"));
    }
    if let Some((table, words)) = table::subjects_alike(report).zip(table::unevenness(report)) {
        let mut lines = Lines::default();
        lines.judged(&table, &mut seen);
        parts.extend(lines.block().map(|block| format!("{words}\n{block}")));
    }

    let decision = table::decision(report);
    if let Some(table) = &decision {
        let used = &report.decision;
        let mut lines = Lines::default();
        for row in &table.rows {
            if let Cells::Each(cells) = &row.cells {
                lines.figure(&row.name, cells.first(), &row.about, &mut seen);
            }
        }
        let head = format!(
            "Called genuine where the {} is {} {} ({}):",
            used.unit,
            called_genuine(used.direction),
            distances(&used.thresholds),
            used.source
        );
        parts.extend(lines.block().map(|block| format!("{head}\n{block}")));
    }
    // The EER of each method and how far it is above the judged one's.
    let compared = tables[0].as_ref().filter(|table| table.rows.len() > 1);
    parts.extend(compared.map(|table| grid(table, 3, &mut seen)));
    if let Some((table, words)) = table::impostors(report).zip(table::impostors_in_words(report)) {
        let columns = table.columns.len();
        parts.push(format!("{words}\n{}", grid(&table, columns, &mut seen)));
    }
    let more = [table::folds(report), table::groups(report)];
    parts.extend(
        more.iter()
            .flatten()
            .map(|table| grid(table, table.columns.len(), &mut seen)),
    );

    let mut notes = Vec::new();
    if seen.intervals {
        notes.push(format!(
            "In brackets: 95 % intervals, by leaving out each of the {} subjects in turn.",
            count(test.people)
        ));
    }
    if seen.no_spread {
        notes.push(format!(
            "{NO_SPREAD}: the same whichever subject is left out, so there is no interval."
        ));
    }
    let too_few = judged
        .and_then(|figures| figures.eer)
        .is_some_and(|eer| eer.status() == IntervalStatus::TooFewSubjects);
    if too_few {
        notes.push("No intervals: they take 10 subjects with genuine comparisons.".to_owned());
    }
    if seen.stars {
        notes.push("*: weak.".to_owned());
    }
    notes.extend(table::legend(&seen.marks).into_iter().map(str::to_owned));
    notes.extend(unread(test));
    notes.extend(
        test.exclusions
            .iter()
            .map(|exclusion| format!("Left out: {exclusion}")),
    );
    notes.extend(test.leak.as_deref().map(sentence));
    if !notes.is_empty() {
        parts.push(notes.join("\n"));
    }
    // A name must not speak to the terminal.
    let forbidden = |letter: char| letter.is_control() && letter != '\n';
    parts.join("\n\n").replace(forbidden, "\u{fffd}")
}

/// What must be explained of the figures that were written.
#[derive(Default)]
struct Seen {
    intervals: bool,
    no_spread: bool,
    stars: bool,
    marks: Vec<Support>,
}

impl Seen {
    fn interval(&mut self, interval: &str) {
        let no_spread = interval.contains(NO_SPREAD);
        self.no_spread |= no_spread;
        // A bound by subjects stands in the place of an interval.
        let is_bound = interval.starts_with("(<");
        self.intervals |= !(interval.is_empty() || no_spread || is_bound);
    }
}

/// The first columns of a table under its head.
fn grid(table: &Table, columns: usize, seen: &mut Seen) -> String {
    let columns = columns.min(table.columns.len());
    let mut lines = Lines {
        indent: "",
        rows: Vec::new(),
        numbers: table.columns[..columns]
            .iter()
            .map(|column| column.numbers)
            .collect(),
    };
    let head = table.columns[..columns]
        .iter()
        .map(|column| column.name.clone());
    lines.rows.push(head.collect());
    for row in &table.rows {
        match &row.cells {
            Cells::Each(cells) => {
                let mut line = vec![name(row)];
                line.extend(cells.iter().take(columns - 1).map(|cell| {
                    let [mut value, interval, _] = parts(cell);
                    seen.interval(&interval);
                    if let Cell::Figure { support, .. } = cell {
                        seen.marks.push(*support);
                        if *support == Support::Weak {
                            seen.stars = true;
                            value.push('*');
                        }
                    }
                    [value, interval].join(" ").trim_end().to_owned()
                }));
                lines.rows.push(line);
            }
            Cells::Unavailable(reason) => lines.words(&row.name, format!("not judged: {reason}")),
        }
    }
    lines.block().unwrap_or_default()
}

/// What a row of a grid is called: of rows that are about no single thing it says what about.
fn name(row: &Row) -> String {
    match row.name.as_str() {
        name @ table::MEAN => format!("{name} {}", row.about),
        name => name.to_owned(),
    }
}

/// A cell as value, interval in brackets, and what it rests on.
fn parts(cell: &Cell) -> [String; 3] {
    match cell {
        Cell::Nothing => [
            crate::number::NOTHING.to_owned(),
            String::new(),
            String::new(),
        ],
        Cell::Text(text) => [text.clone(), String::new(), String::new()],
        Cell::Refused(reason) => [format!("not shown: {reason}"), String::new(), String::new()],
        Cell::Figure {
            value,
            interval,
            basis,
            support,
        } => {
            let interval = match interval.as_str() {
                "" => String::new(),
                ends => format!("({ends})"),
            };
            let basis: Vec<&str> = [basis.as_str(), mark(*support).unwrap_or_default()]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect();
            [value.clone(), interval, basis.join(", ")]
        }
    }
}

/// Lines whose columns are aligned. A line of two cells where others have more is a name and words that run on.
struct Lines {
    indent: &'static str,
    rows: Vec<Vec<String>>,
    /// Whether each column is set to the right.
    numbers: Vec<bool>,
}

impl Default for Lines {
    /// For figures: name, value, interval, what it rests on, what it is.
    fn default() -> Lines {
        Lines {
            indent: "  ",
            rows: Vec::new(),
            numbers: vec![false, true, false, false, false],
        }
    }
}

impl Lines {
    fn words(&mut self, name: &str, words: String) {
        self.rows.push(vec![name.to_owned(), words]);
    }

    /// A figure by name; nothing where there is none.
    fn figure(&mut self, name: &str, cell: Option<&Cell>, about: &str, seen: &mut Seen) {
        let Some(cell) = cell.filter(|cell| !cell.is_nothing()) else {
            return;
        };
        let [value, interval, basis] = parts(cell);
        if let Cell::Refused(_) = cell {
            return self.words(name, value);
        }
        seen.interval(&interval);
        if let Cell::Figure { support, .. } = cell {
            seen.marks.push(*support);
        }
        let name = name.to_owned();
        self.rows
            .push(vec![name, value, interval, basis, about.to_owned()]);
    }

    /// The figures of what was judged, by the names of their columns.
    fn judged(&mut self, table: &Table, seen: &mut Seen) {
        let row = table.rows.iter().find(|row| row.strong);
        match row.map(|row| &row.cells) {
            Some(Cells::Each(cells)) => {
                for (column, cell) in table.columns[1..].iter().zip(cells) {
                    self.figure(&column.name, Some(cell), "", seen);
                }
            }
            Some(Cells::Unavailable(reason)) => self.words("not judged", reason.clone()),
            None => {}
        }
    }

    /// All lines; nothing where there are none.
    fn block(self) -> Option<String> {
        let columns = self.numbers.len();
        let width = |column: usize| {
            let all = self
                .rows
                .iter()
                .filter(|row| row.len() == columns || column == 0);
            all.filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).zip(&self.numbers);
            let cells: Vec<String> = cells
                .filter(|((_, width), _)| **width > 0 || row.len() < columns)
                .map(
                    |((cell, &width), &number)| match number && row.len() == columns {
                        true => format!("{cell:>width$}"),
                        false => format!("{cell:<width$}"),
                    },
                )
                .collect();
            format!("{}{}", self.indent, cells.join("  ").trim_end())
        };
        let lines: Vec<String> = self.rows.iter().map(line).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}
