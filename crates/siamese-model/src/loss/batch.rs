//! Which pairs of a batch are genuine, and sums over some of them.

use tch::{Kind, Tensor};

use crate::error::Error;

/// Far below every logit, and finite, so its share and its gradient are zero and never NaN.
pub(crate) const NEVER: f64 = -1e9;

/// The label of a forgery, in the place of a subject's number: it shows no subject of the batch, and forgeries are not
/// compared with each other. It is also what the cross-entropy of libtorch passes over.
pub const FORGERY: i64 = -100;

/// The pairs of all images of a batch, each of them twice: `[n, n]`, row anchor, column other.
pub(crate) struct BatchPairs {
    /// True where both show one subject and are not the same image.
    pub(crate) genuine: Tensor,
    /// True where they show two subjects, or one of them is a forgery.
    pub(crate) impostor: Tensor,
}

impl BatchPairs {
    /// From the subject of each image, `[n]` of whole numbers, those of forgeries being [`FORGERY`].
    pub(crate) fn new(subjects: &Tensor) -> Result<Self, Error> {
        let n = subjects.size().first().copied().unwrap_or(0);
        let same = subjects
            .f_unsqueeze(0)?
            .f_eq_tensor(&subjects.f_unsqueeze(1)?)?;
        let itself = Tensor::f_eye(n, (Kind::Bool, subjects.device()))?;
        Ok(Self {
            impostor: same.f_logical_not()?,
            genuine: same
                .f_logical_and(&itself.f_logical_not()?)?
                .f_logical_and(&subjects.f_ge(0)?)?,
        })
    }
}

/// Mean of the values where `mask` is true; zero, with a gradient of zero, where it is nowhere.
pub(crate) fn masked_mean(values: &Tensor, mask: &Tensor) -> Result<Tensor, Error> {
    let sum = values
        .f_masked_fill(&mask.f_logical_not()?, 0.0)?
        .f_sum(Kind::Float)?;
    let count = mask.f_sum(Kind::Float)?.f_clamp_min(1.0)?;
    Ok(sum.f_div(&count)?)
}

/// `log(sum of exp(logit))` of each row over the columns where `mask` is true; about [`NEVER`] where it is nowhere.
pub(crate) fn masked_log_sum_exp(logits: &Tensor, mask: &Tensor) -> Result<Tensor, Error> {
    let kept = logits.f_masked_fill(&mask.f_logical_not()?, NEVER)?;
    Ok(kept.f_logsumexp([-1i64].as_slice(), false)?)
}

/// `log(1 + sum of exp(logit))` of each row over the columns where `mask` is true; zero where it is nowhere.
pub(crate) fn masked_log_one_plus_sum_exp(logits: &Tensor, mask: &Tensor) -> Result<Tensor, Error> {
    log_one_plus_sum_exp_without(logits, &mask.f_logical_not()?)
}

/// The same over the columns where `left_out` is false.
pub(crate) fn log_one_plus_sum_exp_without(
    logits: &Tensor,
    left_out: &Tensor,
) -> Result<Tensor, Error> {
    let kept = logits.f_masked_fill(left_out, NEVER)?;
    Ok(kept.f_logsumexp([-1i64].as_slice(), false)?.f_softplus()?)
}
