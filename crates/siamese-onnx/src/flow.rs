//! What flows between two layers.

use crate::graph::{Graph, Value};

/// What flows between two layers.
#[derive(Clone, Copy)]
pub(crate) struct Flow {
    pub(crate) value: Value,
    pub(crate) shape: Shape,
}

/// Without the batch axis.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Channels, height, width.
    Map([usize; 3]),
    Vector,
}

impl Shape {
    /// Channels, height and width. A plan lets no vector come where a map is needed.
    pub(crate) fn map(self) -> [usize; 3] {
        match self {
            Self::Map(sides) => sides,
            Self::Vector => [1; 3],
        }
    }
}

/// A constant with a value for each channel, or for each feature, of tensors of this shape.
pub(crate) fn by_channel(graph: &mut Graph, name: &str, values: &[f32], shape: Shape) -> Value {
    match shape {
        Shape::Map(_) => graph.floats(name, &[values.len(), 1, 1], values),
        Shape::Vector => graph.floats(name, &[values.len()], values),
    }
}
