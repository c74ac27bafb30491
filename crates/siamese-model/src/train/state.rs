//! Everything that changes while training.

use serde::{Deserialize, Serialize};
use siamese_net::{EpochRecord, Origin, Recipe};
use tch::{Device, Tensor};

use super::average::Average;
use super::running_loss::RunningLoss;
use super::set::TrainingSet;
use super::{Outcome, Trained};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::loss::Heads;
use crate::optimizer::{self, Optimizer};

/// Tensors by name.
pub(super) type Weights = Vec<(String, Tensor)>;

/// How the weights of an epoch were judged.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Equal error rate on people who are not trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) eer: Option<f64>,
    /// Of the validation pairs, or of the training where the loss says nothing of pairs.
    pub(super) loss: f64,
}

impl Standing {
    /// Whether it is better: by the equal error rate, among equals by the loss. A rate beats no rate, which is what
    /// records of older versions have.
    pub(super) fn beats(self, other: Self) -> bool {
        match (self.eer, other.eer) {
            (Some(own), Some(others)) if own != others => own < others,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            _ => self.loss < other.loss,
        }
    }
}

/// The best weights so far.
#[derive(Debug)]
pub(super) struct Best {
    pub(super) epoch: u32,
    pub(super) standing: Standing,
    pub(super) weights: Weights,
}

/// The tensor of that name.
pub(super) fn find(weights: &Weights, name: &str) -> Result<Tensor, String> {
    let found = weights.iter().find(|(known, _)| known == name);
    found
        .map(|(_, tensor)| tensor.shallow_clone())
        .ok_or_else(|| format!("no tensor {name}"))
}

/// A copy of every tensor of the encoder.
pub(super) fn snapshot(encoder: &Encoder) -> Result<Weights, Error> {
    let copy = |tensor: &Tensor| {
        let mut copy = tensor.f_detach()?.f_zeros_like()?;
        copy.f_copy_(&tensor.f_detach()?)?;
        Ok::<_, Error>(copy)
    };
    encoder
        .named_tensors()
        .map(|(name, tensor)| Ok((name.to_owned(), copy(tensor)?)))
        .collect()
}

/// How far training has come; part of every checkpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Completed epochs.
    pub(super) epochs: u32,
    /// Completed steps of the epoch under way.
    pub(super) steps: u64,
    pub(super) history: Vec<EpochRecord>,
}

/// Everything that changes while training.
pub(super) struct State {
    pub(super) encoder: Encoder,
    pub(super) optimizer: Optimizer,
    pub(super) heads: Heads,
    /// One for each head, with a rate of its own.
    pub(super) head_optimizers: Vec<Optimizer>,
    /// The mean of the weights so far, where the recipe asks for one.
    pub(super) average: Option<Average>,
    pub(super) progress: Progress,
    pub(super) running_loss: RunningLoss,
    pub(super) best: Option<Best>,
    /// The model file that the weights began with.
    pub(super) origin: Option<Origin>,
}

impl State {
    /// The first state of a training that begins with random weights.
    pub(super) fn new(
        recipe: &Recipe,
        set: &TrainingSet<'_>,
        device: Device,
    ) -> Result<Self, Error> {
        if recipe.fine_tune.is_some() {
            return Err(Error::Init(
                "there is no such model, and [fine_tune] of the recipe needs one: give one with --init MODEL, or \
                 remove [fine_tune]"
                    .into(),
            ));
        }
        let encoder = Encoder::new(&recipe.encoder, &recipe.data, recipe.seed, device)?;
        Self::of(recipe, set, encoder)
    }

