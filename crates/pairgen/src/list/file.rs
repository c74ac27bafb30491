//! Reads lists that are written by hand, CSV with a fixed header or plain lines; errors have line numbers.

use std::path::Path;

use crate::error::Error;

/// One line of a list: its number in the file, from 1, and its trimmed fields; those beyond its header's are empty.
pub(crate) struct Line<const COLUMNS: usize> {
    pub(crate) number: u64,
    pub(crate) fields: [String; COLUMNS],
}

impl<const COLUMNS: usize> Line<COLUMNS> {
    /// The error that this line of `path` causes.
    pub(crate) fn error(&self, path: &Path, expected: &str, found: &str) -> Error {
        Error::line(path, self.number, expected, found)
    }
}

/// A list as read: which of the headers it has, and its lines.
pub(crate) struct List<const COLUMNS: usize> {
    pub(crate) header: &'static str,
    pub(crate) lines: Vec<Line<COLUMNS>>,
}

/// The bytes of the list at `path`, without the byte-order mark that spreadsheets put before the header.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes =
        std::fs::read(path).map_err(|source| Error::io(path, "read the list", source))?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(bytes)
}

/// The list in `text`, the [`bytes`] of `path`, whose header must be one of `headers` (comma-separated) in that order.
pub(crate) fn parse<const COLUMNS: usize>(
    path: &Path,
    text: &[u8],
    headers: &'static [&'static str],
) -> Result<List<COLUMNS>, Error> {
    let mut lines = Vec::new();
    let header = for_each(path, text, headers, |line| {
        lines.push(line);
        Ok(())
    })?;
    Ok(List { header, lines })
}

/// Does something with each line of the list in `text`, without keeping them; returns its header.
pub(crate) fn for_each<const COLUMNS: usize>(
    path: &Path,
    text: &[u8],
    headers: &'static [&'static str],
    mut take: impl FnMut(Line<COLUMNS>) -> Result<(), Error>,
) -> Result<&'static str, Error> {
    let mut reader = reader(text);
    let header = find_header(path, &mut reader, headers)?;
    let columns = header.split(',').count();
    let mut record = csv::StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|source| syntax(path, source))?
    {
        let mut line = Line {
            number: record
                .position()
                .map_or(0, |start| line_number(text, start)),
            fields: std::array::from_fn(|_| String::new()),
        };
        if record.len() != columns {
            let expected =
                format!("the {columns} columns `{header}` (quote a value with a comma in it)");
            return Err(line.error(path, &expected, &format!("{} columns", record.len())));
        }
        for ((field, value), column) in line.fields.iter_mut().zip(&record).zip(header.split(',')) {
            value.clone_into(field);
            if value.is_empty() {
                return Err(line.error(path, &format!("a value for `{column}`"), "nothing"));
            }
        }
        take(line)?;
    }
    Ok(header)
}

/// Which of `headers` the list in `text` has.
pub(crate) fn header(
    path: &Path,
    text: &[u8],
    headers: &'static [&'static str],
) -> Result<&'static str, Error> {
    find_header(path, &mut reader(text), headers)
}

fn reader(text: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text)
}

fn find_header(
    path: &Path,
    reader: &mut csv::Reader<&[u8]>,
    headers: &'static [&'static str],
) -> Result<&'static str, Error> {
    let found = reader.headers().map_err(|source| syntax(path, source))?;
    let header = headers
        .iter()
        .find(|header| found.iter().eq(header.split(',')));
    header.copied().ok_or_else(|| Error::ListHeader {
        path: path.to_owned(),
        expected: headers,
        found: found.iter().collect::<Vec<_>>().join(","),
    })
}

fn syntax(path: &Path, source: csv::Error) -> Error {
    Error::ListSyntax {
        path: path.to_owned(),
        source: source.into(),
    }
}

/// The bytes of `path` as text.
pub(crate) fn utf8<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, Error> {
    std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count();
        Error::line(path, line as u64, "text, saved as UTF-8", "other bytes")
    })
}

/// The lines of a text that are not blank, trimmed, with their numbers from 1.
pub(crate) fn text_lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..)
        .zip(text.lines().map(str::trim))
        .filter(|(_, line)| !line.is_empty())
}

/// The line on which a record stands: its start, as `csv` has it, lies before any blank lines above it.
fn line_number(text: &[u8], start: &csv::Position) -> u64 {
    let rest = text.get(start.byte() as usize..).unwrap_or_default();
    let blank = rest
        .iter()
        .take_while(|&byte| matches!(byte, b'\r' | b'\n'));
    start.line() + blank.filter(|&&byte| byte == b'\n').count() as u64
}

/// The columns of a line: between tabs, or where it has none between spaces.
pub(crate) fn columns(text: &str) -> Vec<&str> {
    if text.contains('\t') {
        text.split('\t').map(str::trim).collect()
    } else {
        text.split_whitespace().collect()
    }
}

/// A number of digits only: no sign.
pub(crate) fn whole_number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
