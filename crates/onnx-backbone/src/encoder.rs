//! The beginning of an encoder as a recipe says it.

use std::path::Path;
use std::sync::Arc;

use siamese_net::{
    ChannelOrder, DataSpec, EncoderSpec, Error, ModelFile, ProgramKind, read_program,
};

use crate::backbone::Backbone;

/// The ONNX network that an encoder begins with, `encoder.onnx` of its recipe.
#[derive(Debug, Clone)]
pub struct ReadyNetwork {
    network: Arc<Backbone>,
    /// The order in which it takes channels.
    order: ChannelOrder,
    file: String,
}

/// The networks that a model file itself holds. While this lives, they are in use, and [`ReadyNetwork::load`] needs no file.
#[derive(Debug)]
pub struct HeldNetworks(
    #[expect(dead_code, reason = "held, so that it is in use")] Vec<Arc<Backbone>>,
);

impl HeldNetworks {
    /// Those of this file, which was read from `path`.
    ///
    /// # Errors
    /// [`Error::File`] where one has another SHA-256 than the recipe says, or cannot be used as [`Backbone::load`] finds;
    /// [`Error::Recipe`] where the recipe is none.
    pub fn of(file: &ModelFile, path: &Path) -> Result<Self, Error> {
        let mut held = Vec::new();
        for member in file.card.recipe.members()? {
            let encoder = &member.encoder;
            let (Some((ProgramKind::Onnx, _)), Some(sha256)) = (encoder.program(), &encoder.sha256)
            else {
                continue;
            };
            if let Some(bytes) = file.network(sha256, path)? {
                let read = || Ok((bytes.to_vec(), sha256.clone()));
                held.push(in_use(encoder, path, read)?);
            }
        }
        Ok(Self(held))
    }
}

/// The network of this encoder that is in use, or else the one that `read` gives, with its SHA-256. Errors name it `path`.
fn in_use(
    encoder: &EncoderSpec,
    path: &Path,
    read: impl FnOnce() -> Result<(Vec<u8>, String), Error>,
) -> Result<Arc<Backbone>, Error> {
    let known = |sha256: &str| Backbone::in_use(sha256, encoder.input);
    if let Some(network) = encoder.sha256.as_deref().and_then(known) {
        return Ok(network);
    }
    let (bytes, sha256) = read()?;
    if let Some(network) = known(&sha256) {
        return Ok(network);
    }
    let network = Backbone::load(bytes, encoder.input);
    let network = network.map_err(|error| Error::file(path, error.to_string()))?;
    Ok(network.keep_in_use(sha256))
}

impl ReadyNetwork {
    /// That of this encoder; `None` where it begins otherwise. One that is in use already, as its SHA-256 tells, is loaded
    /// once.
    ///
    /// # Errors
    /// [`Error::File`] where the file is missing, has another SHA-256 than the recipe says, cannot be used as
    /// [`Backbone::load`] finds, or gives vectors of another length than the recipe says.
    pub fn load(encoder: &EncoderSpec) -> Result<Option<Self>, Error> {
        let (Some((ProgramKind::Onnx, file)), Some(length)) =
            (encoder.program(), encoder.embedding)
        else {
            return Ok(None);
        };
        let path = Path::new(file);
        let read = || read_program(ProgramKind::Onnx, path, encoder.sha256.as_deref());
        let network = in_use(encoder, path, read)?;
        let found = network.interface().dimension;
        if found != length {
            let message = format!(
                "the network gives vectors of {found} numbers, expected {length} as encoder.embedding says: set \
                 encoder.embedding = {found}"
            );
            return Err(Error::file(path, message));
        }
        Ok(Some(Self {
            network,
            order: encoder.channel_order,
            file: file.to_owned(),
        }))
    }

    /// `[channels, height, width]` of what it takes.
    #[must_use]
    pub fn image(&self) -> [usize; 3] {
        self.network.interface().image
    }

    /// Numbers in a vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.network.interface().dimension
    }

    /// As [`Backbone::run`]; `see` writes red, green and blue, whatever order the network takes.
    ///
    /// # Errors
    /// [`Error::File`] where it fails.
    pub fn run(
        &self,
        images: usize,
        see: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Result<Vec<f32>, Error> {
        let vectors = self.network.run(images, |number, planes| {
            see(number, planes);
            if self.order == ChannelOrder::Bgr {
                swap_first_and_last(planes, self.image()[0]);
            }
        });
        vectors.map_err(|error| self.fault(&error))
    }

    /// Runs it on two images of noise, scaled as `data` says, so that one that cannot be used is known before anything
    /// begins.
    ///
    /// # Errors
    /// [`Error::File`] where it fails, or a vector holds something that is no number.
    pub fn probe(&self, data: &DataSpec) -> Result<(), Error> {
        let (mean, sd) = (data.mean.each(), data.sd.each());
        let see = |levels: &[u8], planes: &mut [f32]| {
            let pixels = planes.len() / self.image()[0];
            for (i, (x, &level)) in planes.iter_mut().zip(levels).enumerate() {
                let channel = i / pixels;
                *x = ((f64::from(level) / 255.0 - mean[channel]) / sd[channel]) as f32;
            }
        };
        self.network.probe(see).map_err(|error| self.fault(&error))
    }

    fn fault(&self, error: &crate::Error) -> Error {
        Error::file(Path::new(&self.file), error.to_string())
    }
}

/// Red, green, blue become blue, green, red.
fn swap_first_and_last(planes: &mut [f32], channels: usize) {
    let pixels = planes.len() / channels;
    let (first, rest) = planes.split_at_mut(pixels);
    if let Some(begin) = rest.len().checked_sub(pixels) {
        first.swap_with_slice(&mut rest[begin..]);
    }
}
