//! What networks of equal layers look like.

use serde::Serialize;
use siamese_net::{LayerRow, Plan};

/// What networks of equal layers look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InspectedEncoder {
    /// Which of the networks, counted from 1.
    pub networks: Vec<usize>,
    /// `[channels, height, width]`.
    pub input: [usize; 3],
    /// Length of its output.
    pub embedding: usize,
    /// Of one network.
    pub parameters: usize,
    /// In order.
    pub layers: Vec<InspectedLayer>,
}

/// A layer of an encoder, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InspectedLayer {
    /// Position counted from 1; `3.2` is the second layer inside the third; empty for a ready network.
    pub index: String,
    /// The layer as a reader would say it.
    pub layer: String,
    /// The shape that comes out: `6x54x44` of a map, `128` of a vector.
    pub output: String,
    /// Trainable numbers in it.
    pub parameters: usize,
}

impl InspectedEncoder {
    pub(super) fn new((plan, networks): (&Plan, Vec<usize>)) -> Self {
        let layer = |row: &LayerRow| InspectedLayer {
            index: row.index.clone(),
            layer: row.layer.clone(),
            output: row.output.to_string(),
            parameters: row.parameters,
        };
        Self {
            networks,
            input: plan.input(),
            embedding: plan.embedding(),
            parameters: plan.parameters(),
            layers: plan.rows().iter().map(layer).collect(),
        }
    }
}
