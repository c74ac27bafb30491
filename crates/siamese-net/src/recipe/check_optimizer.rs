//! That the settings of an optimizer make sense.

use super::bounds::{not_negative, positive, share};
use crate::spec::OptimizerSpec;

pub(super) fn check_optimizer(optimizer: &OptimizerSpec) -> Result<(), String> {
    positive("optimizer.lr", optimizer.lr())?;
    match *optimizer {
        OptimizerSpec::Sgd {
            momentum,
            weight_decay,
            ..
        } => {
            share("optimizer.momentum", momentum)?;
            not_negative("optimizer.weight_decay", weight_decay)
        }
        OptimizerSpec::Rmsprop { rho, epsilon, .. } => {
            share("optimizer.rho", rho)?;
            positive("optimizer.epsilon", epsilon)
        }
        OptimizerSpec::Adam { betas, epsilon, .. } => moments(betas, epsilon),
        OptimizerSpec::Adamw {
            betas,
            epsilon,
            weight_decay,
            ..
        } => {
            moments(betas, epsilon)?;
            not_negative("optimizer.weight_decay", weight_decay)
        }
    }
}

fn moments(betas: [f64; 2], epsilon: f64) -> Result<(), String> {
    for beta in betas {
        share("optimizer.betas", beta)?;
    }
    positive("optimizer.epsilon", epsilon)
}
