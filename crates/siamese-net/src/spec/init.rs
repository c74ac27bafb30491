//! How weights begin.

use serde::{Deserialize, Serialize};

/// How weights begin. Biases begin at zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initializer {
    /// Uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010); Keras' default.
    #[default]
    GlorotUniform,
    /// Normal with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010).
    GlorotNormal,
    /// Uniform in +-sqrt(6 / fan_in) (He et al. 2015).
    HeUniform,
    /// Normal with variance 2 / fan_in (He et al. 2015).
    HeNormal,
    /// Uniform in +-sqrt(3 / fan_in) (LeCun et al. 1998).
    LecunUniform,
}
