//! What goes to standard output: text for people, or one JSON document.

use std::io::{self, Write};

use anyhow::{Context, Result};
use serde::Serialize;
pub(crate) use siamese_lab::thousands;
use siamese_lab::{BadImage, DataError};

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// One JSON document instead of text.
    pub(crate) json: bool,
    /// No progress.
    pub(crate) quiet: bool,
    /// Standard output is taken by what the command writes, so that text goes to standard error.
    pub(crate) aside: bool,
}

impl Output {
    /// Prints the result of a command: `document` with `--json`, else `text`.
    pub(crate) fn result(self, document: &impl Serialize, text: &str) -> Result<()> {
        if self.aside {
            self.note(text);
            Ok(())
        } else if self.json {
            print(&serde_json::to_string_pretty(document)?)
        } else {
            print(text)
        }
    }

    /// Says something on a terminal in place of what was said so before.
    pub(crate) fn note_in_place(self, text: &str) {
        if !self.quiet && !self.json {
            // Back to the beginning of the line, and clear it.
            let _ = write!(io::stderr(), "\r\x1b[K{text}");
        }
    }

    /// Says something on the way, on standard error.
    pub(crate) fn note(self, text: impl std::fmt::Display) {
        if !self.quiet && !self.json {
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }
}

/// Prints all images that cannot be read as one JSON document, where they are why a command failed. Its text names the
/// first ones only.
pub(crate) fn bad_images(error: &anyhow::Error) {
    #[derive(Serialize)]
    struct Failure<'a> {
        bad_images: &'a [BadImage],
        images: usize,
    }
    let bad = error.chain().find_map(|cause| match cause.downcast_ref()? {
        siamese_lab::Error::Data(DataError::BadImages { bad, images }) => Some(Failure {
            bad_images: bad,
            images: *images,
        }),
        _ => None,
    });
    if let Some(document) = bad.and_then(|bad| serde_json::to_string_pretty(&bad).ok()) {
        // The command has failed already.
        let _ = print(&document);
    }
}

/// Prints a line. A reader that has gone, as in `siamese recipes | head -1`, is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    match writeln!(io::stdout(), "{}", text.trim_end_matches('\n')) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Columns aligned by their widest cell; the first row is the head, set off by a line.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
        if i == 0 {
            let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text.push_str(rule.join("  ").trim_end());
            text.push('\n');
        }
    }
    text
}
