//! A model that puts pictures into a gallery.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gallery::{Fusion, NewGeneration};
use ndarray::{Array3, Axis};
use siamese_net::{Contract, Domain, EmbeddingModel, Engine, ImageStack, ModelFile, Recipe};
use verification_figures::Calibration;

use crate::error::{Error, Result};
use crate::units::Units;

/// Bytes of a model that a gallery keeps: databases hold no larger values.
const MOST_BYTES: usize = 999_000_000;

/// Makes of a model file, read from a path, what computes it.
pub type Compute =
    dyn Fn(&ModelFile, &Path) -> Result<Box<dyn EmbeddingModel>, siamese_net::Error> + Send + Sync;

/// A model with its bytes, so that a gallery can keep them.
pub struct Embedder {
    /// It may keep what one thread at a time may use.
    model: Mutex<Box<dyn EmbeddingModel>>,
    recipe: Recipe,
    contract: Contract,
    units: Units,
    calibration: Option<Calibration>,
    domain: Option<Domain>,
    file: ModelFile,
}

impl Embedder {
    /// Reads a model file, and the ONNX networks beside it that it begins with.
    ///
    /// # Errors
    /// As [`Self::of_bytes`]; [`Error::Net`] where it cannot be read, or a network is missing.
    pub fn load(path: &Path) -> Result<Self> {
        Self::of_file(ModelFile::read(path)?, path)
    }

    /// Of the bytes of a model file, which hold its ONNX networks, too, as those of a gallery do; errors name it `path`.
    ///
    /// # Errors
    /// [`Error::Net`] where they are no whole model file; [`Error::Script`], [`Error::TooLarge`] and [`Error::Metric`] for a model that no
    /// gallery can hold; [`Error::Calibration`] and [`Error::Fusion`] for a calibration that none can use.
    pub fn of_bytes(bytes: Vec<u8>, path: &Path) -> Result<Self> {
        Self::of_file(ModelFile::of_bytes(bytes, path)?, path)
    }

    fn of_file(file: ModelFile, path: &Path) -> Result<Self> {
        let recipe = file.card.recipe.clone();
        if let Some(program) = recipe.script() {
            return Err(Error::Script {
                path: path.to_owned(),
                program: program.to_owned(),
            });
        }
        let file = file.with_networks(path)?;
        if file.bytes().len() > MOST_BYTES {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                bytes: file.bytes().len(),
            });
        }
        let contract = file.contract(path)?;
        let units = Units::of(contract.metric)?;
        let calibration = file.card.calibration.clone();
        Ok(Self {
            model: Mutex::new(Box::new(siamese_infer::Model::of_file(&file, path)?)),
            recipe,
            contract,
            units,
            calibration: calibration
                .map(|calibration| units.for_gallery(calibration))
                .transpose()?,
            domain: file.card.domain.clone(),
            file,
        })
    }

    /// The same model, computed by something else, such as a GPU.
    ///
    /// # Errors
    /// [`Error::Net`] where it cannot compute this model.
    pub fn computed_by(self, compute: &Compute, path: &Path) -> Result<Self> {
        Ok(Self {
            model: Mutex::new(compute(&self.file, path)?),
            ..self
        })
    }

    /// What computes it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.model().engine()
    }

    fn model(&self) -> MutexGuard<'_, Box<dyn EmbeddingModel>> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The experiment that the model comes from.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Under what its vectors may be compared with others.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The units of its distances.
    #[must_use]
    pub fn units(&self) -> Units {
        self.units
    }

    /// What the images look like that it was trained on, if its file says so.
    #[must_use]
    pub fn domain(&self) -> Option<&Domain> {
        self.domain.as_ref()
    }

    /// The bytes of its file, with the ONNX networks that it begins with in it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.file.bytes()
    }

    /// The calibration in its file, for the scores of a gallery.
    #[must_use]
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// What a gallery of its vectors is made for. Templates are fused as the model's calibration says, else the best decides.
    #[must_use]
    pub fn generation(&self) -> NewGeneration {
        NewGeneration {
            contract: self.contract.digest.clone(),
            dimension: self.contract.dimension,
            metric: self.units.metric(),
            fusion: self
                .calibration
                .as_ref()
                .map_or(Fusion::Best, |calibration| calibration.fusion),
        }
    }

    /// The vectors of pictures, each of planes that its recipe takes, on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`Error::Net`] where the planes are not of one size, or not of the one that the recipe says.
    pub fn embed(&self, pictures: &[&Array3<u8>]) -> Result<Vec<Vec<f32>>> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let views: Vec<_> = pictures.iter().map(|picture| picture.view()).collect();
        let all = ndarray::stack(Axis(0), &views)
            .map_err(|error| siamese_net::Error::Data(error.to_string()))?;
        let images = ImageStack::of_planes(all)?;
        let numbers: Vec<i64> = (0..pictures.len() as i64).collect();
        let vectors = self.model().embeddings(&images, &numbers)?;
        Ok(vectors.rows().into_iter().map(|row| row.to_vec()).collect())
    }
}

impl std::fmt::Debug for Embedder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Embedder")
            .field("contract", &self.contract)
            .finish_non_exhaustive()
    }
}
