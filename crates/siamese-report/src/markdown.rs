//! The report as tables for a pull request or a wiki.

use std::fmt::Write as _;

use crate::number::{counted, distances, joined, smallest_rate};
use crate::phrases::{called_genuine, tested, unread, worst};
use crate::table::{self, Cell, Cells, Table, mark};
use crate::verdict::verdict;
use crate::{HealthNote, Report};

/// Subjects whose errors are listed: the hardest.
const SUBJECTS: usize = 100;

/// The report as Markdown with the tables of GitHub: the page's figures without its pictures.
pub fn markdown(report: &Report) -> String {
    let mut text = Text::default();
    let test = &report.test;
    text.heading(1, &report.title);
    let what = match test.what.trim_end_matches('.') {
        "" => String::new(),
        what => format!("{what}: "),
    };
    text.paragraph(&escaped(&format!("{what}{}.", tested(test))));

    let verdict = verdict(report);
    text.heading(
        2,
        &format!("Verdict: {}", verdict.standing.headline().to_lowercase()),
    );
    if let Some(warning) = &verdict.warning {
        text.paragraph(&format!("**{}**", escaped(warning)));
    }
    text.paragraph(&escaped(&verdict.quality));
    text.paragraph(&escaped(&verdict.comparison));
    text.list(&verdict.remarks);

    text.table(2, "Verification", table::verification(report));
    if let Some((table, words)) = table::one_shot(report).zip(table::trials_in_words(report)) {
        text.heading(2, "One-shot trials");
        text.paragraph(&escaped(&words));
        text.rows(&table);
    }
    if let Some(identification) = table::identification(report) {
        text.heading(2, "Identification");
        if let Some(gallery) = table::gallery(report) {
            text.paragraph(&format!("One image against {gallery}."));
        }
        text.rows(&identification);
        if let Some(note) = table::gallery_note(report) {
            text.paragraph(&note);
        }
    }
    if let Some((table, words)) = table::subjects_alike(report).zip(table::unevenness(report)) {
        text.heading(2, "Every subject counting alike");
        text.paragraph(&escaped(&words));
        text.rows(&table);
    }
    if let Some(reason) = &test.search_omitted {
        text.paragraph(&format!("No identification: {}", escaped(reason)));
    }
    if let Some(decision) = table::decision(report) {
        let used = &report.decision;
        let words = format!(
            "Genuine when the {} is {} {} ({}).",
            used.unit,
            called_genuine(used.direction),
            distances(&used.thresholds),
            used.source
        );
        text.heading(2, "Decisions at the thresholds in use");
        text.paragraph(&escaped(&words));
        text.rows(&decision);
        if let Some([shown, firm]) = used.smallest_fmr {
            let comparisons = counted(test.impostor, "impostor comparison", "impostor comparisons");
            text.paragraph(&format!("{comparisons} {}.", smallest_rate(shown, firm)));
        }
    }
    text.table(
        2,
        "Thresholds for wanted error rates",
        table::thresholds(report),
    );
    if let Some((table, words)) = table::impostors(report).zip(table::impostors_in_words(report)) {
        text.heading(2, "Random and skilled impostors");
        text.paragraph(&escaped(&words));
        text.rows(&table);
    }
    text.table(2, "Folds", table::folds(report));
    text.table(2, "Groups of subjects", table::groups(report));
    let direction = report.decision.direction;
    text.pairs(
        "Hardest genuine pairs",
        &format!(
            "The {}, at most two of each subject.",
            worst(direction, true)
        ),
        table::pairs(&report.hardest_genuine, true, direction),
    );
    text.pairs(
        "Closest impostor pairs",
        &format!(
            "The {}, at most two of the same two subjects.",
            worst(direction, false)
        ),
        table::pairs(&report.closest_impostor, false, direction),
    );
    if let Some(mut subjects) = table::subjects(report) {
        text.heading(2, "Errors by subject");
        let all = subjects.rows.len();
        if all > SUBJECTS {
            subjects.rows.truncate(SUBJECTS);
            text.paragraph(&format!(
                "The hardest {SUBJECTS} of {}; report.json holds all.",
                counted(all as u64, "subject", "subjects")
            ));
        }
        text.rows(&subjects);
    }
    text.table(2, "Training", table::training(report));
    if !report.health.is_empty() {
        text.heading(2, "Training health");
        text.list(&report.health.iter().map(health).collect::<Vec<_>>());
    }
    if let Some(recipe) = &report.recipe {
        text.heading(2, "Recipe");
        text.code(recipe);
    }
    if !report.facts.is_empty() {
        text.heading(2, "Provenance");
        text.list(
            &report
                .facts
                .iter()
                .map(|fact| format!("{}: {}", fact.name, fact.value))
                .collect::<Vec<_>>(),
        );
    }
    let left_out: Vec<String> = unread(test)
        .into_iter()
        .chain(test.exclusions.iter().cloned())
        .collect();
    if !left_out.is_empty() {
        text.heading(2, "Left out");
        text.list(&left_out);
    }
    text.0
}

