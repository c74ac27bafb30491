//! The pixels of a data set.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use image_stack::{PlaneReader, decode_planes};
use siamese_net::ImageStack;

use super::files::{Files, is_grey};
use super::how_read::HowRead;
use super::memory::shown;
use super::remarks::Remarks;
use crate::error::{DataError, Error};
use crate::note::Note;
use crate::watch::Watch;

/// Images as a recipe reads them.
pub struct LoadedImages {
    /// The pixels, in the order of the catalogue.
    pub stack: ImageStack,
    /// What is remarkable about them.
    pub(super) remarks: Vec<Note>,
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
        let mut notes = self.remarks.clone();
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

/// Reads these images: all at once where that takes no more than `memory` bytes, else as they are used.
///
/// # Errors
/// Where an image cannot be read, or they differ in size and are brought to none.
pub fn load(paths: &[PathBuf], how: &HowRead, memory: u64) -> Result<LoadedImages, Error> {
    let HowRead {
        channels,
        resize,
        ref reading,
    } = *how;
    let reader = PlaneReader::new(paths, channels, resize, reading).map_err(DataError::from)?;
    let image = reader.shape().map(|side| side as u128);
    // As much again is left for what is computed.
    let needed = 2 * paths.len() as u128 * image.iter().product::<u128>();
    if needed > u128::from(memory) {
        let remarks = Arc::new(Mutex::new(Remarks::default()));
        let files = Files {
            paths: paths.to_vec(),
            reader,
            remarks: Arc::clone(&remarks),
        };
        let threads = rayon::current_num_threads();
        let stack = ImageStack::streamed(Box::new(files), memory, threads);
        let mut remarks = remarks.lock().unwrap_or_else(PoisonError::into_inner);
        let bad = remarks.take_bad();
        if !bad.is_empty() {
            let images = paths.len();
            return Err(DataError::BadImages { bad, images }.into());
        }
        return Ok(LoadedImages {
            stack: stack?,
            remarks: remarks.notes(paths, how),
        });
    }
    let decoded = decode_planes(paths, channels, resize, reading).map_err(DataError::from)?;
    let mut remarks = Remarks::default();
    let images = decoded.pixels.outer_iter().zip(&decoded.findings);
    for (number, (image, &findings)) in images.enumerate() {
        let grey = image
            .to_slice()
            .map(|bytes| is_grey(bytes, channels.count()));
        remarks.add(number, findings, grey.unwrap_or_default());
    }
    Ok(LoadedImages {
        remarks: remarks.notes(paths, how),
        stack: ImageStack::of_planes(decoded.pixels)?,
    })
}
