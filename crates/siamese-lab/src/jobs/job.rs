//! One training of several, and what is there of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pairgen::{Catalog, Protocol};
use siamese_net::{Recipe, write_atomically};

use crate::error::{Error, make_folder, read_bytes, remove};
use crate::experiment::{Experiment, list_of};
use crate::run::{first_checkpoint, kept_list};

/// One training of several. Its recipe and its list are those of the time when it was made, whatever becomes of their
/// files.
#[derive(Debug, Clone)]
pub struct Job {
    recipe: Recipe,
    /// What the list holds that divides the subjects, where the protocol is one.
    list: Option<Arc<[u8]>>,
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
    /// A recipe, trained into the folder of a run.
    ///
    /// # Errors
    /// Where the list that the recipe names as its protocol cannot be read.
    pub fn new(recipe: Recipe, folder: PathBuf) -> Result<Self, Error> {
        let protocol: Protocol = recipe.protocol.name.parse()?;
        let list = list_of(&protocol).map(read_bytes).transpose()?;
        Ok(Self {
            recipe,
            list: list.map(Arc::from),
            init: None,
            twin: None,
            folder,
        })
    }

    /// The same training, which takes its networks from the run of another that trains the same, once that is finished.
    #[must_use]
    pub fn taking_networks_of(&self, other: &Self) -> Self {
        Self {
            twin: Some(other.folder.clone()),
            ..self.clone()
        }
    }

    /// The same training, as if its run were in another folder.
    pub(super) fn in_folder(&self, folder: PathBuf) -> Self {
        Self {
            folder,
            ..self.clone()
        }
    }

    /// The folder of a finished run that trained the same networks, which need not be trained again.
    #[must_use]
    pub fn twin(&self) -> Option<&Path> {
        let twin = self.twin.as_deref();
        twin.filter(|folder| folder.join("figures.json").exists())
    }

    /// Whether it is to take its networks from a run that is not finished.
    pub(crate) fn awaits_twin(&self) -> bool {
        self.twin.is_some() && self.twin().is_none()
    }

    /// What is trained.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The recipe as a file, for a training that is not begun.
    #[must_use]
    pub fn recipe_file(&self) -> PathBuf {
        self.beginning().join("recipe.toml")
    }

    /// The list that divides the subjects as a file, for a training that is not begun; `None` where its protocol is no
    /// list.
    #[must_use]
    pub fn list_file(&self) -> Option<PathBuf> {
        let file = self.beginning().join("protocol.list");
        self.list.is_some().then_some(file)
    }

    /// Writes [`Self::recipe_file`] and [`Self::list_file`].
    pub(super) fn lay_out(&self) -> Result<(), Error> {
        make_folder(&self.beginning())?;
        let recipe = self.recipe.keep_programs(&self.beginning())?;
        write_atomically(&self.recipe_file(), recipe.to_toml()?.as_bytes())?;
        if let (Some(file), Some(list)) = (self.list_file(), &self.list) {
            write_atomically(&file, list)?;
        }
        Ok(())
    }

    /// Removes what was written for the training to begin with.
    pub(super) fn clear_up(&self) {
        // It takes room, and nothing reads it any more: where it cannot be removed nothing is wrong.
        let _ = fs::remove_dir_all(self.beginning());
    }

    /// Keeps a copy of the model that the training begins with, so that it can be replaced meanwhile.
    ///
    /// # Errors
    /// Where the model cannot be read, or the copy not be written.
    pub(crate) fn keep_init(&mut self) -> Result<(), Error> {
        let Some(init) = &self.init else {
            return Ok(());
        };
        if self.progress()? != Progress::Nothing {
            self.init = Some(self.kept_init());
            return Ok(());
        }
        let model = siamese_model::Model::load(init, siamese_model::Device::Cpu)?;
        make_folder(&self.beginning())?;
        model.recipe.keep_programs(&self.beginning())?;
        let copy = self.beginning().join("init.safetensors");
        write_atomically(&copy, &read_bytes(init)?)?;
        self.init = Some(copy);
        Ok(())
    }

    /// Where lies what the training begins with.
    fn beginning(&self) -> PathBuf {
        self.folder.join("begin")
    }

    /// The copy that the run keeps of the model that it began with.
    fn kept_init(&self) -> PathBuf {
        self.folder.join("init.safetensors")
    }

    /// Who is trained on and who is judged, by the list that the run has kept, where there is one.
    pub(crate) fn judged_experiment(&self, catalog: &Catalog) -> Result<Experiment, Error> {
        Experiment::with_list(&self.recipe, catalog, kept_list(&self.folder).as_deref())
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

    /// Whether the run in the folder keeps another list than this training has.
    pub(super) fn is_of_another_list(&self) -> bool {
        let kept = kept_list(&self.folder).and_then(|list| fs::read(list).ok());
        kept.is_some_and(|kept| self.list.as_deref().is_some_and(|list| *list != *kept))
    }

    fn is_of_this_recipe(&self) -> Result<bool, Error> {
        let path = self.folder.join("recipe.toml");
        let found = fs::read_to_string(&path)
            .ok()
            .and_then(|text| Recipe::parse::<&str>(&text, &path.display().to_string(), &[]).ok());
        Ok(
            found.is_some_and(|found| found.portable() == self.recipe.portable())
                && self.began_with_the_same()?,
        )
    }

    /// Whether the run in the folder began with the same model file, or like this one with none.
    fn began_with_the_same(&self) -> Result<bool, Error> {
        let copy = self.kept_init();
        let Some(init) = &self.init else {
            return Ok(!copy.exists());
        };
        let file = read_bytes(init)?;
        Ok(fs::read(copy).is_ok_and(|copy| copy == file))
    }

    /// What is already there of this very training. Another recipe's run is nothing.
    ///
    /// # Errors
    /// Where the model that it begins with cannot be read.
    pub fn progress(&self) -> Result<Progress, Error> {
        Ok(match self.is_of_this_recipe()? {
            true if self.folder.join("figures.json").exists() => Progress::Finished,
            true if first_checkpoint(&self.folder).is_some() => Progress::Begun,
            _ => Progress::Nothing,
        })
    }
}
