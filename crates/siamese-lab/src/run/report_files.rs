//! Where a report lies.

use std::path::{Path, PathBuf};

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

    pub(super) fn all(self) -> Vec<PathBuf> {
        let plots = siamese_report::PLOT_NAMES.map(|name| self.plot(name));
        let mut files = vec![self.page, self.markdown, self.json];
        files.extend(plots);
        files
    }
}
