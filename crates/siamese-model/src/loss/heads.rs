//! Losses against a head: one learnt vector for each training subject.

use tch::{Kind, Tensor};

use super::batch::{log_one_plus_sum_exp_without, masked_log_one_plus_sum_exp};
use crate::cosine::cosines;
use crate::error::Error;

/// Proxy-anchor loss: each subject's vector, its proxy, is an anchor that pulls its images and pushes all others.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of i64 rows of `proxies`, `[c, d]`; the result is one number:
///
/// `mean over the proxies p of the batch's subjects of log(1 + sum over their images of exp(-alpha (s - delta)))`
/// `+ mean over all proxies of log(1 + sum over the images of others of exp(alpha (s + delta)))`,
///
/// s the cosine of image and proxy. A forgery, of the number [`FORGERY`](super::FORGERY), is pushed from all proxies. S. Kim et al., "Proxy anchor loss for deep metric learning" (CVPR 2020); the paper
/// uses alpha 32 and delta 0.1.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ or a subject has no row.
pub fn proxy_anchor(
    embeddings: &Tensor,
    subjects: &Tensor,
    proxies: &Tensor,
    alpha: f64,
    delta: f64,
) -> Result<Tensor, Error> {
    let classes = proxies.size()[0];
    // Rows are proxies from here on.
    let s = cosines(proxies, embeddings)?;
    let rows = Tensor::f_arange(classes, (Kind::Int64, subjects.device()))?;
    let own = rows
        .f_unsqueeze(1)?
        .f_eq_tensor(&subjects.f_unsqueeze(0)?)?;
    let pull = s.f_add_scalar(-delta)?.f_mul_scalar(-alpha)?;
    let push = s.f_add_scalar(delta)?.f_mul_scalar(alpha)?;
    let present = own
        .f_any_dim(1, false)?
        .f_sum(Kind::Float)?
        .f_clamp_min(1.0)?;
    let pulled = masked_log_one_plus_sum_exp(&pull, &own)?
        .f_sum(Kind::Float)?
        .f_div(&present)?;
    let pushed = log_one_plus_sum_exp_without(&push, &own)?.f_mean(Kind::Float)?;
    Ok(pulled.f_add(&pushed)?)
}

/// What a subject's own logit is lowered by in [`margin_softmax`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SoftmaxMargin {
    /// Nothing: normalised softmax.
    None,
    /// `cos(angle + m)`, m in radians; where `angle + m` is beyond pi, `cos(angle) - m sin(m)`, so that the logit goes
    /// on falling: `ArcFace`.
    Angle(f64),
    /// `cos(angle) - m`: `CosFace`.
    Cosine(f64),
}

/// Mean cross-entropy of `scale * cosine` of each image with each subject's vector, the own one lowered by a margin.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of i64 rows of `weights`, `[c, d]`; the result is one number. Forgeries, of the
/// number [`FORGERY`](super::FORGERY), have no subject of their own and are left out. F. Wang et
/// al., "NormFace" (ACM MM 2017) without a margin; J. Deng et al., "ArcFace" (CVPR 2019), which uses scale 64 and
/// m = 0.5; H. Wang et al., "CosFace" (CVPR 2018), which uses scale 64 and m = 0.35.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ or a subject has no row.
pub fn margin_softmax(
    embeddings: &Tensor,
    subjects: &Tensor,
    weights: &Tensor,
    scale: f64,
    margin: SoftmaxMargin,
) -> Result<Tensor, Error> {
    let cosine = cosines(embeddings, weights)?;
    let column = subjects.f_clamp_min(0)?.f_unsqueeze(1)?;
    let own = cosine.f_gather(1, &column, false)?;
    let lowered = match margin {
        SoftmaxMargin::None => own.shallow_clone(),
        SoftmaxMargin::Cosine(margin) => own.f_add_scalar(-margin)?,
        SoftmaxMargin::Angle(margin) => {
            // The root's slope is infinite at 0: a floor keeps it finite for images that lie on their vector.
            let sine = own
                .f_square()?
                .f_neg()?
                .f_add_scalar(1.0)?
                .f_clamp_min(SINE_FLOOR)?
                .f_sqrt()?;
            let turned = own
                .f_mul_scalar(margin.cos())?
                .f_sub(&sine.f_mul_scalar(margin.sin())?)?;
            let beyond = own.f_lt(-margin.cos())?;
            own.f_add_scalar(-margin * margin.sin())?
                .f_where_self(&beyond, &turned)?
        }
    };
    let logits = cosine
        .f_scatter(1, &column, &lowered)?
        .f_mul_scalar(scale)?;
    Ok(logits.f_cross_entropy_loss(subjects, None::<Tensor>, tch::Reduction::Mean, -100, 0.0)?)
}

/// Least square of a sine.
const SINE_FLOOR: f64 = 1e-7;
