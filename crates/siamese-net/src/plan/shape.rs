//! Shapes, and the table that shows them.

use std::fmt;

/// What flows between two layers, without the batch axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[channels, height, width]`.
    Map([usize; 3]),
    /// `[features]`.
    Vector(usize),
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map([c, h, w]) => write!(f, "{c}x{h}x{w}"),
            Self::Vector(n) => write!(f, "{n}"),
        }
    }
}

/// One line of the table of layers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LayerRow {
    /// Position counted from 1; `3.2` is the second layer inside the third; empty for a ready network.
    pub index: String,
    /// The layer as a person would say it.
    pub layer: String,
    /// What comes out.
    pub output: Shape,
    /// Trainable numbers in it.
    pub parameters: usize,
}
