//! Where a report lies.

use std::path::{Path, PathBuf};

use siamese_net::write_atomically;
use siamese_report::Report;

use crate::error::{Error, make_folder};

/// Where the forms of a report lie in a folder.
pub struct ReportFiles {
    /// HTML.
    pub page: PathBuf,
    /// The same as Markdown.
    pub markdown: PathBuf,
    /// The same as JSON.
    pub json: PathBuf,
    /// The folder of the plots.
    pub plots: PathBuf,
}

impl ReportFiles {
    /// Those of a report in this folder.
    pub fn of(folder: &Path) -> Self {
        Self {
            page: folder.join("report.html"),
            markdown: folder.join("report.md"),
            json: folder.join("report.json"),
            plots: folder.join("plots"),
        }
    }

    /// The plot of this name.
    pub fn plot(&self, name: &str) -> PathBuf {
        self.plots.join(format!("{name}.svg"))
    }

    /// Writes the report in all its forms, into a folder that is made where it is missing.
    ///
    /// # Errors
    /// Where the folder cannot be made, or a file not be written.
    pub fn write(&self, report: &Report) -> Result<(), Error> {
        make_folder(&self.plots)?;
        for (name, svg) in siamese_report::plots(report) {
            write_atomically(&self.plot(name), svg.as_bytes())?;
        }
        let json = siamese_report::json(report)?;
        write_atomically(&self.json, json.as_bytes())?;
        let markdown = siamese_report::markdown(report);
        write_atomically(&self.markdown, markdown.as_bytes())?;
        write_atomically(&self.page, siamese_report::html(report).as_bytes())?;
        Ok(())
    }

    /// Every file that a report may have.
    pub(crate) fn all(self) -> Vec<PathBuf> {
        let plots = siamese_report::PLOT_NAMES.map(|name| self.plot(name));
        let mut files = vec![self.page, self.markdown, self.json];
        files.extend(plots);
        files
    }
}
