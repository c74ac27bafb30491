//! Steps over batches of people: each image embedded once, then one loss over the whole batch.

use pairgen::{Catalog, SubjectBatchShape, SubjectBatches};
use siamese_net::{BatchesSpec, Recipe};
use tch::{Kind, Tensor};

use super::set::TrainingSet;
use super::shards::Shards;
use super::step::{Learnt, Step};
use super::together::Together;
use crate::autograd;
use crate::batch_norm::Moments;
use crate::collective::{Collective, zeros};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::loss::{FORGERY, Heads, batch_loss};
use crate::made_classes::as_classes;
use crate::mixing::{MixedPeople, blend};
use crate::pixels::Pixels;
use crate::precision::kind;
use crate::tape::Tape;
use crate::training_input::Drawn;
use crate::upload;

/// Images in a part of a batch.
const SHARD_IMAGES: usize = 32;

/// Who is learnt from.
#[derive(Clone, Copy)]
pub(super) struct People<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) subjects: &'a [u32],
}

/// The embeddings of a shard, and the way back from them.
type Embedded = (Tensor, Tape);

/// Batches of people, and what they are computed with.
pub(super) struct PeopleSteps<'a> {
    people: People<'a>,
    spec: BatchesSpec,
    shards: Shards<'a>,
    /// Whether the images of a batch are changed all at once, as on a GPU, which then is told of all changes at once.
    whole: bool,
    images: Pixels,
    /// Those of the epoch under way.
    batches: SubjectBatches,
    /// For each subject of the catalogue its row in the heads. After all of these follow those of the classes that are made of
    /// the subjects, one kind after the other, and then those of mixed people.
    row: Vec<i64>,
    mixed: Option<MixedPeople>,
    /// Numbers of an embedding.
    width: i64,
}

impl<'a> PeopleSteps<'a> {
    pub(super) fn new(
        recipe: &Recipe,
        spec: BatchesSpec,
        encoder: &Encoder,
        set: &TrainingSet<'a>,
        people: People<'a>,
        processes: &'a dyn Collective,
    ) -> Result<Self, Error> {
        let batch = spec
            .people
            .saturating_add(spec.mixed)
            .saturating_mul(spec.images)
            .saturating_add(spec.people.saturating_mul(spec.forgeries));
        let People { catalog, subjects } = people;
        let batches = batches(recipe, spec, people, 0)?;
        let mixed = MixedPeople::new(recipe, spec, catalog, subjects)?;
        let mut row = vec![0; catalog.subjects() as usize];
        for (i, &subject) in subjects.iter().enumerate() {
            row[subject as usize] = i as i64;
        }
        Ok(Self {
            people,
            spec,
            shards: Shards::new(encoder, processes, batch, batch, SHARD_IMAGES),
            whole: encoder.takes_batches_whole(),
            images: Pixels::new(set.images, encoder.device())?,
            batches,
            row,
            mixed,
            width: encoder.plan().embedding() as i64,
        })
    }

