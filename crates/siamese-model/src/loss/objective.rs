//! The loss that a recipe names, with the heads that it needs.

use siamese_net::{Initializer, LossSpec, Param, Recipe, Start, initial_values};
use tch::{Device, Tensor};

use super::{
    MultiSimilarity, SoftmaxMargin, TripletMargin, chopra2005, chopra2005_batch, contrastive,
    contrastive_batch, logistic, logistic_batch, margin_softmax, multi_similarity, nt_xent,
    proxy_anchor, supervised_contrastive, triplet,
};
use crate::error::Error;

/// One learnt vector for each training subject, and then for each mixed one, for each term of the loss that needs them.
/// Heads are trained and kept in checkpoints; no model file holds them, since they speak of the training people only.
#[derive(Debug)]
pub(crate) struct Heads(Vec<Tensor>);

impl Heads {
    /// Fresh heads for so many subjects and so long embeddings, the same on every device.
    pub(crate) fn new(
        recipe: &Recipe,
        subjects: usize,
        embedding: usize,
        device: Device,
    ) -> Result<Self, Error> {
        let terms = recipe.loss.terms();
        let needing = terms.iter().filter(|(_, loss)| loss.head().is_some());
        let heads = needing
            .enumerate()
            .map(|(i, _)| {
                let param = Param {
                    name: String::new(),
                    shape: vec![subjects as i64, embedding as i64],
                    // Variance 2 / subjects: what the proxy-anchor paper begins with.
                    start: Start::Weight {
                        fan_in: subjects,
                        fan_out: embedding,
                    },
                    trainable: true,
                };
                let mut rng = pairgen::stream(recipe.seed, "init/head", i as u64);
                let values = initial_values(&param, Initializer::HeNormal, &mut rng);
                Ok(Tensor::f_from_slice(&values)?
                    .f_reshape(&param.shape)?
                    .f_to_device(device)?
                    .f_set_requires_grad(true)?)
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self(heads))
    }

    /// The vectors, `[subjects, embedding]` for each term that has them.
    pub(crate) fn tensors(&self) -> &[Tensor] {
        &self.0
    }

    /// Their names in a checkpoint.
    pub(crate) fn names(&self) -> Vec<String> {
        (1..=self.0.len()).map(|i| format!("{i}")).collect()
    }
}

/// The loss of each pair of a batch of pairs, from its distance; `genuine` is 1.0 or 0.0.
pub(crate) fn pair_loss(
    loss: &LossSpec,
    distances: &Tensor,
    genuine: &Tensor,
) -> Result<Tensor, Error> {
    let mut sum: Option<Tensor> = None;
    for (weight, term) in loss.terms() {
        let losses = match *term {
            LossSpec::Contrastive { margin, .. } => contrastive(distances, genuine, margin)?,
            LossSpec::Chopra2005 { bound, .. } => chopra2005(distances, genuine, bound)?,
            LossSpec::Logistic { bias, .. } => logistic(distances, genuine, bias)?,
            _ => return Err(needs_people()),
        };
        sum = Some(add_weighted(sum, losses, weight)?);
    }
    sum.ok_or_else(needs_people)
}

/// The loss of a batch of people, one number. `subjects` holds for each embedding the training subject that it shows,
/// counted from 0, i64 `[n]`.
pub(crate) fn batch_loss(
    loss: &LossSpec,
    heads: &Heads,
    embeddings: &Tensor,
    subjects: &Tensor,
) -> Result<Tensor, Error> {
    let mut heads = heads.tensors().iter();
    let mut sum: Option<Tensor> = None;
    for (weight, term) in loss.terms() {
        let mut head = || heads.next().ok_or_else(needs_people);
        let value = match *term {
            LossSpec::Contrastive {
                margin,
                positive_margin,
                distance,
            } => contrastive_batch(embeddings, subjects, distance, positive_margin, margin)?,
            LossSpec::Chopra2005 { bound, distance } => {
                chopra2005_batch(embeddings, subjects, distance, bound)?
            }
            LossSpec::Logistic { bias, distance } => {
                logistic_batch(embeddings, subjects, distance, bias)?
            }
            LossSpec::Triplet {
                margin,
                soft,
                triplets,
                distance,
            } => {
                let margin = if soft {
                    TripletMargin::Soft
                } else {
                    TripletMargin::Hard(margin)
                };
                triplet(embeddings, subjects, distance, margin, triplets)?
            }
            LossSpec::SupervisedContrastive { temperature } => {
                supervised_contrastive(embeddings, subjects, temperature)?
            }
            LossSpec::NtXent { temperature } => nt_xent(embeddings, subjects, temperature)?,
            LossSpec::MultiSimilarity {
                alpha,
                beta,
                base,
                mining,
                mine,
            } => {
                let settings = MultiSimilarity {
                    alpha,
                    beta,
                    base,
                    mining: mine.then_some(mining),
                };
                multi_similarity(embeddings, subjects, settings)?
            }
            LossSpec::ProxyAnchor { alpha, delta, .. } => {
                proxy_anchor(embeddings, subjects, head()?, alpha, delta)?
            }
            LossSpec::Arcface { margin, scale, .. } => {
                let margin = SoftmaxMargin::Angle(margin);
                margin_softmax(embeddings, subjects, head()?, scale, margin)?
            }
            LossSpec::Cosface { margin, scale, .. } => {
                let margin = SoftmaxMargin::Cosine(margin);
                margin_softmax(embeddings, subjects, head()?, scale, margin)?
            }
            LossSpec::NormalisedSoftmax { scale, .. } => {
                margin_softmax(embeddings, subjects, head()?, scale, SoftmaxMargin::None)?
            }
            LossSpec::Sum { .. } => return Err(needs_people()),
        };
        sum = Some(add_weighted(sum, value, weight)?);
    }
    sum.ok_or_else(needs_people)
}

fn add_weighted(sum: Option<Tensor>, value: Tensor, weight: f64) -> Result<Tensor, Error> {
    let value = if weight == 1.0 {
        value
    } else {
        value.f_mul_scalar(weight)?
    };
    Ok(match sum {
        Some(sum) => sum.f_add(&value)?,
        None => value,
    })
}

/// What the recipe's check has already refused with the key's name.
fn needs_people() -> Error {
    Error::Data("the loss does not fit the batches: check the recipe".into())
}
