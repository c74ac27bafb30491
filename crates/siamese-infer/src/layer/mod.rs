//! What layers do that are no products: pooling, normalisation, activations, local binary patterns.

mod activation;
mod lbp;
mod pool;
mod scale;
mod unit;

pub(crate) use activation::Activation;
pub(crate) use lbp::Lbp;
pub(crate) use pool::{AvgPool, MaxPool, global_mean};
pub(crate) use scale::Scale;
pub(crate) use unit::{sum_of_squares, to_unit};
