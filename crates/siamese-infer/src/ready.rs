//! A ready ONNX network, and the layers after it.

use onnx_backbone::ReadyNetwork;
use siamese_net::{Error, Plan, Recipe};

use crate::network::{Tensors, Vectors};
use crate::see::Eye;
use crate::views::Seen;
use map_kernels::{Inputs, Instructions};

/// A ready network, and the layers after it.
#[derive(Debug)]
pub(crate) struct Ready {
    network: ReadyNetwork,
    after: Vectors,
    embedding: usize,
}

impl Ready {
    /// The encoder of `own`, where it begins with an ONNX network.
    pub(crate) fn load(
        own: &Recipe,
        plan: &Plan,
        tensors: &Tensors<'_>,
    ) -> Result<Option<Self>, Error> {
        let Some(network) = ReadyNetwork::load(&own.encoder)? else {
            return Ok(None);
        };
        let inputs = Inputs {
            channels: network.dimension(),
            area: 1,
        };
        Ok(Some(Self {
            network,
            after: Vectors::new(plan.ops(), inputs, tensors)?,
            embedding: plan.embedding(),
        }))
    }

    /// Numbers of an embedding.
    pub(crate) fn embedding(&self) -> usize {
        self.embedding
    }

    /// The embeddings of these views of images `[channel][row][column]`, one after the other.
    pub(crate) fn embed(
        &self,
        eye: &Eye,
        views: &[Seen<'_>],
        shape: [usize; 3],
        by: Instructions,
    ) -> Result<Vec<f32>, Error> {
        let vectors = self.network.run(views.len(), |number, planes| {
            let (image, view) = views[number];
            let mut room = Vec::new();
            eye.planes(
                view.of(image, shape, &mut room),
                self.network.image(),
                planes,
            );
        });
        Ok(self.after.run(vectors?, by))
    }
}
