//! Image files that are decoded when they are wanted, because not all fit in memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use image_stack::PlaneReader;
use siamese_net::ImageSource;

use super::remarks::Remarks;
use crate::error::BadImage;

/// The files of a set, and how they are read.
pub(super) struct Files {
    pub(super) paths: Vec<PathBuf>,
    pub(super) reader: PlaneReader,
    /// What is remarkable about those that were decoded.
    pub(super) remarks: Arc<Mutex<Remarks>>,
}

impl ImageSource for Files {
    fn len(&self) -> usize {
        self.paths.len()
    }

    fn shape(&self) -> [usize; 3] {
        self.reader.shape()
    }

    fn name(&self, number: usize) -> String {
        self.paths[number].display().to_string()
    }

    fn decode(&self, number: usize, out: &mut [u8]) -> Result<(), String> {
        let read = self.reader.read(&self.paths[number], out);
        let remarks = || self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(findings) => {
                let grey = is_grey(out, self.shape()[0]);
                remarks().add(number, findings, grey);
                Ok(())
            }
            Err(error) => {
                let bad = BadImage::from(&error);
                let said = bad.to_string();
                remarks().add_bad(number, bad);
                Err(said)
            }
        }
    }
}

/// Whether the image has three channels, all equal.
pub(super) fn is_grey(image: &[u8], channels: usize) -> bool {
    let plane = image.len() / channels;
    channels == 3 && image[..2 * plane] == image[plane..]
}
