//! Steps over batches of people: each image embedded once, then one loss over the whole batch.

use pairgen::{Catalog, SubjectBatchShape, SubjectBatches};
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::TrainingSet;
use super::steps::{Learnt, Step};
use crate::dropout::Masks;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::image_stack::ImageStack;
use crate::loss::{Heads, batch_loss};
use crate::mixing::{MixedPeople, blend};
use crate::recipe::{BatchesSpec, Recipe};
use crate::tape::Tape;
use crate::training_input::training_input;

/// Images in a shard. Fixed, not a share of the threads there are, so that the same batch gives the same bytes on any
/// number of threads.
const SHARD_IMAGES: usize = 32;

/// Who is learnt from.
#[derive(Clone, Copy)]
struct People<'a> {
    catalog: &'a Catalog,
    subjects: &'a [u32],
}

/// Batches of people, and what they are computed with.
pub(super) struct PeopleSteps<'a> {
    people: People<'a>,
    spec: BatchesSpec,
    /// Views of the same weights, one for each shard.
    encoders: Vec<Encoder>,
    images: ImageStack,
    shard_images: usize,
    /// Those of the epoch under way.
    batches: SubjectBatches,
    /// For each subject of the catalogue its row in the heads. Those of mixed people follow after all of these.
    row: Vec<i64>,
    mixed: Option<MixedPeople>,
}

impl<'a> PeopleSteps<'a> {
    /// One shard for each [`SHARD_IMAGES`] on a CPU. One in all on a GPU, and where batch normalisation needs the batch
    /// as a whole.
    pub(super) fn new(
        recipe: &Recipe,
        spec: BatchesSpec,
        encoder: &Encoder,
        set: &TrainingSet<'a>,
    ) -> Result<Self, Error> {
        let whole = encoder.device() != Device::Cpu || encoder.plan().mixes_images();
        let batch = spec
            .people
            .saturating_add(spec.mixed)
            .saturating_mul(spec.images);
        let shard_images = if whole { batch } else { SHARD_IMAGES };
        let Some(catalog) = set.catalog else {
            return Err(Error::Data(
                "batches of people need a catalogue that says who is in which image".into(),
            ));
        };
        let people = People {
            catalog,
            subjects: set.people,
        };
        let batches = batches(recipe, spec, people, 0)?;
        let mixed = MixedPeople::new(recipe, spec, catalog, set.people)?;
        let mut row = vec![0; catalog.subjects() as usize];
        for (i, &subject) in set.people.iter().enumerate() {
            row[subject as usize] = i as i64;
        }
        Ok(Self {
            people,
            spec,
            encoders: (0..batch.div_ceil(shard_images))
                .map(|_| encoder.share())
                .collect(),
            images: set.images.share(),
            shard_images,
            batches,
            row,
            mixed,
        })
    }

    /// Batches in an epoch.
    pub(super) fn per_epoch(&self) -> u64 {
        self.batches.len() as u64
    }

    /// Draws the batches of an epoch.
    pub(super) fn begin(&mut self, recipe: &Recipe, epoch: u32) -> Result<(), Error> {
        self.batches = batches(recipe, self.spec, self.people, epoch)?;
        Ok(())
    }

    /// Has the images of an epoch's batches, counted from this one, decoded ahead where they are streamed, in the order
    /// in which they are taken.
    pub(super) fn read_ahead(&mut self, epoch: u32, from: u64) {
        let coming = from..self.per_epoch();
        let samples = |batch: u64| {
            let mut samples = self.batches.batch(batch as usize);
            if let Some(mixed) = &self.mixed {
                let parents = mixed.batch(epoch, batch).samples.into_iter().flatten();
                samples.extend(parents.map(|sample| sample as u32));
            }
            samples
        };
        self.images = self.images.ahead(|| coming.flat_map(samples));
    }

