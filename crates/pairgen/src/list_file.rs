//! Reading the small CSV files that people write by hand: a fixed header, and errors with line numbers.

use std::path::Path;

use crate::Error;

/// One line of a list: its number in the file, from 1, and its trimmed fields.
pub(crate) struct Line<const COLUMNS: usize> {
    pub(crate) number: u64,
    pub(crate) fields: [String; COLUMNS],
}

impl<const COLUMNS: usize> Line<COLUMNS> {
    /// The error that this line of `path` causes.
    pub(crate) fn error(&self, path: &Path, expected: &str, found: &str) -> Error {
        Error::ListLine {
            path: path.to_owned(),
            line: self.number,
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }
}

/// Every line of the list at `path`, whose header must be `header` (comma-separated) in that order.
pub(crate) fn read<const COLUMNS: usize>(
    path: &Path,
    header: &'static str,
) -> Result<Vec<Line<COLUMNS>>, Error> {
    let text = std::fs::read(path).map_err(|source| Error::io(path, "read the list", source))?;
    // Spreadsheets put a byte-order mark before the header.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let syntax = |source| Error::ListSyntax {
        path: path.to_owned(),
        source,
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text);
    let found = reader.headers().map_err(syntax)?;
    if !found.iter().eq(header.split(',')) {
        return Err(Error::ListHeader {
            path: path.to_owned(),
            expected: header,
            found: found.iter().collect::<Vec<_>>().join(","),
        });
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(syntax)?;
        let mut line = Line {
            number: record.position().map_or(0, csv::Position::line),
            fields: std::array::from_fn(|_| String::new()),
        };
        for ((field, value), column) in line.fields.iter_mut().zip(&record).zip(header.split(',')) {
            value.clone_into(field);
            if value.is_empty() {
                return Err(line.error(path, &format!("a value for `{column}`"), "nothing"));
            }
        }
        lines.push(line);
    }
    Ok(lines)
}
