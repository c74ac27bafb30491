//! Losses over all genuine and all impostor pairs of a batch.

use siamese_net::Distance;
use tch::{Kind, Tensor};

use super::batch::{BatchPairs, masked_log_one_plus_sum_exp, masked_log_sum_exp, masked_mean};
use crate::cosine::cosines;
use crate::distance::TensorDistance;
use crate::error::Error;

/// Half the mean over the genuine pairs of `max(d - positive_margin, 0)^2` plus half the mean over the impostor pairs
/// of `max(margin - d, 0)^2`, over all pairs of a batch.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of whole numbers that say who is shown; the result is one number. As
/// [`contrastive`](crate::contrastive) on as many genuine as impostor pairs (Hadsell, Chopra and LeCun, CVPR 2006),
/// with the second margin of L. Lin et al., "Deep hashing with double margins": genuine pairs nearer than
/// `positive_margin` cost nothing. A kind without pairs counts as zero.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn contrastive_batch(
    embeddings: &Tensor,
    subjects: &Tensor,
    distance: Distance,
    positive_margin: f64,
    margin: f64,
) -> Result<Tensor, Error> {
    let pairs = BatchPairs::new(subjects)?;
    let d = distance.matrix(embeddings)?;
    let far = d.f_add_scalar(-positive_margin)?.f_relu()?.f_square()?;
    let near = d.f_neg()?.f_add_scalar(margin)?.f_relu()?.f_square()?;
    half_each(&pairs, &far, &near)
}

/// [`chopra2005`](crate::chopra2005) over all pairs of a batch: half the mean over the genuine pairs plus half the
/// mean over the impostor pairs.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of whole numbers; the result is one number.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn chopra2005_batch(
    embeddings: &Tensor,
    subjects: &Tensor,
    distance: Distance,
    bound: f64,
) -> Result<Tensor, Error> {
    let pairs = BatchPairs::new(subjects)?;
    let d = distance.matrix(embeddings)?;
    let of = |genuine| super::chopra2005(&d, &d.f_full_like(genuine)?, bound);
    half_each(&pairs, &of(1.0)?, &of(0.0)?)
}

/// [`logistic`](crate::logistic) over all pairs of a batch: half the mean over the genuine pairs plus half the mean over
/// the impostor pairs.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of whole numbers; the result is one number.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn logistic_batch(
    embeddings: &Tensor,
    subjects: &Tensor,
    distance: Distance,
    bias: f64,
) -> Result<Tensor, Error> {
    let pairs = BatchPairs::new(subjects)?;
    let d = distance.matrix(embeddings)?;
    let of = |genuine| super::logistic(&d, &d.f_full_like(genuine)?, bias);
    half_each(&pairs, &of(1.0)?, &of(0.0)?)
}

fn half_each(pairs: &BatchPairs, genuine: &Tensor, impostor: &Tensor) -> Result<Tensor, Error> {
    let sum =
        masked_mean(genuine, &pairs.genuine)?.f_add(&masked_mean(impostor, &pairs.impostor)?)?;
    Ok(sum.f_mul_scalar(0.5)?)
}

/// Supervised contrastive loss: for each image the mean over the others of its subject of
/// `-log(exp(s_p / t) / sum over all other images a of exp(s_a / t))`, s the cosine; then the mean over the images.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of whole numbers, `temperature` t above 0; the result is one number.
/// P. Khosla et al., "Supervised contrastive learning" (NeurIPS 2020), `L_out` without its factor of t over the base
/// temperature. Images that are alone in showing their subject are left out of the mean.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn supervised_contrastive(
    embeddings: &Tensor,
    subjects: &Tensor,
    temperature: f64,
) -> Result<Tensor, Error> {
    let pairs = BatchPairs::new(subjects)?;
    let logits = cosines(embeddings, embeddings)?.f_div_scalar(temperature)?;
    let others = pairs.genuine.f_logical_or(&pairs.impostor)?;
    let costs = masked_log_sum_exp(&logits, &others)?
        .f_unsqueeze(1)?
        .f_sub(&logits)?;
    let sums = costs
        .f_masked_fill(&pairs.genuine.f_logical_not()?, 0.0)?
        .f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?;
    let counts = pairs
        .genuine
        .f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?;
    masked_mean(&sums.f_div(&counts.f_clamp_min(1.0)?)?, &counts.f_gt(0.0)?)
}

