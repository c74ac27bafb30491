//! A data set: who is in which image, and the pixels.

use std::path::PathBuf;

use pairgen::{Catalog, OneShotRuns, ScanReport};
use siamese_net::Recipe;
use siamese_report::Unread;

use super::bad::{LeftOut, without_bad};
use super::how_read::HowRead;
use super::images::{LoadedImages, load};
use super::memory::half_of_what_is_free;
use super::source::DataSource;
use crate::error::{DataError, Error};
use crate::note::Note;

/// A data set, with what was left out of it.
pub struct Data {
    /// Who is in which image.
    pub catalog: Catalog,
    /// Absent for a list.
    pub report: Option<ScanReport>,
    /// What was left out because it cannot be read; nothing unless the source says so.
    pub unreadable: LeftOut,
    /// Where they are, and how they are read.
    pub source: DataSource,
    /// Bytes for decoded images; `None` for half of what is free.
    pub memory: Option<u64>,
}

impl Data {
    /// Reads the names of a folder of folders or of a list. Images are opened only to leave out those that cannot be read,
    /// see [`DataSource::skip_bad`].
    ///
    /// # Errors
    /// Where there is nothing, or nothing that is a data set or can be read, or a name that is not UTF-8.
    pub fn find(source: impl Into<DataSource>) -> Result<Self, Error> {
        let source = source.into().with_likely_layout();
        let path = &source.path;
        let (catalog, report) = if path.is_file() {
            (Catalog::from_csv(path)?, None)
        } else if path.exists() {
            let (catalog, report) = Catalog::scan(path, &source.scan_options())?;
            (catalog, Some(report))
        } else {
            return Err(DataError::Missing { path: path.into() }.into());
        };
        let mut data = Self::of_catalog(catalog, report, source)?;
        if let Some(runs) = &data.source.runs {
            // After what cannot be read was left out: a test is read whole.
            let runs = OneShotRuns::read(runs).map_err(|source| DataError::Runs {
                folder: runs.clone(),
                source: Box::new(source),
            })?;
            data.catalog = data.catalog.with_runs(&runs)?;
            data = data.spellable()?;
        }
        Ok(data)
    }

    /// Images that were found already, without those that cannot be read, if the source says so.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub(crate) fn of_catalog(
        catalog: Catalog,
        report: Option<ScanReport>,
        source: DataSource,
    ) -> Result<Self, Error> {
        let (catalog, unreadable) = match source.skip_bad {
            true => without_bad(catalog, &source)?,
            false => (catalog, LeftOut::default()),
        };
        let found = Self {
            catalog,
            report,
            unreadable,
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
    pub(super) fn spellable(self) -> Result<Self, DataError> {
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

    /// Reads every image as the recipe says; all at once where they fit into the memory that they may have.
    ///
    /// # Errors
    /// Where an image cannot be read, or is not as large as the others and the recipe brings them to no size.
    pub fn load(&self, recipe: &Recipe) -> Result<LoadedImages, Error> {
        let how = HowRead::of_recipe(recipe, &self.source);
        let mut loaded = load(self.catalog.paths(), &how, self.memory())?;
        loaded.remarks.extend(self.unreadable_note());
        Ok(loaded)
    }

    /// What is to be said of images that were left out because they cannot be read.
    pub fn unreadable_note(&self) -> Option<Note> {
        let images = self.catalog.len() + self.unreadable.images.len();
        (!self.unreadable.images.is_empty()).then(|| Note::Unreadable {
            bad: self.unreadable.images.clone(),
            images,
        })
    }

    /// How many images could not be read and were left out, of all that were tried.
    pub fn unread(&self) -> Unread {
        let images = self.unreadable.images.len() as u64;
        Unread {
            images,
            tried: self.catalog.len() as u64 + images,
        }
    }

    /// One line on what was skipped, or nothing.
    pub fn skipped(&self) -> Option<String> {
        let mut parts = self.report.as_ref().map(names_skipped).unwrap_or_default();
        if !self.unreadable.images.is_empty() {
            parts.push(self.unreadable.to_string());
        }
        (!parts.is_empty()).then(|| format!("skipped: {}", parts.join(", ")))
    }
}

/// What was skipped by its name, each kind with its number.
fn names_skipped(report: &ScanReport) -> Vec<String> {
    let not_images = format!("not images{}", endings(report));
    let counts: [(usize, &str); 10] = [
        (report.hidden, "hidden"),
        (report.other_files, &not_images),
        (report.root_files, "outside a subject's folder"),
        (
            report.shallow_images,
            "images less deep than the layout has them",
        ),
        (
            report.unplaced.len(),
            "images of which the layout does not say whose they are",
        ),
        (report.nested_images, "images in nested folders"),
        (report.nested_folders.len(), "nested folders"),
        (report.empty_folders.len(), "empty folders"),
        (report.repeated_links.len(), "repeated links"),
        (report.broken_links.len(), "broken links"),
    ];
    let found = counts.iter().filter(|(n, _)| *n > 0);
    found.map(|(n, what)| format!("{n} {what}")).collect()
}

/// The most frequent endings of files that are no images: ` (2 .heic, 1 .txt)`.
fn endings(report: &ScanReport) -> String {
    const NAMED: usize = 5;
    let mut endings: Vec<_> = report.other_endings.iter().collect();
    endings.sort_by_key(|&(_, &count)| std::cmp::Reverse(count));
    let named: Vec<String> = endings
        .iter()
        .take(NAMED)
        .map(|(ending, count)| format!("{count} .{ending}"))
        .collect();
    match named.is_empty() {
        true => String::new(),
        false => format!(" ({})", named.join(", ")),
    }
}
