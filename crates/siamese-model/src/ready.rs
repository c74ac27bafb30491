//! An ONNX network before the layers of an encoder.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use onnx_backbone::ReadyNetwork;
use sha2::{Digest, Sha256};
use siamese_net::{DataSpec, EncoderSpec};
use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// An ONNX network, which runs on the CPU whatever the device, and is not trained. So an image's vector stays the same, and
/// is computed once for each image that comes again: in every epoch, where nothing changes the images at random.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    network: ReadyNetwork,
    device: Device,
    known: Arc<Mutex<Known>>,
}

/// Vectors by the SHA-256 of what the network saw.
type Known = HashMap<[u8; 32], Vec<f32>>;

/// Numbers in all vectors that are kept: 256 MiB of f32.
const MOST_KEPT: usize = 1 << 26;

impl Ready {
    /// The ONNX network that an encoder begins with, where it does.
    ///
    /// # Errors
    /// [`Error::Net`] where it cannot be used.
    pub(crate) fn load(spec: &EncoderSpec, device: Device) -> Result<Option<Self>, Error> {
        let network = ReadyNetwork::load(spec)?;
        Ok(network.map(|network| Self {
            network,
            device,
            known: Arc::default(),
        }))
    }

    /// As [`ReadyNetwork::probe`].
    pub(crate) fn probe(&self, data: &DataSpec) -> Result<(), Error> {
        Ok(self.network.probe(data)?)
    }

    /// What the network makes of images, `[n, embedding]` on the device.
    ///
    /// # Errors
    /// [`Error::Net`] where it fails; [`Error::Libtorch`] where memory runs out.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor, Error> {
        let images = images
            .f_to_device(Device::Cpu)?
            .f_to_kind(Kind::Float)?
            .f_contiguous()?;
        let count = images.size()[0];
        let pixels = Vec::<f32>::try_from(&images.f_flatten(0, -1)?)?;
        let pixels: Vec<&[f32]> = pixels
            .chunks_exact(self.network.image().iter().product())
            .collect();
        let keys: Vec<[u8; 32]> = pixels.iter().map(|pixels| digest(pixels)).collect();
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let dimension = self.network.dimension();
        let mut vectors: Vec<Option<Vec<f32>>> = {
            let known = known();
            keys.iter().map(|key| known.get(key).cloned()).collect()
        };
        let missing: Vec<usize> = (0..keys.len()).filter(|&i| vectors[i].is_none()).collect();
        let computed = self.network.run(missing.len(), |number, planes| {
            planes.copy_from_slice(pixels[missing[number]]);
        })?;
        let mut known = known();
        for (&place, vector) in missing.iter().zip(computed.chunks_exact(dimension)) {
            if (known.len() + 1) * dimension <= MOST_KEPT {
                known.insert(keys[place], vector.to_vec());
            }
            vectors[place] = Some(vector.to_vec());
        }
        drop(known);
        let values: Vec<f32> = vectors.into_iter().flatten().flatten().collect();
        Ok(Tensor::f_from_slice(&values)?
            .f_reshape([count, dimension as i64])?
            .f_to_device(self.device)?)
    }
}

fn digest(pixels: &[f32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in pixels.chunks(1024) {
        let bytes: Vec<u8> = part.iter().flat_map(|x| x.to_le_bytes()).collect();
        hash.update(&bytes);
    }
    hash.finalize().into()
}
