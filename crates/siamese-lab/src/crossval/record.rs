//! `crossval.json`.

use std::path::{Path, PathBuf};

use pairgen::Protocol;
use serde::{Deserialize, Serialize};
use siamese_net::{EpisodesSpec, Recipe, write_atomically};
use siamese_report::Requirement;

use crate::error::{Error, read_document};
use crate::judge::Figures;
use crate::spread::Spread;

/// `crossval.json`: what the folder of a cross-validation holds, and the figures once all folds are trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossvalRecord {
    /// The recipe's name.
    pub recipe: String,
    /// The recipe's seed.
    pub seed: u64,
    /// What divides the subjects.
    pub protocol: String,
    /// How many trainings there are, one for each fold.
    pub folds: usize,
    /// Where the images were, as the user wrote it.
    pub data: String,
    /// What is required of the networks, where somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Requirement>,
    /// Images of each subject that are enrolled for searches; absent for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrol: Option<usize>,
    /// The few-shot episodes, where they are not those of the recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episodes: Option<EpisodesSpec>,
    /// Absent until all folds are trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<PooledFigures>,
}

/// Figures over all folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PooledFigures {
    /// Over all comparisons of all folds. Those without a threshold are of the folds at equal FMR.
    pub pooled: Figures,
    /// Over the folds' own figures.
    pub eer: Option<Spread>,
    /// Likewise.
    pub auc: Option<Spread>,
    /// Likewise.
    pub accuracy: Option<Spread>,
    /// Likewise.
    pub balanced_accuracy: Option<Spread>,
}

impl CrossvalRecord {
    /// Of a cross-validation about to begin.
    #[must_use]
    pub fn new(recipe: &Recipe, protocol: &Protocol, folds: usize, data: &Path) -> Self {
        Self {
            recipe: recipe.name.clone(),
            seed: recipe.seed,
            protocol: protocol.to_string(),
            folds,
            data: data.display().to_string(),
            required: None,
            enrol: None,
            episodes: None,
            figures: None,
        }
    }

    /// Where it lies in the folder of a cross-validation.
    #[must_use]
    pub fn path(folder: &Path) -> PathBuf {
        folder.join("crossval.json")
    }

    /// That of the folder of a cross-validation.
    ///
    /// # Errors
    /// Where there is none, or one that this version does not write.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let remedy = "run the cross-validation again";
        Ok(read_document(&Self::path(folder), remedy)?)
    }

    /// Writes it, but for a folder that holds the same cross-validation, with its figures.
    #[cfg(feature = "train")]
    pub(crate) fn write_unless_there(&self, folder: &Path) -> Result<(), Error> {
        let there = Self::read(folder).ok().map(|found| Self {
            figures: None,
            ..found
        });
        match there {
            Some(found) if found == *self => Ok(()),
            _ => self.write(folder),
        }
    }

    /// Writes it, but for a folder that holds the same folds, whatever was asked of their figures.
    #[cfg(feature = "train")]
    pub(crate) fn write_unless_of_the_same(&self, folder: &Path) -> Result<(), Error> {
        let folds = |record: &Self| {
            let Self {
                recipe,
                seed,
                protocol,
                folds,
                ..
            } = record.clone();
            (recipe, seed, protocol, folds)
        };
        match Self::read(folder) {
            Ok(found) if folds(&found) == folds(self) => Ok(()),
            _ => self.write(folder),
        }
    }

    /// Writes it into the folder of the cross-validation.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Error::build("record", error))?;
        Ok(write_atomically(&Self::path(folder), text.as_bytes())?)
    }
}

/// The folder of a fold in that of a cross-validation.
pub(crate) fn fold_name(fold: usize) -> String {
    format!("fold-{fold}")
}
