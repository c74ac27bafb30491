//! A trained model: everything it takes to use it, in one file.

use std::path::Path;

use ndarray::{Array2, ArrayView3, Axis};
use siamese_net::{
    Calibration, Comparison, Contract, Domain, Fingerprints, ImageStack, ModelFile, ModelParts,
    Picture, Provenance, Recipe, TensorBytes, Threshold, USUAL_FMR, WhitenSpec, network_prefix,
    whitening_prefix,
};
use tch::{Device, Tensor};

use crate::distance::TensorDistance;
use crate::embedder::{Embedder, Member};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::tensor_file::{from_bytes, to_bytes};
use crate::whitening::Whitening;

/// Networks with the recipe they were trained by and their threshold.
#[derive(Debug)]
pub struct Model {
    /// The whole experiment, defaults spelled out.
    pub recipe: Recipe,
    /// From images to what is compared.
    pub embedder: Embedder,
    /// Where the decision lies.
    pub threshold: Option<Threshold>,
    /// Thresholds with the error rates they have on subjects that it did not learn from, in units of the recipe's distance.
    pub calibration: Option<Calibration>,
    /// Which images it learnt from, where that is to be in its file.
    pub fingerprints: Option<Fingerprints>,
    /// What these look like.
    pub domain: Option<Domain>,
    /// Where the weights come from.
    pub provenance: Provenance,
}

