//! A data set: who is in which image, and the pixels.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use ndarray::Array3;
use pairgen::{Catalog, ScanOptions, ScanReport};
use pgm_io::{Limits, Resize, StackError, decode_stack};
use siamese_model::ResizeSpec;

/// A data set, with what was left out of it.
pub(crate) struct Data {
    pub(crate) catalog: Catalog,
    /// Absent for a list.
    pub(crate) report: Option<ScanReport>,
}

impl Data {
    /// Reads the names of a folder of folders or of a list; opens no image.
    pub(crate) fn find(path: &Path) -> Result<Self> {
        if path.is_file() {
            return Self {
                catalog: Catalog::from_csv(path)?,
                report: None,
            }
            .spellable();
        }
        if !path.exists() {
            bail!(
                "{} is not there: give the data's folder with --data DIR; scripts/fetch_orl.py fetches the AT&T faces \
                 into datasets/orl_faces",
                path.display()
            );
        }
        let (catalog, report) = Catalog::scan(path, &ScanOptions::default())?;
        Self {
            catalog,
            report: Some(report),
        }
        .spellable()
    }

    /// Refuses names that no list of pairs and no table of scores could hold unchanged.
    fn spellable(self) -> Result<Self> {
        let odd: Vec<String> = self
            .catalog
            .paths()
            .iter()
            .filter(|path| path.to_str().is_none())
            .map(|path| format!("\n  {}", path.display()))
            .collect();
        if !odd.is_empty() {
            bail!(
                "{} file names are not valid UTF-8, so that no list can name them; rename them:{}",
                odd.len(),
                odd.concat()
            );
        }
        Ok(self)
    }

    /// Decodes every image, in parallel.
    pub(crate) fn decode(&self, resize: ResizeSpec) -> Result<Array3<u8>> {
        decode(self.catalog.paths(), resize)
    }

    /// One line on what was skipped, or nothing.
    pub(crate) fn skipped(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        let counts = [
            (report.hidden, "hidden"),
            (report.other_files, "not images"),
            (report.root_files, "outside a subject's folder"),
            (report.nested_folders.len(), "nested folders"),
            (report.empty_folders.len(), "empty folders"),
            (report.repeated_links.len(), "repeated links"),
            (report.broken_links.len(), "broken links"),
        ];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        (!parts.is_empty()).then(|| format!("skipped: {}", parts.join(", ")))
    }
}

/// Decodes these images, in parallel.
pub(crate) fn decode(paths: &[PathBuf], resize: ResizeSpec) -> Result<Array3<u8>> {
    let resize = match resize {
        ResizeSpec::None => Resize::None,
        ResizeSpec::Stride(step) => Resize::Stride(step),
        ResizeSpec::Area([height, width]) => Resize::Area { height, width },
    };
    decode_stack(paths, resize, &Limits::default()).map_err(|error| match error {
        StackError::Sizes { .. } => {
            let text = error.to_string();
            let (list, _) = text.rsplit_once('\n').unwrap_or((&text, ""));
            anyhow!(
                "{list}\nbring them to one size with data.resize = {{ area = [HEIGHT, WIDTH] }}, or leave the odd \
                 ones out"
            )
        }
        StackError::Memory { .. } => {
            anyhow!(error.to_string().replace("`Resize`", "data.resize"))
        }
        error => error.into(),
    })
}
