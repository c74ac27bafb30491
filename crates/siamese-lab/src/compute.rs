//! Where to compute, with how many threads, and what computes a model there.

use std::path::Path;

use siamese_net::EmbeddingModel;
#[cfg(feature = "train")]
use siamese_net::ModelFile;

use crate::error::Error;
#[cfg(feature = "train")]
use siamese_model::{Device, DeviceChoice, set_threads};

/// More threads than this do not help a network of the size that a few images a subject can feed.
pub(crate) const MOST_THREADS: usize = 4;

/// Where and with what to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compute {
    /// The device.
    #[cfg(feature = "train")]
    pub device: DeviceChoice,
    /// Threads on the CPU; `None` for the number of cores, at most 4 for each network that trains.
    pub threads: Option<usize>,
    /// Bytes that decoded images may take; `None` for half of what is free.
    pub memory: Option<u64>,
}

impl Compute {
    /// Finds the device and sets the threads of this process; gives both.
    ///
    /// # Errors
    /// Where there is no such device.
    #[cfg(feature = "train")]
    pub fn resolve(&self) -> Result<(Device, usize), Error> {
        let device = self.device.resolve()?;
        let threads = set_threads(Some(self.threads.unwrap_or_else(default_threads)));
        Ok((device, threads))
    }

    /// A model file, computed by what trained it, so that a run judged again gives its figures to the last digit: by
    /// libtorch, or without the feature `train` by `siamese-infer`, whose figures differ in the last digits. Sets the
    /// threads of this process.
    ///
    /// # Errors
    /// Where it cannot be read, or takes what this build or machine has not.
    pub fn open(&self, model: &Path) -> Result<Box<dyn EmbeddingModel>, Error> {
        #[cfg(feature = "train")]
        {
            let (device, _) = self.resolve()?;
            Ok(Box::new(siamese_model::Model::load(model, device)?))
        }
        #[cfg(not(feature = "train"))]
        self.open_fastest(model)
    }

    /// The device, if it is a GPU.
    ///
    /// # Errors
    /// Where there is no such device.
    #[cfg(feature = "train")]
    pub fn gpu(&self) -> Result<Option<Device>, Error> {
        let device = self.device.resolve()?;
        Ok((device != Device::Cpu).then_some(device))
    }

    /// A model file, computed by what is fastest: on a GPU by libtorch, where the feature `train` is there and one is asked
    /// for, else by `siamese-infer`. TorchScript programs take libtorch anywhere. Sets the threads of this process.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_fastest(&self, model: &Path) -> Result<Box<dyn EmbeddingModel>, Error> {
        #[cfg(feature = "train")]
        {
            let (device, _) = self.resolve()?;
            let file = ModelFile::read(model)?;
            if device == Device::Cpu && file.card.recipe.script().is_none() {
                return Ok(Box::new(siamese_infer::Model::of_file(&file, model)?));
            }
            Ok(Box::new(siamese_model::Model::load(model, device)?))
        }
        #[cfg(not(feature = "train"))]
        {
            // A pool that is there already stays.
            let _ = rayon::ThreadPoolBuilder::new()
                .num_threads(self.threads.unwrap_or_else(default_threads).max(1))
                .build_global();
            Ok(Box::new(siamese_infer::Model::load(model)?))
        }
    }
}

/// The instructions that `siamese-infer` computes with on this processor, such as `AVX2`.
#[must_use]
pub fn instructions() -> String {
    siamese_infer::Instructions::best().to_string()
}

/// The threads to compute with where nothing else is said: as many as there are cores, at most 4.
#[must_use]
pub fn default_threads() -> usize {
    cores().min(MOST_THREADS)
}

/// The default number of threads for training this many networks side by side.
#[cfg(feature = "train")]
pub(crate) fn threads_for(networks: usize) -> usize {
    cores().min(networks.saturating_mul(MOST_THREADS))
}

/// The cores of this machine that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
