//! The numbers that a recipe trains with, as libtorch names them.

use siamese_net::Precision;
use tch::{Kind, TchError, Tensor};

pub(crate) fn kind(precision: Precision) -> Kind {
    match precision {
        Precision::F32 => Kind::Float,
        Precision::Bf16 => Kind::BFloat16,
    }
}

/// The tensor in these numbers; itself where it is.
pub(crate) fn of_kind(tensor: &Tensor, kind: Kind) -> Result<Tensor, TchError> {
    match tensor.kind() == kind {
        true => Ok(tensor.shallow_clone()),
        false => tensor.f_to_kind(kind),
    }
}