    /// The state of an encoder that has learnt nothing yet.
    pub(super) fn of(
        recipe: &Recipe,
        set: &TrainingSet<'_>,
        encoder: Encoder,
    ) -> Result<Self, Error> {
        let device = encoder.device();
        let encoder = encoder.frozen(recipe.fine_tune.map_or(0, |spec| spec.freeze))?;
        let moved: Vec<Tensor> = encoder
            .pieces()?
            .into_iter()
            .map(|(piece, _)| piece)
            .collect();
        let optimizer = Optimizer::new(recipe.optimizer, &moved)?;
        let embedding = encoder.plan().embedding();
        let people = set.subjects().len() * recipe.classes_of_one() + recipe.mixed_people();
        let heads = Heads::new(recipe, people, embedding, device)?;
        let head_optimizers = heads
            .tensors()
            .iter()
            .map(|head| Optimizer::new(recipe.optimizer, std::slice::from_ref(head)))
            .collect::<Result<_, Error>>()?;
        let average = recipe
            .train
            .average
            .map(|decay| Average::new(decay, &encoder));
        Ok(Self {
            average: average.transpose()?,
            encoder,
            optimizer,
            heads,
            head_optimizers,
            progress: Progress::default(),
            running_loss: RunningLoss::new(1, 0, 0.0),
            best: None,
            origin: None,
        })
    }

    /// What remains when training has ended.
    pub(super) fn into_trained(self, recipe: &Recipe, outcome: Outcome) -> Trained {
        Trained {
            outcome,
            history: self.progress.history,
            last: match self.average {
                Some(average) => average.encoder,
                None => self.encoder,
            },
            best: self.best,
            origin: self.origin,
            recipe: recipe.clone(),
        }
    }

    /// The weights that judge: their mean, where the recipe asks for it.
    pub(super) fn judging(&self) -> &Encoder {
        match &self.average {
            Some(average) => &average.encoder,
            None => &self.encoder,
        }
    }

    /// Moves the weights by their gradients, and the heads by theirs; `factor` scales the learning rates.
    pub(super) fn learn(
        &mut self,
        recipe: &Recipe,
        gradients: Vec<Tensor>,
        mut of_heads: Vec<Tensor>,
        factor: f64,
    ) -> Result<(), Error> {
        let mut gradients = self.encoder.gathered(gradients)?;
        if let Some(limit) = recipe.train.clip_norm {
            let all = gradients.iter_mut().chain(&mut of_heads);
            optimizer::clip(all.collect(), limit)?;
        }
        let base = recipe.optimizer.lr();
        let (weights, decays): (Vec<_>, Vec<_>) = self.encoder.pieces()?.into_iter().unzip();
        self.optimizer
            .step_pieces(&weights, &gradients, &decays, factor * base)?;
        let terms = recipe.loss.terms();
        let rates = terms.iter().filter_map(|(_, loss)| loss.head());
        let heads = self.heads.tensors().iter().zip(of_heads).zip(rates);
        for (optimizer, ((head, gradient), rate)) in self.head_optimizers.iter_mut().zip(heads) {
            let head = std::slice::from_ref(head);
            // Only the direction of a head's vectors matters, so decay would do nothing.
            optimizer.step(head, &[gradient], &[false], factor * rate.unwrap_or(base))?;
        }
        match &mut self.average {
            Some(average) => average.follow(&self.encoder, self.optimizer.steps()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_rate_is_better_whatever_the_loss_and_the_loss_decides_among_equals() {
        let of = |eer, loss| Standing { eer, loss };
        for (better, worse) in [
            (of(Some(0.01), 9.0), of(Some(0.02), 0.1)),
            (of(Some(0.02), 0.1), of(Some(0.02), 0.2)),
            (of(None, 0.1), of(None, 0.2)),
            (of(Some(0.5), 9.0), of(None, 0.1)),
        ] {
            assert!(better.beats(worse) && !worse.beats(better));
            assert!(!better.beats(better));
        }
        // What checkpoints of older versions hold.
        let old: Standing = serde_json::from_str(r#"{"loss":0.5}"#).unwrap();
        assert_eq!((old.eer, old.loss), (None, 0.5));
    }
}
