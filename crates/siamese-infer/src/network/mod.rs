//! A network of a plan, ready to run: maps step by step, then vectors.

mod build;
mod maps;
mod tensors;
mod vectors;

pub(crate) use maps::Scratch;
pub(crate) use tensors::Tensors;
pub(crate) use vectors::{Vectors, multiply};

use siamese_net::{Error, Op, Plan};

use crate::map::Geometry;
use map_kernels::Instructions;
use maps::Maps;

/// A network with its weights, from maps to embeddings.
#[derive(Debug)]
pub(crate) struct Network {
    maps: Maps,
    vectors: Vectors,
    embedding: usize,
}

impl Network {
    /// Of a plan with its tensors.
    pub(crate) fn new(plan: &Plan, tensors: &Tensors<'_>) -> Result<Self, Error> {
        let ops = plan.ops();
        let is_end = |op: &Op| matches!(op, Op::Flatten | Op::GlobalAvgPool);
        let end = ops.iter().position(is_end).unwrap_or(ops.len());
        let (of_maps, of_vectors) = ops.split_at(end);
        let end = of_vectors.first().unwrap_or(&Op::Flatten);
        let of_vectors = of_vectors.get(1..).unwrap_or_default();
        let maps = Maps::new(plan.input(), of_maps, end, of_vectors, tensors)?;
        let vectors = Vectors::new(of_vectors, maps.vector_order(), tensors)?;
        Ok(Self {
            maps,
            vectors,
            embedding: plan.embedding(),
        })
    }

    /// Numbers of an embedding.
    pub(crate) fn embedding(&self) -> usize {
        self.embedding
    }

    /// Images that go through the maps together at most.
    pub(crate) fn together(&self) -> usize {
        self.maps.together()
    }

    /// Room for as many on their way.
    pub(crate) fn scratch(&self) -> Scratch {
        self.maps.scratch()
    }

    /// How an image is to be seen in the scratch, see [`Scratch::input`].
    pub(crate) fn input(&self) -> Geometry {
        self.maps.input()
    }

    /// Numbers of the vector that the layers of maps leave of an image.
    pub(crate) fn flat(&self) -> usize {
        self.maps.flat()
    }

    /// The images in the scratch become vectors of [`Self::flat`] numbers: as many as `out` has room for.
    pub(crate) fn flatten(&self, scratch: &mut Scratch, by: Instructions, out: &mut [f32]) {
        self.maps.run(scratch, out.len() / self.flat(), by, out);
    }

    /// Such vectors, one after the other, become embeddings.
    pub(crate) fn finish(&self, vectors: Vec<f32>, by: Instructions) -> Vec<f32> {
        self.vectors.run(vectors, by)
    }
}
