//! How the weights move.

use serde::{Deserialize, Serialize};

/// How the weights move.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OptimizerSpec {
    /// Stochastic gradient descent.
    Sgd {
        /// Learning rate.
        lr: f64,
        /// Share of the last step that is kept.
        #[serde(default)]
        momentum: f64,
        /// L2 penalty added to the gradient.
        #[serde(default)]
        weight_decay: f64,
    },
    /// `RMSprop` (Tieleman and Hinton 2012) with the defaults of Keras 2: a step is `lr * g / (sqrt(v) + epsilon)`, v the
    /// mean square of the gradient g. PyTorch computes the same.
    Rmsprop {
        /// Learning rate.
        #[serde(default = "milli")]
        lr: f64,
        /// Decay of the mean square.
        #[serde(default = "rho")]
        rho: f64,
        /// Added to the root.
        #[serde(default = "keras_epsilon")]
        epsilon: f64,
        /// Whether epsilon is added to v instead, as in Keras 3: `lr * g / sqrt(v + epsilon)`.
        #[serde(default, skip_serializing_if = "is_false")]
        epsilon_under_root: bool,
    },
    /// Adam (Kingma and Ba 2015).
    Adam {
        /// Learning rate.
        #[serde(default = "milli")]
        lr: f64,
        /// Decay rates of the two moments.
        #[serde(default = "betas")]
        betas: [f64; 2],
        /// Added to the root.
        #[serde(default = "adam_epsilon")]
        epsilon: f64,
    },
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019). Biases and normalisation are not decayed.
    Adamw {
        /// Learning rate.
        #[serde(default = "milli")]
        lr: f64,
        /// Decay rates of the two moments.
        #[serde(default = "betas")]
        betas: [f64; 2],
        /// Added to the root.
        #[serde(default = "adam_epsilon")]
        epsilon: f64,
        /// Share of the weight that a step of rate 1 takes away.
        #[serde(default = "centi")]
        weight_decay: f64,
    },
}

impl OptimizerSpec {
    /// The base learning rate, which the schedule scales.
    #[must_use]
    pub fn lr(&self) -> f64 {
        match *self {
            Self::Sgd { lr, .. }
            | Self::Rmsprop { lr, .. }
            | Self::Adam { lr, .. }
            | Self::Adamw { lr, .. } => lr,
        }
    }
}

fn milli() -> f64 {
    1e-3
}
fn centi() -> f64 {
    1e-2
}
fn rho() -> f64 {
    0.9
}
fn keras_epsilon() -> f64 {
    1e-7
}
fn adam_epsilon() -> f64 {
    1e-8
}
fn is_false(value: &bool) -> bool {
    !value
}
fn betas() -> [f64; 2] {
    [0.9, 0.999]
}
