//! The tensors of an encoder.

/// How a parameter begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// By the recipe's initialiser.
    Weight {
        /// Values that one output is a sum of.
        fan_in: usize,
        /// Outputs that one input goes into.
        fan_out: usize,
    },
    /// At one value.
    Constant(f32),
}

/// One tensor of the encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Unique, for instance `layers.1.weight`; the key in model files.
    pub name: String,
    /// Of convolutions `[out, in, height, width]`, of dense layers `[out, in]`, of all else `[channels]`.
    pub shape: Vec<i64>,
    /// How it begins.
    pub start: Start,
    /// False for running figures, which no gradient reaches.
    pub trainable: bool,
}

/// The outermost layer that a network's tensor belongs to, by its name without the network's prefix: counted from 1, and
/// 0 for a TorchScript program before the layers.
#[must_use]
pub fn layer_of_tensor(name: &str) -> usize {
    if name.starts_with("script.") {
        return 0;
    }
    let number = name.split('.').nth(1);
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(usize::MAX)
}
