//! A trained model: everything it takes to use it, in one file.

use std::path::Path;

use ndarray::{Array2, ArrayView3};
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use crate::embedder::{Embedder, Member};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::image_stack::ImageStack;
use crate::origin::Origin;
use crate::recipe::{ByChannel, LossSpec, Recipe, WhitenSpec};
use crate::tensor_file::{self, TensorFile};
use crate::whitening::Whitening;

/// Newest version of the model file's document. A reader refuses a larger one and reads all smaller ones.
///
/// A file says the oldest version whose readers understand it: 1 where its recipe has nothing that came with 2, which
/// brought batches of people, normalisation, averaged weights, processed embeddings and several networks; and 2 where it
/// has nothing that came with 3, which brought TorchScript programs.
pub const MODEL_FORMAT: u32 = 3;

/// Networks with the recipe they were trained by and their threshold.
#[derive(Debug)]
pub struct Model {
    /// The whole experiment, defaults spelled out.
    pub recipe: Recipe,
    /// From images to what is compared.
    pub embedder: Embedder,
    /// Where the decision lies.
    pub threshold: Option<Threshold>,
    /// Where the weights come from.
    pub provenance: Provenance,
}

/// Two images show the same subject where their distance is below `value`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// In units of the recipe's distance.
    pub value: f64,
    /// How it was found, in words.
    pub source: String,
}

/// Where weights come from. Holds no time and no path, so that the same run gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of siamese that trained it.
    pub siamese: String,
    /// Version of libtorch that trained it.
    pub libtorch: String,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// Epochs behind the weights.
    pub epoch: u32,
    /// SHA-256 of the training run's images, as [`ImageStack::sha256`].
    pub data_sha256: String,
    /// SHA-256 of which people of these images were learnt from or watched by, for whoever divided them to tell whether it
    /// was so; absent where nobody wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_sha256: Option<String>,
    /// The model file that training began with; absent where it began with random weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// What a model file says of itself, read without its networks: nothing is executed, whatever the model is made of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModelCard {
    /// The whole experiment. Its TorchScript programs, if it has any, are named as files beside the model.
    pub recipe: Recipe,
    /// Where the decision lies.
    pub threshold: Option<Threshold>,
    /// Where the weights come from.
    pub provenance: Provenance,
    /// Names and shapes of all tensors, by name.
    pub tensors: Vec<(String, Vec<usize>)>,
}

impl ModelCard {
    /// Reads a model file.
    ///
    /// # Errors
    /// As [`Model::load`] of the file alone.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (file, recipe) = read(path)?;
        let tensors = file.shapes(path)?;
        let Document {
            threshold,
            provenance,
            ..
        } = file.document;
        Ok(Self {
            recipe,
            threshold,
            provenance,
            tensors,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    recipe: String,
    threshold: Option<Threshold>,
    provenance: Provenance,
}

impl Model {
    /// Writes the model file, whole or not at all. A TorchScript program is no part of it: it is copied to lie beside the
    /// file, under the name that the file knows it by, unless it is there.
    ///
    /// # Errors
    /// [`Error::Io`] with the path; [`Error::File`] where a program is gone or changed.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let recipe = match self.recipe.has_scripts() {
            true => &self.recipe.keep_scripts(folder(path))?,
            false => &self.recipe,
        };
        let document = Document {
            format: self.format(),
            recipe: recipe.to_toml()?,
            threshold: self.threshold.clone(),
            provenance: self.provenance.clone(),
        };
        let members = self.embedder.members();
        let tensors = members.iter().enumerate().flat_map(|(i, member)| {
            let prefix = prefix(i, members.len());
            let maps = member.whitening.iter().enumerate();
            let maps = maps.flat_map(|(i, map)| {
                let name = map_name(i, member.whitening.len());
                [
                    (format!("{name}mean"), &map.mean),
                    (format!("{name}weight"), &map.weight),
                ]
            });
            let of_network = member.encoder.named_tensors();
            let all = of_network
                .map(|(name, tensor)| (name.to_owned(), tensor))
                .chain(maps);
            all.map(move |(name, tensor)| (format!("{prefix}{name}"), tensor))
        });
        tensor_file::write(path, tensors, &document)
    }

    /// The oldest format that can hold this model.
    fn format(&self) -> u32 {
        let recipe = &self.recipe;
        let plain = recipe.members.is_empty()
            && recipe.embedding.is_none()
            && recipe.batches.is_none()
            && recipe.data.normalise.is_none()
            && recipe.data.pool == 1
            && matches!(
                (recipe.data.mean, recipe.data.sd),
                (ByChannel::All(_), ByChannel::All(_))
            )
            && recipe.train.average.is_none()
            && recipe.fine_tune.is_none()
            && recipe.train.precision.is_usual()
            && recipe.train.accumulate == 1
            && !matches!(recipe.loss, LossSpec::Sum { .. });
        match plain {
            _ if recipe.has_scripts() => 3,
            true => 1,
            false => 2,
        }
    }

