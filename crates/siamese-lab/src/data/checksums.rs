//! Fingerprints of a data set.

use std::path::PathBuf;

use siamese_net::{Origin, Recipe};

use super::data_set::Data;
use super::how_read::HowRead;
use super::images::load;
use crate::error::Error;

/// Fingerprints of a data set's images as recipes read them; each is found once.
pub struct Checksums<'a> {
    data: &'a Data,
    /// By the one-shot runs among the images, and the way these are read.
    known: Vec<(Option<PathBuf>, HowRead, String)>,
}

impl<'a> Checksums<'a> {
    /// Of none yet.
    pub fn new(data: &'a Data) -> Self {
        let known = Vec::new();
        Self { data, known }
    }

    /// Takes note of one that is known already.
    pub fn know(&mut self, recipe: &Recipe, sha256: &str) {
        let how = HowRead::of_recipe(recipe, &self.data.source);
        self.keep(self.data, how, sha256);
    }

    /// The fingerprint of the images as a recipe reads them.
    ///
    /// # Errors
    /// Where an image cannot be read.
    pub fn of_recipe(&mut self, recipe: &Recipe) -> Result<String, Error> {
        self.of(self.data, HowRead::of_recipe(recipe, &self.data.source))
    }

    /// The fingerprint of the images, read as those were that a model was trained on.
    ///
    /// # Errors
    /// Where an image cannot be read.
    pub fn of_origin(&mut self, origin: &Origin) -> Result<String, Error> {
        self.of_origin_on(self.data, origin)
    }

    /// The same of these images with other one-shot runs, or with none.
    ///
    /// # Errors
    /// Where an image cannot be read.
    pub fn of_origin_on(&mut self, data: &Data, origin: &Origin) -> Result<String, Error> {
        self.of(data, HowRead::of_origin(origin, &data.source))
    }

    fn of(&mut self, data: &Data, how: HowRead) -> Result<String, Error> {
        let mut known = self.known.iter();
        if let Some((.., sha256)) =
            known.find(|(runs, known, _)| *runs == data.source.runs && *known == how)
        {
            return Ok(sha256.clone());
        }
        let stack = load(data.catalog.paths(), &how, data.memory())?.stack;
        let sha256 = stack.sha256().to_owned();
        self.keep(data, how, &sha256);
        Ok(sha256)
    }

    fn keep(&mut self, data: &Data, how: HowRead, sha256: &str) {
        let runs = data.source.runs.clone();
        self.known.push((runs, how, sha256.to_owned()));
    }
}