impl Model {
    /// Writes the model file, whole or not at all. A ready network is not part of it: it is copied beside the
    /// file, under the name that the file knows it by, unless it is already there.
    ///
    /// # Errors
    /// [`Error::Net`] where the file cannot be written, or a program is gone or changed.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let recipe = match self.recipe.has_programs() {
            true => &self.recipe.keep_programs(folder(path))?,
            false => &self.recipe,
        };
        let tensors = self.tensors()?;
        let parts = ModelParts {
            recipe,
            threshold: self.threshold.as_ref(),
            calibration: self.calibration.as_ref(),
            fingerprints: self.fingerprints.as_ref(),
            domain: self.domain.as_ref(),
            provenance: &self.provenance,
        };
        Ok(parts.write(path, &tensors)?)
    }

    /// Under what its embeddings may be compared with those of another model.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where memory runs out.
    pub fn contract(&self) -> Result<Contract, Error> {
        let tensors = self.tensors()?;
        let views = tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor.clone()));
        Ok(Contract::new(&self.recipe.portable(), views)?)
    }

    /// Every tensor as it stands in the file.
    fn tensors(&self) -> Result<Vec<(String, TensorBytes<'static>)>, Error> {
        let members = self.embedder.members();
        let mut tensors = Vec::new();
        for (i, member) in members.iter().enumerate() {
            let prefix = network_prefix(i, members.len());
            for (name, tensor) in member.encoder.named_tensors() {
                tensors.push((format!("{prefix}{name}"), to_bytes(tensor)?));
            }
            for (map, whitening) in member.whitening.iter().enumerate() {
                let name = whitening_prefix(map, member.whitening.len());
                for (part, tensor) in [("mean", &whitening.mean), ("weight", &whitening.weight)] {
                    tensors.push((format!("{prefix}{name}{part}"), to_bytes(tensor)?));
                }
            }
        }
        Ok(tensors)
    }

    /// Reads a model file. Nothing in it is executed. A ready network that it names is: the file beside it that has
    /// the name and the SHA-256 which the model says, and no other.
    ///
    /// # Errors
    /// [`Error::Net`] where it cannot be read, is not a model file of a known version, or its ready network is not beside it.
    pub fn load(path: &Path, device: Device) -> Result<Self, Error> {
        Self::of_file(&ModelFile::read(path)?, path, device)
    }

    /// Of a model file that was read from `path`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn of_file(file: &ModelFile, path: &Path, device: Device) -> Result<Self, Error> {
        #[cfg(feature = "onnx")]
        let _held = onnx_backbone::HeldNetworks::of(file, path)?;
        let recipe = file.recipe_in_place(path)?;
        let recipes = recipe.members()?;
        let members = recipes
            .iter()
            .enumerate()
            .map(|(i, own)| member(file, own, &network_prefix(i, recipes.len()), device))
            .collect::<Result<_, String>>()
            .map_err(|message| siamese_net::Error::file(path, message))?;
        let embedder = Embedder::new(members, recipe.embedding)?;
        Ok(Self {
            recipe,
            embedder,
            threshold: file.card.threshold.clone(),
            calibration: file.card.calibration.clone(),
            fingerprints: file.card.fingerprints.clone(),
            domain: file.card.domain.clone(),
            provenance: file.card.provenance.clone(),
        })
    }

    /// Embeds grey images `[n, h, w]`, already of the encoder's size, into `[n, d]`, to be compared by
    /// [`Recipe::distance`].
    ///
    /// # Errors
    /// As [`Self::embed_stack`].
    pub fn embed(&self, images: ArrayView3<'_, u8>) -> Result<Array2<f32>, Error> {
        self.embed_stack(&ImageStack::new(images)?)
    }

    /// Compares two images: pixels `[c, h, w]`, or with the feature `images` files and the bytes of files. If the model
    /// holds a calibration it decides at an FMR of 1 %; [`Comparison::decided_by`] decides at another.
    ///
    /// ```no_run
    /// # use siamese_model::{Device, Model};
    /// # let (a, b) = (ndarray::Array3::zeros((1, 56, 46)), ndarray::Array3::zeros((1, 56, 46)));
    /// let model = Model::load("model.safetensors".as_ref(), Device::Cpu)?;
    /// let comparison = model.compare(a.view(), b.view())?;
    /// println!("{:.3}", comparison.distance);
    /// # Ok::<(), siamese_model::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Net`] for an image that cannot be read, or is not of the size and channels that the recipe says;
    /// [`Error::Libtorch`] where memory runs out.
    pub fn compare<'a>(
        &self,
        a: impl Into<Picture<'a>>,
        b: impl Into<Picture<'a>>,
    ) -> Result<Comparison, Error> {
        let [a, b] = [a.into(), b.into()].map(|picture| picture.planes(&self.recipe));
        let both = ndarray::stack(Axis(0), &[a?.view(), b?.view()])
            .map_err(|error| Error::Data(error.to_string()))?;
        let embeddings = self
            .embedder
            .embed(&ImageStack::of_planes(both)?, &[0, 1])?;
        let metric = self.recipe.distance();
        let distances = metric.of_pairs(&embeddings, &[0], &[1])?;
        let distance = distances.first().copied().map_or(f64::NAN, f64::from);
        let found = Comparison::new(metric, distance, self.threshold.clone());
        Ok(found.decided_by(self.calibration.as_ref(), USUAL_FMR))
    }

    /// Embeds every image, already of the encoder's size and channels, into `[n, d]`.
    ///
    /// # Errors
    /// [`Error::Net`] for others, [`Error::Libtorch`] where memory runs out.
    pub fn embed_stack(&self, stack: &ImageStack) -> Result<Array2<f32>, Error> {
        let numbers: Vec<i64> = (0..stack.len() as i64).collect();
        self.embed_numbers(stack, &numbers)
    }

    /// Embeds the images of these numbers into `[k, d]`.
    pub(crate) fn embed_numbers(
        &self,
        stack: &ImageStack,
        numbers: &[i64],
    ) -> Result<Array2<f32>, Error> {
        let embeddings = self.embedder.embed(stack, numbers)?;
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

/// Reads one member; the message names what is missing or does not fit.
fn member(file: &ModelFile, own: &Recipe, prefix: &str, device: Device) -> Result<Member, String> {
    let encoder = Encoder::with_tensors(&own.encoder, &own.data, device, |name| {
        from_bytes(&file.tensor(&format!("{prefix}{name}"))?)
    })?;
    let whiten = own.embedding.and_then(|embedding| embedding.whiten);
    let shares = whiten.map_or_else(Vec::new, WhitenSpec::shares);
    let d = encoder.plan().embedding() as i64;
    let whitening = shares.iter().enumerate().map(|(map, &share)| {
        let name = format!("{prefix}{}", whitening_prefix(map, shares.len()));
        let tensor = |part: &str| -> Result<Tensor, String> {
            let tensor = from_bytes(&file.tensor(&format!("{name}{part}"))?)?;
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
