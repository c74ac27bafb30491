//! What a step learns from: batches of pairs, or batches of people, one unless gradients are accumulated.

use pairgen::PairBatches;
use siamese_net::Recipe;

use super::pair_steps::PairSteps;
use super::people_steps::{People, PeopleSteps};
use super::set::{Learning, TrainingSet};
use super::step::{Learnt, Step};
use crate::collective::Collective;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::loss::Heads;

/// The steps of a training run.
pub(super) enum Steps<'a> {
    Pairs {
        steps: Box<PairSteps<'a>>,
        fit: &'a [u32],
        batches: PairBatches,
    },
    People(Box<PeopleSteps<'a>>),
}

impl<'a> Steps<'a> {
    pub(super) fn new(
        recipe: &Recipe,
        encoder: &Encoder,
        set: &TrainingSet<'a>,
        processes: &'a dyn Collective,
    ) -> Result<Self, Error> {
        match (recipe.batches, set.learning) {
            (Some(spec), Learning::Subjects { catalog, subjects }) => {
                let people = People { catalog, subjects };
                let steps = PeopleSteps::new(recipe, spec, encoder, set, people, processes)?;
                Ok(Self::People(Box::new(steps)))
            }
            (None, Learning::Pairs { fit: [], .. }) => Err(Error::Data(
                "there are no training pairs: give more images, or another split".into(),
            )),
            (None, Learning::Pairs { fit, .. }) => Ok(Self::Pairs {
                steps: Box::new(PairSteps::new(recipe, encoder, set, fit, processes)?),
                fit,
                batches: pair_batches(recipe, fit, 0)?,
            }),
            (Some(_), Learning::Pairs { .. }) => Err(Error::Data(
                "the recipe has batches of subjects, and the training set has pairs to learn from: give the subjects".into(),
            )),
            (None, Learning::Subjects { .. }) => Err(Error::Data(
                "the recipe learns from pairs, and the training set has subjects to learn from: give the pairs".into(),
            )),
        }
    }

    /// Steps in an epoch; the last has fewer batches than the others where they do not come out even.
    pub(super) fn per_epoch(&self, recipe: &Recipe) -> u64 {
        self.batches().div_ceil(u64::from(recipe.train.accumulate))
    }

    /// Batches in an epoch.
    fn batches(&self) -> u64 {
        match self {
            Self::Pairs { batches, .. } => batches.len() as u64,
            Self::People(steps) => steps.per_epoch(),
        }
    }

    /// Losses that an epoch sums up: one for each pair, or one for each batch of people.
    pub(super) fn losses_per_epoch(&self) -> usize {
        match self {
            Self::Pairs { fit, .. } => fit.len(),
            Self::People(steps) => steps.per_epoch() as usize,
        }
    }

    /// Draws the batches of an epoch.
    pub(super) fn begin(&mut self, recipe: &Recipe, epoch: u32) -> Result<(), Error> {
        match self {
            Self::Pairs { fit, batches, .. } => *batches = pair_batches(recipe, fit, epoch)?,
            Self::People(steps) => steps.begin(recipe, epoch)?,
        }
        Ok(())
    }

    /// Has the images of an epoch's steps, counted from this one, decoded ahead where they are streamed.
    pub(super) fn read_ahead(&mut self, recipe: &Recipe, Step { epoch, step }: Step) {
        let from = step * u64::from(recipe.train.accumulate);
        match self {
            Self::Pairs { steps, batches, .. } => {
                let coming = from..batches.len() as u64;
                steps.read_ahead(coming.map(|step| batches.batch(step as usize)));
            }
            Self::People(steps) => steps.read_ahead(epoch, from),
        }
    }

    /// The loss of a step of the epoch that was begun, and its gradients.
    pub(super) fn gradients(
        &mut self,
        recipe: &Recipe,
        heads: &Heads,
        Step { epoch, step }: Step,
    ) -> Result<Learnt, Error> {
        let accumulate = u64::from(recipe.train.accumulate);
        let first = step * accumulate;
        let end = self.batches().min(first + accumulate);
        let mut of = |step| self.of_batch(recipe, heads, Step { epoch, step });
        let mut learnt = of(first)?;
        for batch in first + 1..end {
            learnt.join(&of(batch)?)?;
        }
        Ok(learnt)
    }

    /// The loss of a batch of the epoch that was begun, and its gradients.
    fn of_batch(&mut self, recipe: &Recipe, heads: &Heads, step: Step) -> Result<Learnt, Error> {
        match self {
            Self::Pairs { steps, batches, .. } => {
                steps.gradients(recipe, batches.batch(step.step as usize), step)
            }
            Self::People(steps) => steps.gradients(recipe, heads, step),
        }
    }
}

fn pair_batches(recipe: &Recipe, fit: &[u32], epoch: u32) -> Result<PairBatches, Error> {
    PairBatches::new(fit, recipe.train.batch, recipe.seed, u64::from(epoch))
        .map_err(|error| Error::Data(error.to_string()))
}
