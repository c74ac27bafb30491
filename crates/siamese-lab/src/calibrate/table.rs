//! A CSV list with a header, read whole.

use std::path::{Path, PathBuf};

use crate::error::CalibrateError;

pub(super) struct Table {
    path: PathBuf,
    header: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

/// A line of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a csv::StringRecord,
}

impl Table {
    pub(super) fn read(path: &Path) -> Result<Self, CalibrateError> {
        let wrong = |source| CalibrateError::Csv {
            path: path.to_owned(),
            source,
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(wrong)?;
        let header = reader.headers().map_err(wrong)?.clone();
        let rows: Result<Vec<_>, _> = reader.records().collect();
        Ok(Self {
            path: path.to_owned(),
            header,
            rows: rows.map_err(wrong)?,
        })
    }

    /// Whether there is a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.header.iter().any(|found| found == name)
    }

    pub(super) fn column(&self, name: &str) -> Result<usize, CalibrateError> {
        let found = self.header.iter().position(|found| found == name);
        found.ok_or_else(|| CalibrateError::List {
            path: self.path.clone(),
            line: 1,
            what: format!(
                "the header has no column {name}, only {}",
                self.header.iter().collect::<Vec<_>>().join(",")
            ),
        })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|record| Row {
            table: self,
            record,
        })
    }
}

impl<'a> Row<'a> {
    pub(super) fn field(self, column: usize) -> &'a str {
        self.record.get(column).unwrap_or_default()
    }

    /// What is wrong with this line.
    pub(super) fn wrong(self, what: String) -> CalibrateError {
        CalibrateError::List {
            path: self.table.path.clone(),
            line: self.record.position().map_or(0, csv::Position::line),
            what,
        }
    }
}