    /// The loss of a batch, and its gradient for each trainable tensor and head.
    pub(super) fn gradients(
        &mut self,
        recipe: &Recipe,
        heads: &Heads,
        step: Step,
    ) -> Result<Learnt, Error> {
        let samples = self.batches.batch(step.step as usize);
        let numbers: Vec<i64> = samples.iter().map(|&sample| i64::from(sample)).collect();
        let row = |&sample: &u32| self.row[self.people.catalog.subject_of(sample) as usize];
        let mut rows: Vec<i64> = samples.iter().map(row).collect();
        let mut bytes = self.images.bytes(&numbers)?;
        if let Some(mixed) = &self.mixed {
            let batch = mixed.batch(step.epoch, step.step);
            let real = self.people.subjects.len() as i64;
            rows.extend(batch.people.iter().map(|person| real + person));
            let [a, b] = batch.samples;
            let blended = blend(&self.images.bytes(&a)?, &self.images.bytes(&b)?)?;
            bytes = Tensor::f_cat(&[bytes, blended], 0)?;
        }
        let images = rows.len();
        let rows = Tensor::f_from_slice(&rows)?.f_to_device(self.encoders[0].device())?;
        let pixels = training_input(recipe, &bytes, step.epoch, step.step)?;

        let (embeddings, tapes) = self.forward(recipe, &pixels, step)?;
        // The loss begins with a leaf, so that what lies before can be gone through part by part.
        let leaf = Tensor::f_cat(&embeddings, 0)?
            .f_detach()?
            .f_set_requires_grad(true)?;
        let loss = batch_loss(&recipe.loss, heads, &leaf, &rows)?;
        let inputs: Vec<&Tensor> = std::iter::once(&leaf).chain(heads.tensors()).collect();
        let mut of_heads = Tensor::f_run_backward(&[&loss], &inputs, false, false)?;
        let of_embeddings = of_heads.remove(0);
        let gradients = self.backward(&embeddings, tapes, &of_embeddings)?;
        Ok(Learnt {
            loss: loss.f_detach()?.f_to_kind(Kind::Double)?,
            images,
            gradients,
            of_heads,
        })
    }

    /// The embeddings of each shard of the batch, and the ways back from them.
    fn forward(
        &self,
        recipe: &Recipe,
        pixels: &Tensor,
        step: Step,
    ) -> Result<(Vec<Tensor>, Vec<Tape>), Error> {
        let count = self.encoders.len() as u64;
        let precision = recipe.train.precision.kind();
        let parts = pixels.f_split(self.shard_images as i64, 0)?;
        let one = |(i, (encoder, part)): (usize, (Encoder, Tensor))| {
            let part_of_epoch = step.step * count + i as u64;
            let mut masks = Masks::new(recipe.seed, step.epoch, part_of_epoch, encoder.device());
            // Recording is a state of the thread, and this one may have been doing anything.
            tch::with_grad(|| encoder.embed_training(&part, None, precision, &mut masks))
        };
        let encoders = self.encoders.iter().map(Encoder::share);
        let work: Vec<_> = encoders.zip(parts).enumerate().collect();
        Ok(self.each(work, one)?.into_iter().unzip())
    }

    /// The gradients of all trainable tensors, given those of the embeddings.
    fn backward(
        &self,
        embeddings: &[Tensor],
        tapes: Vec<Tape>,
        of_embeddings: &Tensor,
    ) -> Result<Vec<Tensor>, Error> {
        let parts = of_embeddings.f_split(self.shard_images as i64, 0)?;
        let one = |(encoder, embeddings, tape, part): (Encoder, Tensor, Tape, Tensor)| {
            tch::with_grad(|| {
                // A number whose gradient for the embeddings is what the loss has found.
                let root = embeddings.f_mul(&part)?.f_sum(Kind::Float)?;
                encoder.gradients(root, tape)
            })
        };
        let work = self.encoders.iter().zip(embeddings).zip(tapes).zip(parts);
        let work = work.map(|(((encoder, embeddings), tape), part)| {
            (encoder.share(), embeddings.shallow_clone(), tape, part)
        });
        let mut parts = self.each(work.collect(), one)?.into_iter();
        let Some(mut gradients) = parts.next() else {
            return Err(Error::Data("a batch holds no images".into()));
        };
        // In the shards' order, so that sums do not depend on who was first.
        for others in parts {
            for (gradient, other) in gradients.iter_mut().zip(&others) {
                *gradient = gradient.f_add(other)?;
            }
        }
        Ok(gradients)
    }

    /// Does the work of the shards, each on a thread of its own; a single one on this.
    fn each<T: Send, R: Send>(
        &self,
        work: Vec<T>,
        one: impl Fn(T) -> Result<R, Error> + Sync + Send,
    ) -> Result<Vec<R>, Error> {
        if self.encoders.len() == 1 {
            return work.into_iter().map(one).collect();
        }
        let single = |item| {
            tch::set_num_threads(1);
            one(item)
        };
        work.into_par_iter().map(single).collect()
    }
}

/// The batches of an epoch.
fn batches(
    recipe: &Recipe,
    spec: BatchesSpec,
    people: People<'_>,
    epoch: u32,
) -> Result<SubjectBatches, Error> {
    let shape = SubjectBatchShape {
        subjects: spec.people,
        images: spec.images,
    };
    let batches = SubjectBatches::new(
        people.catalog,
        people.subjects,
        shape,
        spec.too_few.into(),
        recipe.seed,
        u64::from(epoch),
    )
    .map_err(|error| Error::Data(format!("{error} ([batches] of the recipe)")))?;
    Ok(match spec.per_epoch {
        Some(count) => batches.with_len(count as usize),
        None => batches,
    })
}
