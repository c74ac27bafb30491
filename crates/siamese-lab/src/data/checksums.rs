//! Fingerprints of a data set.

use image_stack::Channels;
use siamese_net::ResizeSpec;

use super::data_set::{Data, load};
use crate::error::Error;

/// Fingerprints of a data set's images as recipes read them; each is found once.
pub struct Checksums<'a> {
    data: &'a Data,
    /// By the channels and the size that are asked for.
    known: Vec<(usize, ResizeSpec, String)>,
}

impl<'a> Checksums<'a> {
    /// Of none yet.
    pub fn new(data: &'a Data) -> Self {
        let known = Vec::new();
        Self { data, known }
    }

    /// Takes note of one that is known already.
    pub fn know(&mut self, channels: usize, resize: ResizeSpec, sha256: &str) {
        self.known.push((channels, resize, sha256.to_owned()));
    }

    /// The fingerprint of the images with this number of channels, resized by `resize`.
    ///
    /// # Errors
    /// Where an image cannot be read.
    pub fn of(&mut self, channels: usize, resize: ResizeSpec) -> Result<String, Error> {
        let mut known = self.known.iter();
        if let Some((.., sha256)) = known.find(|known| (known.0, known.1) == (channels, resize)) {
            return Ok(sha256.clone());
        }
        // A model file that another began with holds this number, and no recipe.
        let planes = match channels {
            1 => Channels::Grey,
            _ => Channels::Rgb,
        };
        let (paths, memory) = (self.data.catalog.paths(), self.data.memory());
        let limits = self.data.source.limits();
        let stack = load(paths, planes, resize.into(), &limits, false, memory)?.stack;
        let sha256 = stack.sha256().to_owned();
        self.known.push((channels, resize, sha256.clone()));
        Ok(sha256)
    }
}
