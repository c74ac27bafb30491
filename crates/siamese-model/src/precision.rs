//! The numbers that a recipe trains with, as libtorch names them.

use siamese_net::Precision;
use tch::Kind;

pub(crate) fn kind(precision: Precision) -> Kind {
    match precision {
        Precision::F32 => Kind::Float,
        Precision::Bf16 => Kind::BFloat16,
    }
}