    /// Reads a model file. Nothing in it is executed. A TorchScript program that it names is: the file beside it that has
    /// the name and the SHA-256 which the model says, and no other.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read, [`Error::File`] where it is not a model file of a known version, or its
    /// program is not beside it.
    pub fn load(path: &Path, device: Device) -> Result<Self, Error> {
        let (file, recipe) = read(path)?;
        let recipe = recipe.relative_to(folder(path))?;
        if let Some(missing) = recipe.scripts().find(|script| !Path::new(script).exists()) {
            let message = format!(
                "the model runs a TorchScript program that is not here: put it beside the model as {missing}; a run keeps \
                 it beside the model that it writes"
            );
            return Err(Error::file(path, message));
        }
        let recipes = recipe.members()?;
        let members = recipes
            .iter()
            .enumerate()
            .map(|(i, own)| member(&file, own, &prefix(i, recipes.len()), device))
            .collect::<Result<_, String>>()
            .map_err(|message| Error::file(path, message))?;
        let embedder = Embedder::new(members, recipe.embedding)?;
        let Document {
            threshold,
            provenance,
            ..
        } = file.document;
        Ok(Self {
            recipe,
            embedder,
            threshold,
            provenance,
        })
    }

    /// Embeds grey images `[n, h, w]`, already of the encoder's size, into `[n, d]`, to be compared by
    /// [`Recipe::distance`].
    ///
    /// # Errors
    /// As [`Self::embed_stack`].
    pub fn embed(&self, images: ArrayView3<'_, u8>) -> Result<Array2<f32>, Error> {
        self.embed_stack(&ImageStack::new(images, self.embedder.device())?)
    }

    /// Embeds every image, already of the encoder's size and channels, into `[n, d]`.
    ///
    /// # Errors
    /// [`Error::Geometry`] and [`Error::Data`] for others, [`Error::Libtorch`] where memory runs out.
    pub fn embed_stack(&self, stack: &ImageStack) -> Result<Array2<f32>, Error> {
        let numbers: Vec<i64> = (0..stack.len() as i64).collect();
        let embeddings = self.embedder.embed(stack, &numbers)?;
        let (rows, columns) = embeddings.size2()?;
        let values = Vec::<f32>::try_from(&embeddings.f_flatten(0, -1)?)?;
        Array2::from_shape_vec((rows as usize, columns as usize), values)
            .map_err(|error| Error::Data(error.to_string()))
    }
}

/// Where the programs of a model file lie.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Reads a model file, and the recipe in it.
fn read(path: &Path) -> Result<(TensorFile<Document>, Recipe), Error> {
    let file = TensorFile::<Document>::read(path, "model")?;
    let document = &file.document;
    if document.format > MODEL_FORMAT {
        let message = format!(
            "a model file of format {}; this version reads up to {MODEL_FORMAT}: update siamese",
            document.format
        );
        return Err(Error::file(path, message));
    }
    let recipe = Recipe::parse::<&str>(
        &document.recipe,
        &format!("recipe in {}", path.display()),
        &[],
    )?;
    // Nothing else on this machine is run, however well a stranger's file may know it.
    if !recipe.names_kept_scripts() {
        let names: Vec<&str> = recipe.scripts().collect();
        let message = format!(
            "names a TorchScript program ({}) otherwise than by its SHA-256, so it is not written by siamese: do not use \
             it",
            names.join(", ")
        );
        return Err(Error::file(path, message));
    }
    Ok((file, recipe))
}

/// What the tensors' names of a member begin with: nothing where it is the only one.
fn prefix(member: usize, members: usize) -> String {
    match members {
        1 => String::new(),
        _ => format!("members.{}.", member + 1),
    }
}

/// What the names of a whitening's tensors begin with; numbered where there are several.
fn map_name(map: usize, maps: usize) -> String {
    match maps {
        1 => "whitening.".to_owned(),
        _ => format!("whitening.{}.", map + 1),
    }
}

/// Reads one member; the message names what is missing or does not fit.
fn member(
    file: &TensorFile<Document>,
    own: &Recipe,
    prefix: &str,
    device: Device,
) -> Result<Member, String> {
    let encoder = Encoder::with_tensors(&own.encoder, &own.data, device, |name| {
        file.tensor(&format!("{prefix}{name}"))
    })?;
    let whiten = own.embedding.and_then(|embedding| embedding.whiten);
    let shares = whiten.map_or_else(Vec::new, WhitenSpec::shares);
    let d = encoder.plan().embedding() as i64;
    let whitening = shares.iter().enumerate().map(|(map, &share)| {
        let name = format!("{prefix}{}", map_name(map, shares.len()));
        let tensor = |part: &str| -> Result<Tensor, String> {
            let tensor = file.tensor(&format!("{name}{part}"))?;
            tensor
                .f_to_device(device)
                .map_err(|error| error.to_string())
        };
        let (mean, weight) = (tensor("mean")?, tensor("weight")?);
        if mean.size() != [d] || weight.dim() != 2 || weight.size()[1] != d {
            return Err(format!(
                "{name}mean and .weight have the shapes {:?} and {:?}, expected [{d}] and [components, {d}]",
                mean.size(),
                weight.size()
            ));
        }
        Ok(Whitening {
            mean,
            weight,
            share,
        })
    });
    let whitening = whitening.collect::<Result<_, String>>()?;
    Ok(Member { encoder, whitening })
}
