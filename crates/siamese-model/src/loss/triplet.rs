//! Triplet losses over all triplets of a batch, or the hard ones.

use siamese_net::{Distance, Triplets};
use tch::Tensor;

use super::batch::{BatchPairs, masked_mean};
use crate::distance::TensorDistance;
use crate::error::Error;

/// How a triplet's cost follows from `x = d(anchor, positive) - d(anchor, negative)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TripletMargin {
    /// `max(x + margin, 0)`.
    Hard(f64),
    /// `log(1 + exp(x))`.
    Soft,
}

impl TripletMargin {
    fn cost(self, x: &Tensor) -> Result<Tensor, Error> {
        Ok(match self {
            Self::Hard(margin) => x.f_add_scalar(margin)?.f_relu()?,
            Self::Soft => x.f_softplus()?,
        })
    }
}

/// Mean cost of triplets: an anchor, a positive (another image of its subject) and a negative (one of another subject).
///
/// `embeddings` is `[n, d]`, `subjects` `[n]` of whole numbers that say who is shown; the result is one number, zero
/// where the batch holds no triplet. [`Triplets::All`] and [`Triplets::Hard`] as in A. Hermans, L. Beyer and B. Leibe,
/// "In defense of the triplet loss for person re-identification" (2017), from where the soft margin is too, `All` being
/// their mean over the triplets that are not zero; [`Triplets::SemiHard`] as in F. Schroff, D. Kalenichenko and
/// J. Philbin, "FaceNet" (CVPR 2015), here with the furthest negative where none is further than the positive.
///
/// # Errors
/// [`Error::Libtorch`] where the shapes differ, or memory does not hold the `n^3` triplets of `All`.
pub fn triplet(
    embeddings: &Tensor,
    subjects: &Tensor,
    distance: Distance,
    margin: TripletMargin,
    triplets: Triplets,
) -> Result<Tensor, Error> {
    let BatchPairs { genuine, impostor } = BatchPairs::new(subjects)?;
    let d = distance.matrix(embeddings)?;
    match triplets {
        Triplets::All => {
            let x = d.f_unsqueeze(2)?.f_sub(&d.f_unsqueeze(1)?)?;
            let costs = margin.cost(&x)?;
            let mut valid = genuine
                .f_unsqueeze(2)?
                .f_logical_and(&impostor.f_unsqueeze(1)?)?;
            if let TripletMargin::Hard(_) = margin {
                valid = valid.f_logical_and(&costs.f_gt(0.0)?)?;
            }
            masked_mean(&costs, &valid)
        }
        Triplets::Hard => {
            let furthest = d
                .f_masked_fill(&genuine.f_logical_not()?, -FAR)?
                .f_amax([1i64].as_slice(), false)?;
            let nearest = d
                .f_masked_fill(&impostor.f_logical_not()?, FAR)?
                .f_amin([1i64].as_slice(), false)?;
            let any = |mask: &Tensor| mask.f_any_dim(1, false);
            let valid = any(&genuine)?.f_logical_and(&any(&impostor)?)?;
            masked_mean(&margin.cost(&furthest.f_sub(&nearest)?)?, &valid)
        }
        Triplets::SemiHard => {
            // [anchor, positive, negative], without gradients: only which negative is chosen matters here.
            let negative = d
                .f_detach()?
                .f_masked_fill(&impostor.f_logical_not()?, FAR)?;
            let further = negative
                .f_unsqueeze(1)?
                .f_gt_tensor(&d.f_detach()?.f_unsqueeze(2)?)?
                .f_logical_and(&impostor.f_unsqueeze(1)?)?;
            let n = d.size()[0];
            let of_each = negative.f_unsqueeze(1)?.f_expand([n, n, n], false)?;
            let nearest = of_each
                .f_masked_fill(&further.f_logical_not()?, FAR)?
                .f_argmin(2, false)?;
            let furthest = d
                .f_detach()?
                .f_masked_fill(&impostor.f_logical_not()?, -FAR)?
                .f_argmax(1, true)?;
            let chosen = nearest.f_where_self(&further.f_any_dim(2, false)?, &furthest)?;
            let x = d.f_sub(&d.f_gather(1, &chosen, false)?)?;
            let valid = genuine.f_logical_and(&impostor.f_any_dim(1, true)?)?;
            masked_mean(&margin.cost(&x)?, &valid)
        }
    }
}

/// Beyond every distance, and still a number whose gradient is one.
const FAR: f64 = 1e9;
