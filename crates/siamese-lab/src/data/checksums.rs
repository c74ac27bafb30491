//! Fingerprints of a data set.

use siamese_net::{Origin, Recipe};

use super::data_set::Data;
use super::how_read::HowRead;
use super::images::load;
use crate::error::Error;

/// Fingerprints of a data set's images as recipes read them; each is found once.
pub struct Checksums<'a> {
    data: &'a Data,
    /// By the way the images are read.
    known: Vec<(HowRead, String)>,
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
        self.known.push((how, sha256.to_owned()));
    }

    /// The fingerprint of the images as a recipe reads them.
    ///
    /// # Errors
    /// Where an image cannot be read.
    pub fn of_recipe(&mut self, recipe: &Recipe) -> Result<String, Error> {
        self.of(HowRead::of_recipe(recipe, &self.data.source))
    }

    /// The fingerprint of the images, read as those were that a model was trained on.
    ///
    /// # Errors
    /// Where an image cannot be read.
    pub fn of_origin(&mut self, origin: &Origin) -> Result<String, Error> {
        self.of(HowRead::of_origin(origin, &self.data.source))
    }

    fn of(&mut self, how: HowRead) -> Result<String, Error> {
        if let Some((_, sha256)) = self.known.iter().find(|(known, _)| *known == how) {
            return Ok(sha256.clone());
        }
        let (paths, memory) = (self.data.catalog.paths(), self.data.memory());
        let stack = load(paths, &how, false, memory)?.stack;
        let sha256 = stack.sha256().to_owned();
        self.known.push((how, sha256.clone()));
        Ok(sha256)
    }
}
