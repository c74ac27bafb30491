//! A data set: who is in which image, and the pixels.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image_stack::{Channels, Limits, PlaneReader, Resize, decode_planes};
use pairgen::{Catalog, ScanReport};
use siamese_net::{ImageStack, Recipe};

use super::files::{Files, is_grey};
use super::memory::{half_of_what_is_free, shown};
use super::source::DataSource;

use crate::error::{DataError, Error};
use crate::note::Note;
use crate::watch::Watch;

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
            let (catalog, report) = Catalog::scan(path, &source.scan_options())?;
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
        let paths = self.catalog.paths();
        let (channels, resize) = (recipe.channels(), recipe.data.resize.into());
        let limits = self.source.limits();
        load(paths, channels, resize, &limits, on_gpu, self.memory())
    }

    /// One line on what was skipped, or nothing.
    pub fn skipped(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        let counts = [
            (report.hidden, "hidden"),
            (report.other_files, "not images"),
            (report.root_files, "outside a subject's folder"),
            (
                report.shallow_images,
                "images less deep than the layout has them",
            ),
            (report.nested_images, "images in nested folders"),
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

/// Images as a recipe reads them.
pub struct LoadedImages {
    /// The pixels, in the order of the catalogue.
    pub stack: ImageStack,
    /// How many are grey among images that are read in colour.
    grey: usize,
}

impl LoadedImages {
    /// The pixels, after saying of them what a user would not expect.
    pub fn after_saying(self, watch: &mut dyn Watch) -> ImageStack {
        self.notes().iter().for_each(|note| watch.note(note));
        self.stack
    }

    /// What may surprise the user.
    pub fn notes(&self) -> Vec<Note> {
        let images = self.stack.len();
        let mut notes = Vec::new();
        if self.grey > 0 {
            let grey = self.grey;
            notes.push(Note::Grey { grey, images });
        }
        if let Some(how) = self.stack.streaming() {
            let bytes: usize = self.stack.shape().iter().product();
            let each = shown(bytes as u64);
            notes.push(if how.kept >= images {
                Note::JustFit { images, each }
            } else {
                Note::Streamed {
                    images,
                    each,
                    kept: how.kept,
                    ahead: how.ahead,
                    threads: how.threads,
                }
            });
        }
        notes
    }
}

/// Reads these images, in grey or in colour: all at once where that takes no more than `memory` bytes, else as they are
/// used.
///
/// # Errors
/// Where an image cannot be read, or they differ in size and are brought to none.
pub fn load(
    paths: &[PathBuf],
    channels: Channels,
    resize: Resize,
    limits: &Limits,
    on_gpu: bool,
    memory: u64,
) -> Result<LoadedImages, Error> {
    let reader = PlaneReader::new(paths, channels, resize, limits).map_err(DataError::from)?;
    let image = reader.shape().map(|side| side as u128);
    // On a GPU they are held here and there. On a CPU as much again is left for what is computed.
    let needed = 2 * paths.len() as u128 * image.iter().product::<u128>();
    let at_once = match on_gpu {
        false => memory,
        true => memory.min(MOST_ON_A_GPU),
    };
    if needed > u128::from(at_once) {
        let grey = Arc::new(AtomicUsize::new(0));
        let files = Files {
            paths: paths.to_vec(),
            reader,
            grey: Arc::clone(&grey),
        };
        let threads = rayon::current_num_threads();
        return Ok(LoadedImages {
            stack: ImageStack::streamed(Box::new(files), memory, threads)?,
            grey: grey.load(Ordering::Relaxed),
        });
    }
    let pixels = decode_planes(paths, channels, resize, limits).map_err(DataError::from)?;
    let images = pixels.outer_iter();
    let grey = images.filter_map(|image| Some(is_grey(image.to_slice()?, channels.count())));
    let grey = grey.filter(|&grey| grey).count();
    Ok(LoadedImages {
        grey,
        stack: ImageStack::of_planes(pixels)?,
    })
}

/// Images that take more than half of this are not all taken to a GPU, whose own memory is for computing.
const MOST_ON_A_GPU: u64 = 8 << 30;
