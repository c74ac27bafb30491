//! What a sweep found.

use std::path::PathBuf;

use serde::Serialize;

use super::documents::{InsideRecord, SweepRecord};
use super::record;
use super::table::{LEGEND, markdown};
use crate::error::{Error, Result, SweepError};

/// What a sweep found, and how it is told.
#[derive(Debug)]
#[non_exhaustive]
pub struct SweepOutcome {
    /// What was swept, in a line.
    pub title: String,
    /// Tables of text; the first row of each is its head.
    pub tables: Vec<Vec<Vec<String>>>,
    /// What the figures are worth; may be empty.
    pub note: String,
    /// The page that says the same.
    pub page: PathBuf,
    /// What `sweep.json` or `inside.json` holds.
    pub document: SweepDocument,
    /// Which points failed, and why.
    pub failures: Vec<String>,
}

/// What a sweep leaves as JSON.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum SweepDocument {
    /// Of points compared on the test subjects: `sweep.json`.
    Compared(SweepRecord),
    /// Of points chosen inside the training subjects: `inside.json`.
    Inside(InsideRecord),
}

impl SweepOutcome {
    /// What the columns of the tables mean.
    #[must_use]
    pub fn legend(&self) -> &'static str {
        LEGEND
    }

    /// Fails where points did: everything else is saved.
    ///
    /// # Errors
    /// [`SweepError::Failed`] with all of them.
    pub fn expect_all(&self) -> Result<(), Error> {
        match self.failures.is_empty() {
            true => Ok(()),
            false => Err(SweepError::Failed {
                failures: self.failures.clone(),
            }
            .into()),
        }
    }

    /// Writes the page and the document into the sweep's folder.
    pub(super) fn write(&self) -> Result<()> {
        let tables: Vec<String> = self.tables.iter().map(|rows| markdown(rows)).collect();
        let mut text = format!("# {}\n\n{}\n{LEGEND}\n", self.title, tables.join("\n"));
        if !self.note.is_empty() {
            text.push_str(&format!("\n{}\n", self.note));
        }
        for failure in &self.failures {
            text.push_str(&format!("\nFailed: {failure}\n"));
        }
        record::write_text(&self.page, &text)?;
        record::write(&self.page.with_extension("json"), &self.document)
    }
}
