//! A model file, read and written without the networks in it.

use std::borrow::Cow;
use std::path::Path;

use serde::{Deserialize, Serialize};
use verification_figures::{Calibration, Direction, Fusion};

use super::contract::Contract;
use super::fingerprints::Fingerprints;
use super::format::{MODEL_FORMAT, WITH_CALIBRATION, WITH_NETWORKS, WITH_RELATIVE, oldest_format};
use super::names::{network_prefix, whitening_prefix};
use super::networks::is_network;
use super::provenance::Provenance;
use super::tensors::{TensorBytes, TensorFile, to_bytes, write_tensors};
use super::threshold::Threshold;
use crate::atomic::write_atomically;
use crate::domain::Domain;
use crate::error::Error;
use crate::plan::Plan;
use crate::recipe::Recipe;

/// What a model file says about itself, read without its networks. Nothing is executed, whatever the model is made of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModelCard {
    /// The whole experiment. Its ready networks, if it has any, are named as files beside the model; see
    /// [`ModelFile::network`] for those that are in it.
    pub recipe: Recipe,
    /// Where the decision lies.
    pub threshold: Option<Threshold>,
    /// Thresholds with the error rates they have on subjects that it did not learn from, in units of the recipe's distance.
    pub calibration: Option<Calibration>,
    /// Which images it learnt from.
    pub fingerprints: Option<Fingerprints>,
    /// What these look like.
    pub domain: Option<Domain>,
    /// Where the weights come from.
    pub provenance: Provenance,
    /// Names and shapes of all tensors, by name; ready networks are none.
    pub tensors: Vec<(String, Vec<usize>)>,
}

impl ModelCard {
    /// Reads a model file.
    ///
    /// # Errors
    /// As [`ModelFile::read`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Ok(ModelFile::read(path)?.card)
    }
}

/// The document in a model file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Document {
    format: u32,
    recipe: String,
    threshold: Option<Threshold>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calibration: Option<Calibration>,
    provenance: Provenance,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprints: Option<Fingerprints>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<Domain>,
}

/// What a model file says, to be written with its tensors.
#[derive(Debug, Clone, Copy)]
pub struct ModelParts<'a> {
    /// The whole experiment.
    pub recipe: &'a Recipe,
    /// Where the decision lies.
    pub threshold: Option<&'a Threshold>,
    /// See [`ModelCard::calibration`].
    pub calibration: Option<&'a Calibration>,
    /// Which images it learnt from.
    pub fingerprints: Option<&'a Fingerprints>,
    /// What these look like.
    pub domain: Option<&'a Domain>,
    /// Where the weights come from.
    pub provenance: &'a Provenance,
}

