//! A trained model: everything it takes to use it, in one file.

use std::path::Path;

use ndarray::{Array2, ArrayView3};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use crate::encoder::Encoder;
use crate::error::Error;
use crate::image_stack::ImageStack;
use crate::recipe::Recipe;
use crate::tensor_file::{self, TensorFile};

/// Version of the model file's document. A reader refuses a larger one.
pub const MODEL_FORMAT: u32 = 1;

/// An encoder with the recipe it was trained by, its threshold and its history.
#[derive(Debug)]
pub struct Model {
    /// The whole experiment, defaults spelled out.
    pub recipe: Recipe,
    /// The network.
    pub encoder: Encoder,
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
}

#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    recipe: String,
    threshold: Option<Threshold>,
    provenance: Provenance,
}

impl Model {
    /// Writes the model file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] with the path.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let document = Document {
            format: MODEL_FORMAT,
            recipe: self.recipe.to_toml()?,
            threshold: self.threshold.clone(),
            provenance: self.provenance.clone(),
        };
        let tensors = self
            .encoder
            .named_tensors()
            .map(|(name, tensor)| (name.to_owned(), tensor));
        tensor_file::write(path, tensors, &document)
    }

    /// Reads a model file. Nothing in it is executed.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read, [`Error::File`] where it is not a model file of a known version.
    pub fn load(path: &Path, device: Device) -> Result<Self, Error> {
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
        let encoder = Encoder::with_tensors(&recipe.encoder, &recipe.data, device, |name| {
            file.tensor(name)
        })
        .map_err(|message| Error::file(path, message))?;
        let Document {
            threshold,
            provenance,
            ..
        } = file.document;
        Ok(Self {
            recipe,
            encoder,
            threshold,
            provenance,
        })
    }

    /// Embeds images `[n, h, w]`, already of the encoder's size, into `[n, d]`.
    ///
    /// # Errors
    /// [`Error::Geometry`] for another size, [`Error::Libtorch`] where memory runs out.
    pub fn embed(&self, images: ArrayView3<'_, u8>) -> Result<Array2<f32>, Error> {
        let stack = ImageStack::new(images, self.encoder.device())?;
        let numbers: Vec<i64> = (0..stack.len() as i64).collect();
        let embeddings = embed(&self.encoder, &stack, &numbers)?;
        let values = Vec::<f32>::try_from(&embeddings.f_flatten(0, -1)?)?;
        Array2::from_shape_vec((stack.len(), self.encoder.plan().embedding()), values)
            .map_err(|error| Error::Data(error.to_string()))
    }
}

/// Images embedded at a time on a CPU, each part on a thread, and on a GPU.
const EMBED_BATCH: (usize, usize) = (64, 1024);

/// Embeds the images of these numbers into `[k, d]`, in parts; on a CPU on as many threads as the current rayon pool has.
///
/// # Errors
/// [`Error::Geometry`] where the images are not the encoder's size, [`Error::Libtorch`] where memory runs out.
pub fn embed(encoder: &Encoder, images: &ImageStack, numbers: &[i64]) -> Result<Tensor, Error> {
    images.expect_input(encoder.plan().input())?;
    let parts = if encoder.device() == Device::Cpu {
        let parts: Vec<_> = numbers
            .chunks(EMBED_BATCH.0)
            .map(|part| (encoder.share(), images.share(), part))
            .collect();
        let one = |(encoder, images, part): (Encoder, ImageStack, &[i64])| {
            tch::set_num_threads(1);
            encoder.embed(&encoder.see(&images.bytes(part)?)?)
        };
        parts
            .into_par_iter()
            .map(one)
            .collect::<Result<Vec<_>, Error>>()?
    } else {
        let parts = numbers.chunks(EMBED_BATCH.1);
        parts
            .map(|part| encoder.embed(&encoder.see(&images.bytes(part)?)?))
            .collect::<Result<Vec<_>, Error>>()?
    };
    Ok(Tensor::f_cat(&parts, 0)?)
}
