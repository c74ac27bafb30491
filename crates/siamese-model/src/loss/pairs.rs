//! Losses of single pairs, from their distances.

use tch::Tensor;

use crate::error::Error;

/// Contrastive loss of each pair: `y d^2 + (1 - y) max(margin - d, 0)^2`, y = 1 for genuine.
///
/// `distances` and `genuine` (1.0 or 0.0) are of one shape and f32, as is the result. From R. Hadsell, S. Chopra and Y. LeCun,
/// "Dimensionality reduction by learning an invariant mapping" (CVPR 2006), without that paper's factor of one half,
/// and with Y the other way round: there Y = 0 means alike.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn contrastive(distances: &Tensor, genuine: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let alike = distances.f_square()?;
    let different = distances
        .f_neg()?
        .f_add_scalar(margin)?
        .f_relu()?
        .f_square()?;
    // different + y (alike - different)
    Ok(different.f_lerp_tensor(&alike, genuine)?)
}

/// Exponential loss of each pair: `y (2 / Q) d^2 + (1 - y) 2 Q exp(-2.77 d / Q)`, y = 1 for genuine.
///
/// `distances` and `genuine` (1.0 or 0.0) are of one shape and f32, as is the result; `bound` is Q, the largest value that the
/// distance can take. From S. Chopra, R. Hadsell and Y. LeCun, "Learning a similarity metric discriminatively, with
/// application to face verification" (CVPR 2005), where Y = 0 means genuine.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn chopra2005(distances: &Tensor, genuine: &Tensor, bound: f64) -> Result<Tensor, Error> {
    let alike = distances.f_square()?.f_mul_scalar(2.0 / bound)?;
    let different = distances
        .f_mul_scalar(-2.77 / bound)?
        .f_exp()?
        .f_mul_scalar(2.0 * bound)?;
    Ok(different.f_lerp_tensor(&alike, genuine)?)
}

/// Cross-entropy of each pair: `-y log p - (1 - y) log(1 - p)` of `p = 1 / (1 + exp(d - bias))`, y = 1 for genuine.
///
/// `distances` and `genuine` (1.0 or 0.0) are of one shape and f32, as is the result; `bias` is the log-odds of being genuine
/// at distance 0. With the L1 distance of features that a layer `scale` has multiplied it is that of G. Koch, R. Zemel and
/// R. Salakhutdinov, "Siamese neural networks for one-shot image recognition" (2015), whose weights of the single
/// differences are then never below zero.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn logistic(distances: &Tensor, genuine: &Tensor, bias: f64) -> Result<Tensor, Error> {
    let against = distances.f_add_scalar(-bias)?;
    let alike = against.f_softplus()?;
    let different = against.f_neg()?.f_softplus()?;
    Ok(different.f_lerp_tensor(&alike, genuine)?)
}
