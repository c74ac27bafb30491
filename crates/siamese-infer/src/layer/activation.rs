//! Functions of each number.

use multiversion::multiversion;

/// What a layer makes of each number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x` where it is positive, else `slope x`: one slope, or one for each channel.
    Prelu(Vec<f32>),
    /// `x Phi(x)`.
    Gelu,
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `x factor`, a factor for each feature.
    Scale(Vec<f32>),
}

impl Activation {
    /// Whether it treats all channels alike.
    pub(crate) fn is_same_for_all(&self) -> bool {
        match self {
            Self::Prelu(slopes) => slopes.len() < 2,
            Self::Scale(factors) => factors.len() < 2,
            _ => true,
        }
    }

    /// Numbers whose channels stand side by side.
    pub(crate) fn apply(&self, values: &mut [f32]) {
        match self {
            Self::Relu => relu(values),
            Self::Prelu(slopes) => {
                for values in values.chunks_exact_mut(slopes.len().max(1)) {
                    for (x, slope) in values.iter_mut().zip(slopes) {
                        if *x < 0.0 {
                            *x *= slope;
                        }
                    }
                }
            }
            Self::Gelu => values.iter_mut().for_each(|x| {
                let half = *x * 0.5;
                *x = half + half * libm::erff(*x * std::f32::consts::FRAC_1_SQRT_2);
            }),
            // The same on every system, as those of the standard library are not.
            Self::Tanh => values.iter_mut().for_each(|x| *x = libm::tanhf(*x)),
            Self::Sigmoid => values
                .iter_mut()
                .for_each(|x| *x = 1.0 / (1.0 + libm::expf(-*x))),
            Self::Scale(factors) => {
                for values in values.chunks_exact_mut(factors.len().max(1)) {
                    values.iter_mut().zip(factors).for_each(|(x, f)| *x *= f);
                }
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn relu(values: &mut [f32]) {
    for x in values {
        // Keeps what is no number.
        *x = if *x < 0.0 { 0.0 } else { *x };
    }
}
