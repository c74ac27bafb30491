//! One training of several, and what is there of it.

use std::fs;
use std::path::{Path, PathBuf};

use siamese_net::Recipe;

use crate::error::{Error, read_bytes, remove};
use crate::judge::RunRecord;
use crate::recipe_file::read_recipe;
use crate::run::first_checkpoint;

/// One training of several.
#[derive(Debug, Clone)]
pub struct Job {
    /// A built-in recipe's name or a TOML file.
    name: String,
    overrides: Vec<String>,
    /// The model file that it begins with, if any.
    pub init: Option<PathBuf>,
    /// The folder of a run that trains the same networks.
    twin: Option<PathBuf>,
    /// The folder of its run.
    pub folder: PathBuf,
}

/// What a folder holds of its training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Nothing, or a run of another recipe.
    Nothing,
    /// A run that was begun.
    Begun,
    /// The finished run.
    Finished,
}

impl Job {
    /// A recipe, by its name or file and with values replaced, trained into the folder `name` in `out`.
    #[must_use]
    pub fn new(recipe: &str, out: &Path, name: &str, overrides: Vec<String>) -> Self {
        Self {
            name: recipe.to_owned(),
            folder: out.join(name),
            init: None,
            twin: None,
            overrides,
        }
    }

    /// The same training, which takes its networks from the run of another that trains the same, once that is finished.
    #[must_use]
    pub fn taking_networks_of(&self, other: &Self) -> Self {
        Self {
            twin: Some(other.folder.clone()),
            ..self.clone()
        }
    }

    /// A built-in recipe's name or a TOML file.
    #[must_use]
    pub fn recipe_name(&self) -> &str {
        &self.name
    }

    /// Values of the recipe that are replaced, each `KEY=VALUE`.
    #[must_use]
    pub fn overrides(&self) -> &[String] {
        &self.overrides
    }

    /// The folder of a finished run that trained the same networks, which need not be trained again.
    #[must_use]
    pub fn twin(&self) -> Option<&Path> {
        let twin = self.twin.as_deref();
        twin.filter(|folder| folder.join("figures.json").exists())
    }

    /// What is trained.
    ///
    /// # Errors
    /// Where the recipe cannot be read.
    pub fn recipe(&self) -> Result<Recipe, Error> {
        read_recipe(&self.name, &self.overrides)
    }

    /// The record of this very training, where the folder holds it finished.
    ///
    /// # Errors
    /// Where the recipe or the record cannot be read.
    pub fn record(&self) -> Result<Option<RunRecord>, Error> {
        match self.progress()? {
            Progress::Finished => RunRecord::read(&self.folder).map(Some),
            _ => Ok(None),
        }
    }

    /// Treats the folder as empty, so that it is trained again.
    ///
    /// # Errors
    /// Where its recipe cannot be removed.
    pub fn forget(&self) -> Result<(), Error> {
        Ok(remove(&self.folder.join("recipe.toml"))?)
    }

    /// Whether the folder holds a training, but not this one.
    pub fn is_of_another_recipe(&self) -> bool {
        self.folder.join("recipe.toml").exists() && !self.is_of_this_recipe().unwrap_or(false)
    }

    fn is_of_this_recipe(&self) -> Result<bool, Error> {
        let recipe = self.recipe()?;
        let path = self.folder.join("recipe.toml");
        let found = fs::read_to_string(&path)
            .ok()
            .and_then(|text| Recipe::parse::<&str>(&text, &path.display().to_string(), &[]).ok());
        Ok(
            found.is_some_and(|found| found.portable() == recipe.portable())
                && self.began_with_the_same()?,
        )
    }

    /// Whether the run in the folder began with the same model file, or like this one with none.
    fn began_with_the_same(&self) -> Result<bool, Error> {
        let copy = self.folder.join("init.safetensors");
        let Some(init) = &self.init else {
            return Ok(!copy.exists());
        };
        let file = read_bytes(init)?;
        Ok(fs::read(copy).is_ok_and(|copy| copy == file))
    }

    /// What is already there of this very training. Another recipe's run is nothing.
    ///
    /// # Errors
    /// Where the recipe, or the model that it begins with, cannot be read.
    pub fn progress(&self) -> Result<Progress, Error> {
        Ok(match self.is_of_this_recipe()? {
            true if self.folder.join("figures.json").exists() => Progress::Finished,
            true if first_checkpoint(&self.folder).is_some() => Progress::Begun,
            _ => Progress::Nothing,
        })
    }
}
