//! What maps and vectors have in common when they are built.

use siamese_net::{Error, Op};

use super::tensors::{Normalisation, Tensors};
use crate::layer::Activation;

/// The normalisation that this operation is, if it is one.
pub(super) fn normalisation_after(
    op: Option<&Op>,
    tensors: &Tensors<'_>,
) -> Result<Option<Normalisation>, Error> {
    let Some(&Op::BatchNorm {
        weight,
        bias,
        mean,
        var,
        epsilon,
        ..
    }) = op
    else {
        return Ok(None);
    };
    let found = tensors.normalisation([weight, bias, mean, var], epsilon)?;
    Ok(Some(found))
}

/// The activation that this operation is, if it is one.
pub(super) fn activation(op: &Op, tensors: &Tensors<'_>) -> Result<Option<Activation>, Error> {
    Ok(match op {
        Op::Relu => Some(Activation::Relu),
        Op::Prelu { slope } => Some(Activation::Prelu(tensors.values(*slope)?)),
        Op::Gelu => Some(Activation::Gelu),
        Op::Tanh => Some(Activation::Tanh),
        Op::Sigmoid => Some(Activation::Sigmoid),
        Op::Scale { weight } => Some(Activation::Scale(tensors.values(*weight)?)),
        _ => None,
    })
}