impl ModelParts<'_> {
    /// Writes a model file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] with the path, [`Error::Recipe`] for a recipe that cannot be written.
    pub fn write(self, path: &Path, tensors: &[(String, TensorBytes<'_>)]) -> Result<(), Error> {
        let mut document = Document {
            format: 0,
            recipe: self.recipe.to_toml()?,
            threshold: self.threshold.cloned(),
            calibration: self.calibration.cloned(),
            provenance: self.provenance.clone(),
            fingerprints: self.fingerprints.cloned(),
            domain: self.domain.cloned(),
        };
        document.format = document.oldest_format(self.recipe);
        write_tensors(path, tensors, &document)
    }
}

impl Document {
    fn oldest_format(&self, recipe: &Recipe) -> u32 {
        let of_calibration = match &self.calibration {
            Some(found) if found.fusion == Fusion::Relative => WITH_RELATIVE,
            Some(_) => WITH_CALIBRATION,
            None => 0,
        };
        oldest_format(recipe).max(of_calibration)
    }
}

/// A model file read whole: what it says of itself, and its tensors.
#[derive(Debug)]
pub struct ModelFile {
    /// What it says of itself.
    pub card: ModelCard,
    pub(super) file: TensorFile<Document>,
}

impl ModelFile {
    /// Reads a model file. Nothing in it is executed.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read; [`Error::File`] where it is not a model file of a known version;
    /// [`Error::Recipe`] where its recipe does not parse.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::of(TensorFile::read(path, "model")?, path)
    }

    /// The same of the bytes of a model file, such as a gallery keeps; errors name it `path`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of_bytes(bytes: Vec<u8>, path: &Path) -> Result<Self, Error> {
        Self::of(TensorFile::of_bytes(bytes, path, "model")?, path)
    }

    fn of(file: TensorFile<Document>, path: &Path) -> Result<Self, Error> {
        let document = &file.document;
        if document.format > MODEL_FORMAT {
            let message = format!(
                "the model file has format {}, and this version reads formats up to {MODEL_FORMAT}: update siamese",
                document.format
            );
            return Err(Error::file(path, message));
        }
        let recipe = Recipe::parse::<&str>(
            &document.recipe,
            &format!("recipe in {}", path.display()),
            &[],
        )?;
        if let Some(calibration) = &document.calibration
            && calibration.direction != Direction::Distance
        {
            let message = "its calibration is one of similarities, and a model's is of distances: siamese did not write it";
            return Err(Error::file(path, message));
        }
        // Nothing else on this machine is run, even if a stranger's file names it correctly.
        if !recipe.names_kept_programs() {
            let names: Vec<&str> = recipe.programs().map(|(_, file)| file).collect();
            let message = format!(
                "names a ready network ({}), but not by its SHA-256. So siamese did not write this file: do not \
                 use it",
                names.join(", ")
            );
            return Err(Error::file(path, message));
        }
        let card = ModelCard {
            threshold: document.threshold.clone(),
            calibration: document.calibration.clone(),
            fingerprints: document.fingerprints.clone(),
            domain: document.domain.clone(),
            provenance: document.provenance.clone(),
            tensors: file
                .shapes()
                .into_iter()
                .filter(|(name, _)| !is_network(name))
                .collect(),
            recipe,
        };
        Ok(Self { card, file })
    }

    /// Its recipe as it is used: the ready networks that it names are files beside the model file, and they are there, or
    /// they are in the model file itself.
    ///
    /// # Errors
    /// [`Error::File`] where one is missing.
    pub fn recipe_in_place(&self, path: &Path) -> Result<Recipe, Error> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let recipe = self.card.recipe.clone().relative_to(folder)?;
        let mut programs = recipe.programs();
        let missing = |&(_, file): &(_, &str)| !Path::new(file).exists() && !self.holds_networks();
        if let Some((kind, missing)) = programs.find(missing) {
            let message = format!(
                "the model runs a {} that is not here: put it beside the model as {missing}. A run keeps it beside the \
                 model that it writes",
                kind.name()
            );
            return Err(Error::file(path, message));
        }
        drop(programs);
        Ok(recipe)
    }

    /// Under what its embeddings may be compared with those of another model: a digest over all weights.
    ///
    /// # Errors
    /// [`Error::Recipe`] or [`Error::Layer`] where the recipe is none, [`Error::File`] for a tensor that is no f32.
    pub fn contract(&self, path: &Path) -> Result<Contract, Error> {
        Contract::new(&self.card.recipe, self.tensors(path)?)
    }

    /// All tensors, by name.
    fn tensors(&self, path: &Path) -> Result<Vec<(&str, TensorBytes<'_>)>, Error> {
        let names = self.file.names().filter(|name| !is_network(name));
        let tensors = names.map(|name| Ok((name, self.file.tensor(name)?)));
        let tensors: Result<_, String> = tensors.collect();
        tensors.map_err(|message| Error::file(path, message))
    }

    /// The tensor of that name.
    ///
    /// # Errors
    /// A message that says what is missing.
    pub fn tensor(&self, name: &str) -> Result<TensorBytes<'_>, String> {
        self.file.tensor(name)
    }

    /// Fails where a tensor that the recipe's networks need is missing or of another shape. What is inside a ready
    /// network is not known before it is read, so it is not looked at.
    ///
    /// # Errors
    /// [`Error::File`] with the tensor; [`Error::Recipe`] or [`Error::Layer`] where the recipe is none.
    pub fn expect_whole(&self, path: &Path) -> Result<(), Error> {
        let networks = self.card.recipe.members()?;
        let shape = |name: &str| -> Result<Vec<usize>, Error> {
            let found = self.tensor(name).map(|tensor| tensor.shape);
            found.map_err(|message| Error::file(path, message))
        };
        for (i, network) in networks.iter().enumerate() {
            let prefix = network_prefix(i, networks.len());
            let plan = Plan::new(&network.encoder)?;
            for param in plan.params() {
                let name = format!("{prefix}{}", param.name);
                let found = shape(&name)?;
                if !found
                    .iter()
                    .map(|&side| side as i64)
                    .eq(param.shape.iter().copied())
                {
                    let message = format!(
                        "tensor {name} has the shape {found:?}, expected {:?}",
                        param.shape
                    );
                    return Err(Error::file(path, message));
                }
            }
            let whiten = network.embedding.and_then(|embedding| embedding.whiten);
            let maps = whiten.map_or(0, |whiten| whiten.shares().len());
            for map in 0..maps {
                let name = format!("{prefix}{}", whitening_prefix(map, maps));
                let d = plan.embedding();
                let (mean, weight) = (
                    shape(&format!("{name}mean"))?,
                    shape(&format!("{name}weight"))?,
                );
                if mean != [d] || weight.len() != 2 || weight[1] != d {
                    let message = format!(
                        "{name}mean and .weight have the shapes {mean:?} and {weight:?}, expected [{d}] and [components, {d}]"
                    );
                    return Err(Error::file(path, message));
                }
            }
        }
        Ok(())
    }

    /// Writes the same model with another calibration, or without one: the same tensors, recipe and contract.
    ///
    /// A ready network that is not in it is not copied: it has to lie beside `path`, too.
    ///
    /// # Errors
    /// [`Error::Io`] with the path.
    pub fn write_calibrated(
        &self,
        path: &Path,
        calibration: Option<&Calibration>,
    ) -> Result<(), Error> {
        let mut document = Document {
            calibration: calibration.cloned(),
            ..self.file.document.clone()
        };
        document.format = document.oldest_format(&self.card.recipe);
        let networks: Vec<_> = self.networks().collect();
        write_atomically(path, &self.written(document, &networks, path)?)
    }

    /// The bytes of a model file of the same tensors, with this document and these ready networks in it.
    pub(super) fn written(
        &self,
        mut document: Document,
        networks: &[(String, Cow<'_, [u8]>)],
        path: &Path,
    ) -> Result<Vec<u8>, Error> {
        if !networks.is_empty() {
            document.format = document.format.max(WITH_NETWORKS);
        }
        let tensors = self.tensors(path)?;
        let bytes = to_bytes(
            tensors.iter().map(|(name, tensor)| (*name, tensor)),
            networks,
            &document,
        );
        bytes.map_err(|message| Error::file(path, message))
    }

    /// Writes a model file without calibration, fingerprints and domain: see [`ModelParts::write`].
    ///
    /// # Errors
    /// As [`ModelParts::write`].
    pub fn write(
        path: &Path,
        recipe: &Recipe,
        threshold: Option<&Threshold>,
        provenance: &Provenance,
        tensors: &[(String, TensorBytes<'_>)],
    ) -> Result<(), Error> {
        let parts = ModelParts {
            recipe,
            threshold,
            calibration: None,
            fingerprints: None,
            domain: None,
            provenance,
        };
        parts.write(path, tensors)
    }
}
