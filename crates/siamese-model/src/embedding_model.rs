//! A model on libtorch, as what judges models knows one.

use ndarray::Array2;
use siamese_net::{
    Calibration, EmbeddingModel, EmbeddingSpec, Engine, ImageStack, Provenance, Recipe, Threshold,
};
use tch::Device;

use crate::device::{device_name, libtorch_version};
use crate::embedder::{Embedder, Member};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::model::Model;

impl EmbeddingModel for Model {
    fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    fn threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref()
    }

    fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn engine(&self) -> Engine {
        let device = self.embedder.device();
        let on_cpu = Engine::on_cpu("libtorch", libtorch_version());
        match device {
            Device::Cpu => on_cpu,
            _ => on_cpu.on_gpu(device_name(device)),
        }
    }

    fn embeddings(
        &self,
        images: &ImageStack,
        numbers: &[i64],
    ) -> Result<Array2<f32>, siamese_net::Error> {
        Ok(self.embed_numbers(images, numbers)?)
    }

    fn distances(
        &self,
        images: &ImageStack,
        a: &[u32],
        b: &[u32],
    ) -> Result<Vec<f32>, siamese_net::Error> {
        let distance = self.recipe.distance();
        Ok(self.embedder.distances(images, a, b, distance)?)
    }

    fn untrained(&self) -> Result<Option<Box<dyn EmbeddingModel>>, siamese_net::Error> {
        Ok(Some(Box::new(self.as_it_began()?)))
    }
}

impl Model {
    /// The same networks with the random weights of the recipe's seed, a TorchScript program as it came, and without a
    /// whitening, which is fitted where training has ended.
    fn as_it_began(&self) -> Result<Self, Error> {
        let recipe = &self.recipe;
        let device = self.embedder.device();
        let members = recipe.members()?.into_iter().map(|own| {
            Ok(Member {
                encoder: Encoder::new(&own.encoder, &own.data, own.seed, device)?,
                whitening: Vec::new(),
            })
        });
        let members = members.collect::<Result<_, Error>>()?;
        let spec = recipe.embedding.map(|spec| EmbeddingSpec {
            whiten: None,
            ..spec
        });
        Ok(Self {
            embedder: Embedder::new(members, spec)?,
            recipe: Recipe {
                embedding: spec,
                ..recipe.clone()
            },
            threshold: None,
            calibration: None,
            fingerprints: None,
            provenance: Provenance {
                epoch: 0,
                ..self.provenance.clone()
            },
        })
    }
}