    #[cfg(test)]
    pub(super) fn images_are(&mut self, images: Pixels) {
        self.images = images;
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
            let forged = self.batches.forgeries_of(batch as usize).into_iter();
            samples.extend(forged.map(|(sample, _)| sample));
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
        let forged = self.batches.forgeries_of(step.step as usize);
        let numbers = samples
            .iter()
            .chain(forged.iter().map(|(sample, _)| sample));
        let numbers: Vec<i64> = numbers.map(|&sample| i64::from(sample)).collect();
        let subjects = self.people.subjects.len() as i64;
        let mut made = self.batches.variants_of(step.step as usize);
        let row = |(&sample, &made): (&u32, &usize)| {
            self.row[self.people.catalog.subject_of(sample) as usize] + made as i64 * subjects
        };
        let mut rows: Vec<i64> = samples.iter().zip(&made).map(row).collect();
        rows.resize(numbers.len(), FORGERY);
        made.extend(forged.iter().map(|(_, variant)| variant));
        let mut parents = [Vec::new(), Vec::new()];
        if let Some(mixed) = &self.mixed {
            let batch = mixed.batch(step.epoch, step.step);
            let real = subjects * recipe.classes_of_one() as i64;
            rows.extend(batch.people.iter().map(|person| real + person));
            parents = batch.samples;
        }
        let images = rows.len();
        let device = self.shards.device();
        let place = [u64::from(step.epoch), step.step];
        let drawn = Drawn::new(recipe, images as i64, self.images.sides(), device, place)?;
        let changes = match self.whole {
            true => drawn.numbers(),
            false => Vec::new(),
        };
        let lists = [&rows[..], &numbers, &parents[0], &parents[1]];
        let (lists, changes) = upload::together(&lists, &changes, device)?;
        let bytes_at = |list: usize, numbers: &[i64]| self.images.bytes_at(numbers, &lists[list]);
        let mut bytes = as_classes(&bytes_at(1, &numbers)?, recipe.augment.as_ref(), &made)?;
        if !parents[0].is_empty() {
            let blended = blend(&bytes_at(2, &parents[0])?, &bytes_at(3, &parents[1])?)?;
            bytes = Tensor::f_cat(&[bytes, blended], 0)?;
        }
        let rows = &lists[0];
        let pixels = match self.whole {
            true => drawn.see_with(&bytes, &changes)?,
            false => drawn.see(&bytes)?,
        };

        let together = self.shards.together(images);
        let (embedded, normalised_by) = self.forward(recipe, together, &pixels, step)?;
        let (embeddings, tapes): (Vec<_>, Vec<_>) = embedded.into_iter().unzip();
        // The loss is that of the whole batch, in every process. It begins with a leaf, so that what lies before can be gone
        // through part by part.
        let all = self.gathered(together, images, &embeddings)?;
        let leaf = all.f_detach()?.f_set_requires_grad(true)?;
        let loss = batch_loss(&recipe.loss, heads, &leaf, rows)?;
        let inputs: Vec<&Tensor> = std::iter::once(&leaf).chain(heads.tensors()).collect();
        let mut of_heads = autograd::gradients(&loss, &inputs)?;
        let of_embeddings = of_heads.remove(0);
        let gradients = self.backward(together, &embeddings, tapes, &of_embeddings)?;
        Ok(Learnt {
            loss: loss.f_detach()?.f_to_kind(Kind::Double)?,
            images,
            gradients,
            of_heads,
            normalised_by: vec![normalised_by],
        })
    }

    /// The embeddings of each of this process's shards of the batch with the ways back from them, and what the batch was
    /// normalised by.
    fn forward(
        &self,
        recipe: &Recipe,
        together: Together<'_>,
        pixels: &Tensor,
        step: Step,
    ) -> Result<(Vec<Embedded>, Vec<Moments>), Error> {
        let precision = kind(recipe.train.precision);
        let own = together.own();
        let parts = pixels.f_split(self.shards.size() as i64, 0)?;
        let parts = parts[own.clone()].iter().map(Tensor::shallow_clone);
        let masks = own.map(|i| self.shards.masks(recipe.seed, step, i));
        self.shards.forward(
            together,
            masks.zip(parts),
            |encoder, (masks, part)| Ok(((), encoder.begin(&part, None, precision, masks)?)),
            |_, (), embedded| Ok(embedded),
        )
    }

    /// The embeddings of all `images` of the batch, given those of this process's shards.
    fn gathered(
        &self,
        together: Together<'_>,
        images: usize,
        own: &[Tensor],
    ) -> Result<Tensor, Error> {
        let processes = self.shards.processes();
        let own = match own {
            [] => zeros([0, self.width], Kind::Float, self.shards.device())?,
            parts => Tensor::f_cat(parts, 0)?,
        };
        let count = |rank| self.shards.held(images, &together.share(rank)).len();
        let counts: Vec<usize> = (0..processes.size()).map(count).collect();
        processes.rows(&own.f_detach()?, &counts)
    }

    /// The gradients of all trainable tensors, given those of the embeddings.
    fn backward(
        &self,
        together: Together<'_>,
        embeddings: &[Tensor],
        tapes: Vec<Tape>,
        of_embeddings: &Tensor,
    ) -> Result<Vec<Tensor>, Error> {
        let parts = of_embeddings.f_split(self.shards.size() as i64, 0)?;
        let own = parts[together.own()].iter().map(Tensor::shallow_clone);
        let embeddings = embeddings.iter().map(Tensor::shallow_clone);
        let work = embeddings.zip(tapes).zip(own);
        let turned = self.shards.each(work, |encoder, work| {
            let ((embeddings, tape), part) = work;
            // A number whose gradient for the embeddings is what the loss has found.
            let root = embeddings.f_mul(&part)?.f_sum(Kind::Float)?;
            Shards::turn(encoder, root, tape)
        })?;
        self.shards.backward(together, turned)
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
    .map_err(|error| Error::Data(format!("{error} ([batches] of the recipe)")))?
    .in_variants(recipe.classes_of_one())
    .with_forgeries(spec.forgeries);
    Ok(match spec.per_epoch {
        Some(count) => batches.with_len(count as usize),
        None => batches,
    })
}
