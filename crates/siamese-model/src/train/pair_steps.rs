//! Steps over batches of pairs, from pixels to gradients.

use siamese_net::Recipe;
use tch::{Kind, Tensor};

use super::pair_batch::{Batch, Batcher};
use super::set::TrainingSet;
use super::shards::{Shards, Turned};
use super::step::{Learnt, Step};
use crate::collective::Collective;
use crate::distance::TensorDistance;
use crate::dropout::Masks;
use crate::encoder::{Encoder, Pass};
use crate::error::Error;
use crate::loss::pair_loss;
use crate::pixels::Pixels;
use crate::precision::kind;
use crate::tape::Tape;

/// Pairs in a part of a batch.
const SHARD_PAIRS: usize = 64;

/// Batches of pairs, and what they are computed with.
pub(super) struct PairSteps<'a> {
    shards: Shards<'a>,
    /// One for each shard.
    batchers: Vec<Batcher<'a>>,
    images: Pixels,
}

/// A part of a batch.
struct Part {
    batch: Batch,
    images: Pixels,
    masks: Masks,
}

impl<'a> PairSteps<'a> {
    pub(super) fn new(
        recipe: &Recipe,
        encoder: &Encoder,
        set: &TrainingSet<'a>,
        fit: &[u32],
        processes: &'a dyn Collective,
    ) -> Result<Self, Error> {
        let whole = recipe.train.batch;
        let batch = whole.min(fit.len());
        let shards = Shards::new(encoder, processes, whole, batch, SHARD_PAIRS);
        let batcher = |_| Batcher::new(set.pairs, set.images.len());
        Ok(Self {
            batchers: (0..shards.count()).map(batcher).collect(),
            shards,
            images: Pixels::new(set.images, encoder.device())?,
        })
    }

    /// Has the images of these batches decoded ahead where they are streamed.
    pub(super) fn read_ahead<'b>(&mut self, batches: impl Iterator<Item = &'b [u32]>) {
        let Some(batcher) = self.batchers.first_mut() else {
            return;
        };
        // Each shard asks for the distinct images of its own part.
        let parts = batches.flat_map(|batch| {
            let own = self.shards.together(batch.len()).own();
            let own = &batch[self.shards.held(batch.len(), &own)];
            own.chunks(self.shards.size())
        });
        self.images = self.images.ahead(|| {
            let images = parts.flat_map(|part| batcher.batch(part).images);
            images.map(|image| image as u32)
        });
    }

    /// Sum of the losses of these pairs, and the gradient of their mean for each trainable tensor.
    pub(super) fn gradients(
        &mut self,
        recipe: &Recipe,
        numbers: &[u32],
        step: Step,
    ) -> Result<Learnt, Error> {
        let pairs = numbers.len();
        let together = self.shards.together(pairs);
        let own = &numbers[self.shards.held(pairs, &together.own())];
        let parts = own.chunks(self.shards.size()).zip(&mut self.batchers);
        let parts: Vec<Part> = parts
            .zip(together.own())
            .map(|((numbers, batcher), i)| Part {
                batch: batcher.batch(numbers),
                images: self.images.share(),
                masks: self.shards.masks(recipe.seed, step, i),
            })
            .collect();
        let (found, normalised_by) = self.shards.forward(
            together,
            parts,
            |encoder, part| part.begin(recipe, encoder),
            |encoder, batch, embedded| loss(recipe, encoder, &batch, pairs, embedded),
        )?;
        let (losses, turned): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        Ok(Learnt {
            loss: together.sum(losses, self.shards.device())?,
            images: 2 * pairs,
            gradients: self.shards.backward(together, turned)?,
            of_heads: Vec::new(),
            normalised_by: vec![normalised_by],
        })
    }
}

impl Part {
    /// Begins to embed the part.
    fn begin(self, recipe: &Recipe, encoder: &Encoder) -> Result<(Batch, Pass), Error> {
        let images = encoder.see(&self.images.bytes(&self.batch.images)?)?;
        let occurrences = self.batch.occurrences(encoder.device())?;
        let precision = kind(recipe.train.precision);
        let pass = encoder.begin(&images, Some(occurrences), precision, self.masks)?;
        Ok((self.batch, pass))
    }
}

/// The sum of the losses of a part's pairs, and the way back from its share in the mean over all `pairs` of the batch.
fn loss(
    recipe: &Recipe,
    encoder: &Encoder,
    part: &Batch,
    pairs: usize,
    (embeddings, tape): (Tensor, Tape),
) -> Result<(Tensor, Turned), Error> {
    let distances = pair_distances(recipe, &embeddings)?;
    let losses = pair_loss(&recipe.loss, &distances, &part.genuine(encoder.device())?)?;
    let sum = losses.f_sum(Kind::Float)?;
    let mean = sum.f_div_scalar(pairs as f64)?;
    let turned = Shards::turn(encoder, mean, tape)?;
    Ok((sum.f_detach()?.f_to_kind(Kind::Double)?, turned))
}

/// The distance of each pair of a batch, from the embeddings of its first and then its second images.
pub(super) fn pair_distances(recipe: &Recipe, embeddings: &Tensor) -> Result<Tensor, Error> {
    let sides = embeddings.f_chunk(2, 0)?;
    recipe.loss.distance().between(&sides[0], &sides[1])
}
