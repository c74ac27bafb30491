//! Steps over batches of pairs, shared out among threads: each does a part of a batch from pixels to gradients.

use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::TrainingSet;
use super::pair_batch::Batcher;
use super::steps::{Learnt, Step};
use crate::dropout::Masks;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::image_stack::ImageStack;
use crate::loss::pair_loss;
use crate::recipe::Recipe;

/// Pairs in a shard. Fixed, not a share of the threads there are, so that the same batch gives the same bytes on any
/// number of threads.
const SHARD_PAIRS: usize = 64;

/// What a part of a batch is computed with: views of the same weights and pixels, and memory of its own.
struct Shard<'a> {
    encoder: Encoder,
    images: ImageStack,
    batcher: Batcher<'a>,
}

/// Batches of pairs, and what they are computed with.
pub(super) struct PairSteps<'a> {
    shards: Vec<Shard<'a>>,
    shard_pairs: usize,
}

impl<'a> PairSteps<'a> {
    /// One shard for each [`SHARD_PAIRS`] of a batch on a CPU. One in all on a GPU, and where batch normalisation needs
    /// the batch as a whole.
    pub(super) fn new(recipe: &Recipe, encoder: &Encoder, set: &TrainingSet<'a>) -> Self {
        let whole = encoder.device() != Device::Cpu || encoder.plan().mixes_images();
        let shard_pairs = if whole {
            recipe.train.batch
        } else {
            SHARD_PAIRS
        };
        let shards = (0..recipe.train.batch.min(set.fit.len()).div_ceil(shard_pairs))
            .map(|_| Shard {
                encoder: encoder.share(),
                images: set.images.share(),
                batcher: Batcher::new(set.pairs, set.images.len()),
            })
            .collect();
        Self {
            shards,
            shard_pairs,
        }
    }

    /// Has the images of these batches decoded ahead where they are streamed.
    pub(super) fn read_ahead<'b>(&mut self, batches: impl Iterator<Item = &'b [u32]>) {
        let Some(Shard {
            images, batcher, ..
        }) = self.shards.first_mut()
        else {
            return;
        };
        // Each shard asks for the distinct images of its own part.
        let parts = batches.flat_map(|batch| batch.chunks(self.shard_pairs));
        let ahead = images.ahead(|| {
            parts.flat_map(|part| {
                batcher
                    .batch(part)
                    .images
                    .into_iter()
                    .map(|image| image as u32)
            })
        });
        for shard in &mut self.shards {
            shard.images = ahead.share();
        }
    }

    /// Sum of the losses of these pairs, and the gradient of their mean for each trainable tensor.
    pub(super) fn gradients(
        &mut self,
        recipe: &Recipe,
        numbers: &[u32],
        step: Step,
    ) -> Result<Learnt, Error> {
        let count = self.shards.len() as u64;
        let parts = numbers.chunks(self.shard_pairs);
        let work = self.shards.iter_mut().zip(parts).enumerate();
        let one = |(i, (shard, part)): (usize, (&mut Shard<'_>, &[u32]))| {
            let masks = Masks::new(
                recipe.seed,
                step.epoch,
                step.step * count + i as u64,
                shard.encoder.device(),
            );
            // Whatever the thread was doing when it took this over: recording is a state of the thread.
            tch::with_grad(|| shard.gradients(recipe, part, numbers.len(), masks))
        };
        let mut results = if count == 1 {
            work.map(one).collect::<Result<Vec<_>, Error>>()?
        } else {
            // The shards are the threads: libtorch's own, which wait for each other busily, would only be in the way.
            let single = |item| {
                tch::set_num_threads(1);
                one(item)
            };
            work.collect::<Vec<_>>()
                .into_par_iter()
                .map(single)
                .collect::<Result<Vec<_>, Error>>()?
        }
        .into_iter();
        let Some((mut loss, mut gradients)) = results.next() else {
            return Err(Error::Data("a batch holds no pairs".into()));
        };
        // In the shards' order, so that sums do not depend on who was first.
        for (part, others) in results {
            loss = loss.f_add(&part)?;
            for (gradient, other) in gradients.iter_mut().zip(&others) {
                *gradient = gradient.f_add(other)?;
            }
        }
        Ok(Learnt {
            loss,
            images: 2 * numbers.len(),
            gradients,
            of_heads: Vec::new(),
        })
    }
}

impl Shard<'_> {
    fn gradients(
        &mut self,
        recipe: &Recipe,
        part: &[u32],
        pairs: usize,
        mut masks: Masks,
    ) -> Result<(Tensor, Vec<Tensor>), Error> {
        let batch = self.batcher.batch(part);
        let device = self.encoder.device();
        let images = self.encoder.see(&self.images.bytes(&batch.images)?)?;
        let occurrences = batch.occurrences(device)?;
        let precision = recipe.train.precision.kind();
        let (embeddings, tape) =
            self.encoder
                .embed_training(&images, Some(&occurrences), precision, &mut masks)?;
        let distances = pair_distances(recipe, &embeddings)?;
        let losses = pair_loss(&recipe.loss, &distances, &batch.genuine(device)?)?;
        let sum = losses.f_sum(Kind::Float)?;
        let mean = sum.f_div_scalar(pairs as f64)?;
        let gradients = self.encoder.gradients(mean, tape)?;
        Ok((sum.f_detach()?.f_to_kind(Kind::Double)?, gradients))
    }
}

/// The distance of each pair of a batch, from the embeddings of its first and then its second images.
pub(super) fn pair_distances(recipe: &Recipe, embeddings: &Tensor) -> Result<Tensor, Error> {
    let sides = embeddings.f_chunk(2, 0)?;
    recipe.loss.distance().between(&sides[0], &sides[1])
}
