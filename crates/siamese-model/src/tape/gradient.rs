//! What a part of a batch has found of a tensor's gradient.

use tch::Tensor;

/// The share of a part of a batch in the gradient of a tensor of weights.
#[derive(Debug)]
pub(crate) enum Gradient {
    /// Like the tensor itself.
    Whole(Tensor),
    /// `of_output^T · input`, of `[n, o]` and `[n, i]`: not yet multiplied, since all parts together write the product of a
    /// large layer to memory once.
    Product { of_output: Tensor, input: Tensor },
}

#[cfg(test)]
impl Gradient {
    pub(crate) fn whole(self) -> Tensor {
        match self {
            Self::Whole(gradient) => gradient,
            Self::Product { of_output, input } => of_output.transpose(0, 1).matmul(&input),
        }
    }
}