fn health(note: &HealthNote) -> String {
    let kind = if note.note { "note" } else { "warning" };
    format!(
        "{kind}, {} ({}): {} What it means: {} What to do: {}",
        note.name, note.place, note.evidence, note.meaning, note.remedy
    )
}

/// Words that Markdown takes as they are, on one line.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                text.push('\\');
                text.push(letter);
            }
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            letter if letter.is_whitespace() || letter.is_control() => text.push(' '),
            letter => text.push(letter),
        }
    }
    text
}

/// Markdown in the making.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }

    fn heading(&mut self, level: usize, words: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.line(format_args!("{} {}\n", "#".repeat(level), escaped(words)));
    }

    /// Words that are Markdown already.
    fn paragraph(&mut self, words: &str) {
        if !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
        self.line(format_args!("{words}"));
    }

    fn list(&mut self, items: &[String]) {
        if !items.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
        for item in items {
            self.line(format_args!("- {}", escaped(item)));
        }
    }

    /// Text between fences that are longer than any within.
    fn code(&mut self, code: &str) {
        let mut longest = 0;
        let mut run = 0;
        for letter in code.chars() {
            run = if letter == '`' { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        let fence = "`".repeat(longest.max(2) + 1);
        self.line(format_args!("{fence}toml\n{}\n{fence}", code.trim_end()));
    }

    fn table(&mut self, level: usize, title: &str, table: Option<Table>) {
        if let Some(table) = table {
            self.heading(level, title);
            self.rows(&table);
        }
    }

    fn pairs(&mut self, title: &str, which: &str, pairs: Option<Table>) {
        if let Some(table) = pairs {
            self.heading(2, title);
            self.paragraph(which);
            self.rows(&table);
        }
    }

    fn rows(&mut self, table: &Table) {
        if !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|column| escaped(&column.name))
            .collect();
        self.line(format_args!("| {} |", names.join(" | ")));
        let rules: Vec<&str> = table
            .columns
            .iter()
            .map(|column| if column.numbers { "---:" } else { "---" })
            .collect();
        self.line(format_args!("| {} |", rules.join(" | ")));
        let reasons = table.reasons();
        for row in &table.rows {
            let name = escaped(&row.name);
            let mut first = if row.strong {
                format!("**{name}**")
            } else {
                name
            };
            if !row.about.is_empty() {
                let _ = write!(first, " ({})", escaped(row.about.trim_end_matches('.')));
            }
            let mut cells = vec![first];
            match &row.cells {
                Cells::Each(each) => cells.extend(each.iter().map(|cell| words(cell, &reasons))),
                Cells::Unavailable(reason) => cells.push(escaped(reason)),
            }
            cells.resize(table.columns.len(), String::new());
            self.line(format_args!("| {} |", cells.join(" | ")));
        }
        for (i, reason) in reasons.iter().enumerate() {
            self.paragraph(&format!("\\[{}\\] not shown: {}", i + 1, escaped(reason)));
        }
        for words in table.legend() {
            self.paragraph(words);
        }
    }
}

fn words(cell: &Cell, reasons: &[&str]) -> String {
    match cell {
        Cell::Nothing => crate::number::NOTHING.to_owned(),
        Cell::Text(text) => escaped(text),
        Cell::Refused(reason) => {
            let place = reasons
                .iter()
                .position(|known| known == reason)
                .unwrap_or(0);
            format!("not shown \\[{}\\]", place + 1)
        }
        Cell::Figure {
            value,
            interval,
            basis,
            support,
        } => {
            let mut text = escaped(&joined([value.clone(), interval.clone()]));
            if !basis.is_empty() {
                let _ = write!(text, ", {basis}");
            }
            if let Some(mark) = mark(*support) {
                let _ = write!(text, ", {mark}");
            }
            text
        }
    }
}
