//! A data set: who is in which image, and the pixels.

use std::path::PathBuf;

use pairgen::{Catalog, ScanOptions, ScanReport};
use siamese_net::Recipe;

use super::how_read::HowRead;
use super::images::{LoadedImages, load};
use super::memory::half_of_what_is_free;
use super::source::DataSource;
use crate::error::{DataError, Error};

/// A data set, with what was left out of it.
pub struct Data {
    /// Who is in which image.
    pub catalog: Catalog,
    /// Absent for a list.
    pub report: Option<ScanReport>,
    /// Where they are, and how they are read.
    pub source: DataSource,
    /// Bytes for decoded images; `None` for half of what is free.
    pub memory: Option<u64>,
}

impl Data {
    /// Reads the names of a folder of folders or of a list; opens no image.
    ///
    /// # Errors
    /// Where there is nothing, or nothing that is a data set, or a name that is not UTF-8.
    pub fn find(source: impl Into<DataSource>) -> Result<Self, Error> {
        let source = source.into();
        let path = &source.path;
        let (catalog, report) = if path.is_file() {
            (Catalog::from_csv(path)?, None)
        } else if path.exists() {
            let (catalog, report) = Catalog::scan(path, &ScanOptions::default())?;
            (catalog, Some(report))
        } else {
            return Err(DataError::Missing { path: path.into() }.into());
        };
        let found = Self {
            catalog,
            report,
            source,
            memory: None,
        };
        Ok(found.spellable()?)
    }

    /// The same, with as much memory for decoded images as was asked for.
    pub fn within(self, memory: Option<u64>) -> Self {
        Self { memory, ..self }
    }

    /// Refuses file names that a list of pairs or a table of scores could not hold unchanged.
    fn spellable(self) -> Result<Self, DataError> {
        let all = self.catalog.paths().iter();
        let paths: Vec<PathBuf> = all
            .filter(|path| path.to_str().is_none())
            .cloned()
            .collect();
        if !paths.is_empty() {
            return Err(DataError::Names { paths });
        }
        Ok(self)
    }

    /// Bytes that decoded images may take.
    pub fn memory(&self) -> u64 {
        self.memory.unwrap_or_else(half_of_what_is_free)
    }

    /// Reads every image as the recipe says; all at once only where a GPU can take them as well, if one is to.
    ///
    /// # Errors
    /// Where an image cannot be read, or is not as large as the others and the recipe brings them to no size.
    pub fn load(&self, recipe: &Recipe, on_gpu: bool) -> Result<LoadedImages, Error> {
        let how = HowRead::of_recipe(recipe, &self.source);
        load(self.catalog.paths(), &how, on_gpu, self.memory())
    }

    /// One line on what was skipped, or nothing.
    pub fn skipped(&self) -> Option<String> {
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
