//! The model that a training begins with.

use std::path::{Path, PathBuf};

use siamese_model::{Device, Init, Model};
use siamese_net::{Origin, Recipe};

use super::strangers::expect_strangers;
use crate::data::{Checksums, Data};
use crate::error::{BeginError, Error, Within, read_bytes};
use crate::experiment::Experiment;
use crate::note::Note;
use crate::run::{RunDir, model_file};

/// A model file to begin with.
pub struct Base {
    path: PathBuf,
    model: Model,
    origin: Origin,
    file: Vec<u8>,
}

impl Base {
    /// The model at this path, or that of the run at it.
    ///
    /// # Errors
    /// Where it cannot be read, or is no model that this version can use.
    pub fn read(path: &Path, device: Device) -> Result<Self, Error> {
        let path = model_file(path)?;
        let file = read_bytes(&path)?;
        let model = Model::load(&path, device)?;
        Ok(Self {
            origin: Origin::new(&model.recipe, &model.provenance, &file),
            path,
            model,
            file,
        })
    }

    /// The copy that a run keeps of the model it began with, for networks that have not begun yet.
    ///
    /// # Errors
    /// As [`Self::read`], and where it is not the file that the run began with.
    pub fn of_run(copy: &Path, origin: &Origin, device: Device) -> Result<Self, Error> {
        let base = Self::read(copy, device)?;
        if base.origin != *origin {
            return Err(BeginError::OtherCopy {
                copy: copy.to_owned(),
                sha256: origin.sha256.clone(),
            }
            .into());
        }
        Ok(base)
    }

    /// Keeps a copy in the run's folder, with the ready networks that it runs.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, run: &RunDir) -> Result<(), Error> {
        self.model.recipe.keep_programs(run.path())?;
        Ok(siamese_net::write_atomically(&run.init(), &self.file)?)
    }

    /// What the network of this number, counted from 0, begins with.
    ///
    /// # Errors
    /// Where the model has fewer networks.
    pub fn init(&self, network: usize) -> Result<Init<'_>, Error> {
        let members = self.model.embedder.members();
        let member = members.get(network).ok_or_else(|| BeginError::NoNetwork {
            path: self.path.clone(),
            network: network + 1,
        })?;
        Ok(Init::new(&member.encoder, &self.origin))
    }

    /// Fails if the networks to be trained cannot begin with this model; returns a note for the user, if there is one.
    ///
    /// # Errors
    /// Where a network of the recipe cannot begin with that of the model.
    pub fn expect_fit(&self, networks: &[Recipe]) -> Result<Option<Note>, Error> {
        let place = self.path.display();
        let members = self.model.recipe.members()?;
        if members.len() != networks.len() {
            return Err(BeginError::Networks {
                path: self.path.clone(),
                found: members.len(),
                expected: networks.len(),
            }
            .into());
        }
        for (i, (own, network)) in members.iter().zip(networks).enumerate() {
            if let (Some(own), Some(other)) = (&own.encoder.sha256, &network.encoder.sha256)
                && own != other
            {
                return Err(BeginError::OtherProgram {
                    path: self.path.clone(),
                    found: own.clone(),
                    expected: other.clone(),
                }
                .into());
            }
            let fits = self.init(i)?.check(network);
            fits.within(|| match networks.len() {
                1 => place.to_string(),
                _ => format!("{place}, network {}", i + 1),
            })?;
        }
        let seen = |recipe: &Recipe| {
            let data = &recipe.data;
            (data.pool, data.mean.each(), data.sd.each(), data.normalise)
        };
        let mut both = members.iter().zip(networks);
        let differ = both.any(|(own, network)| seen(own) != seen(network));
        Ok(differ.then(|| Note::SeenOtherwise {
            model: self.path.clone(),
        }))
    }

    /// As [`expect_strangers`], of this model.
    ///
    /// # Errors
    /// As [`expect_strangers`].
    pub fn expect_strangers(
        &self,
        data: &Data,
        experiment: &Experiment,
        sums: &mut Checksums<'_>,
    ) -> Result<Vec<Note>, Error> {
        expect_strangers(&self.path, &self.origin, data, experiment, sums)
    }
}