/// NT-Xent: the mean over all genuine pairs (i, p), both ways round, of
/// `-log(exp(s_ip / t) / (exp(s_ip / t) + sum over the images a of other subjects of exp(s_ia / t)))`, s the cosine.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of whole numbers, `temperature` t above 0; the result is one number.
/// T. Chen et al., "A simple framework for contrastive learning of visual representations" (ICML 2020), whose batches
/// hold two images of each subject; with more, other genuine pairs are not in a pair's denominator.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn nt_xent(embeddings: &Tensor, subjects: &Tensor, temperature: f64) -> Result<Tensor, Error> {
    let pairs = BatchPairs::new(subjects)?;
    let logits = cosines(embeddings, embeddings)?.f_div_scalar(temperature)?;
    let impostors = masked_log_sum_exp(&logits, &pairs.impostor)?.f_unsqueeze(1)?;
    // -log(e^s / (e^s + e^l)) = log(1 + e^(l - s))
    masked_mean(&impostors.f_sub(&logits)?.f_softplus()?, &pairs.genuine)
}

/// Settings of [`multi_similarity`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MultiSimilarity {
    /// How sharply genuine pairs are weighed against each other.
    pub alpha: f64,
    /// How sharply impostor pairs are weighed against each other.
    pub beta: f64,
    /// The cosine, lambda in the paper, that genuine pairs should be above and impostor pairs below.
    pub base: f64,
    /// A pair counts only where it is this close to being harder than the hardest of the other kind; absent: every
    /// pair counts.
    pub mining: Option<f64>,
}

/// Multi-similarity loss: the mean over the images of
/// `log(1 + sum over genuine p of exp(-alpha (s_p - base))) / alpha + log(1 + sum over impostor n of exp(beta (s_n - base))) / beta`,
/// s the cosine.
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of whole numbers; the result is one number. X. Wang et al.,
/// "Multi-similarity loss with general pair weighting for deep metric learning" (CVPR 2019). Its mining keeps, for each
/// image, the genuine pairs with `s_p < mining + max s_n` and the impostor pairs with `s_n > min s_p - mining`.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ.
pub fn multi_similarity(
    embeddings: &Tensor,
    subjects: &Tensor,
    settings: MultiSimilarity,
) -> Result<Tensor, Error> {
    let MultiSimilarity {
        alpha,
        beta,
        base,
        mining,
    } = settings;
    let BatchPairs {
        mut genuine,
        mut impostor,
    } = BatchPairs::new(subjects)?;
    let s = cosines(embeddings, embeddings)?;
    if let Some(mining) = mining {
        let detached = s.f_detach()?;
        let hardest_impostor = detached
            .f_masked_fill(&impostor.f_logical_not()?, -FAR)?
            .f_amax([1i64].as_slice(), true)?;
        let hardest_genuine = detached
            .f_masked_fill(&genuine.f_logical_not()?, FAR)?
            .f_amin([1i64].as_slice(), true)?;
        let hard = detached.f_lt_tensor(&hardest_impostor.f_add_scalar(mining)?)?;
        genuine = genuine.f_logical_and(&hard)?;
        let hard = detached.f_gt_tensor(&hardest_genuine.f_add_scalar(-mining)?)?;
        impostor = impostor.f_logical_and(&hard)?;
    }
    let above = s.f_add_scalar(-base)?;
    let of_genuine = masked_log_one_plus_sum_exp(&above.f_mul_scalar(-alpha)?, &genuine)?;
    let of_impostors = masked_log_one_plus_sum_exp(&above.f_mul_scalar(beta)?, &impostor)?;
    let sum = of_genuine
        .f_div_scalar(alpha)?
        .f_add(&of_impostors.f_div_scalar(beta)?)?;
    Ok(sum.f_mean(Kind::Float)?)
}

/// Beyond every cosine: where a kind has no pair, no pair of the other kind is hard.
const FAR: f64 = 1e3;
