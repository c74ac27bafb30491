//! Batches of P subjects with K images each, for losses over all pairs of a batch.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog::Catalog;
use crate::error::{Error, shortened};
use crate::random::stream_at;

/// The shape of a batch: `subjects` x `images` samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectBatchShape {
    /// P: different subjects in a batch.
    pub subjects: usize,
    /// K: samples of each of them.
    pub images: usize,
}

/// What happens to subjects with fewer than K images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TooFewImages {
    /// Refuse to make batches, naming such subjects.
    #[default]
    Refuse,
    /// Leave such subjects out.
    Skip,
    /// Use all their images and then start again, so that an image occurs more than once in a batch.
    Repeat,
}

/// One epoch's batches of P subjects x K images.
///
/// An epoch is one or more passes. In a pass every subject occurs: the subjects are shuffled and cut
/// into groups of P, and where the last group is short it is filled up from the start of the pass,
/// so every batch is full and has P different subjects. The K images of a subject are drawn anew
/// in each batch, without repetition. A batch follows from (seed, epoch, its number) alone, so
/// training goes on in the middle of an epoch without drawing its start. The first batch of a pass
/// shuffles all subjects; the others cost what they hold, in any order and from any thread, and
/// a subject's share of that grows with the number of its images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectBatches {
    /// Of each class: of the subjects, and then of them again for each further variant.
    samples: Vec<Range<u32>>,
    /// The forgeries of each class, and how many of them a batch holds.
    forged: Vec<Range<u32>>,
    forgeries: usize,
    variants: usize,
    shape: SubjectBatchShape,
    batches: usize,
    seed: u64,
    epoch: u64,
    last: LastPass,
}

/// The order of the subjects in the pass that was read last: kept for speed alone, so two are always equal.
#[derive(Debug, Default)]
struct LastPass(Mutex<Option<(u64, Arc<[u32]>)>>);

impl Clone for LastPass {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for LastPass {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for LastPass {}

impl LastPass {
    /// The order of this pass, which `draw` gives where it is not the one that was read last.
    fn order(&self, pass: u64, draw: impl FnOnce() -> Arc<[u32]>) -> Arc<[u32]> {
        // What a thread that panicked left is a whole order.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, order)) if *known == pass => Arc::clone(order),
            _ => {
                let order = draw();
                *last = Some((pass, Arc::clone(&order)));
                order
            }
        }
    }
}

impl SubjectBatches {
    /// One pass over `subjects` for this epoch (from 0): ceil(subjects / P) batches.
    ///
    /// # Errors
    /// [`Error::ZeroBatch`] where a side of the shape is 0; [`Error::TooFewImages`] where subjects
    /// have fewer than K and the policy refuses; [`Error::TooFewSubjects`] where fewer than P
    /// subjects can be used; [`Error::UnknownSubject`], [`Error::SubjectTwice`].
    pub fn new(
        catalog: &Catalog,
        subjects: &[u32],
        shape: SubjectBatchShape,
        too_few: TooFewImages,
        seed: u64,
        epoch: u64,
    ) -> Result<Self, Error> {
        catalog.check_subjects(subjects)?;
        for (name, size) in [
            ("subjects per batch", shape.subjects),
            ("images per subject", shape.images),
        ] {
            if size == 0 {
                return Err(Error::ZeroBatch { name });
            }
        }
        let short: Vec<&str> = subjects
            .iter()
            .filter(|&&subject| catalog.samples_of(subject).len() < shape.images)
            .map(|&subject| catalog.subject_name(subject))
            .collect();
        if too_few == TooFewImages::Refuse && !short.is_empty() {
            return Err(Error::TooFewImages {
                images: shape.images,
                short: short.len(),
                subjects: subjects.len(),
                names: shortened(short.into_iter()),
            });
        }
        let held = subjects.iter().filter(|&&subject| {
            too_few != TooFewImages::Skip || catalog.samples_of(subject).len() >= shape.images
        });
        let (samples, forged): (Vec<Range<u32>>, Vec<Range<u32>>) = held
            .map(|&subject| (catalog.samples_of(subject), catalog.forgeries_of(subject)))
            .unzip();
        if samples.len() < shape.subjects {
            return Err(Error::TooFewSubjects {
                purpose: "a batch of this shape",
                needed: shape.subjects,
                found: samples.len(),
            });
        }
        let batches = samples.len().div_ceil(shape.subjects);
        Ok(Self {
            samples,
            forged,
            forgeries: 0,
            variants: 1,
            shape,
            batches,
            seed,
            epoch,
            last: LastPass::default(),
        })
    }

    /// The same epoch with each subject as so many classes of their own, such as its images turned in several ways: a pass
    /// holds every class, and a batch P of them. [`variants_of`](Self::variants_of) says which. At least 1.
    ///
    /// One pass has ceil(subjects x variants / P) batches.
    #[must_use]
    pub fn in_variants(mut self, variants: usize) -> Self {
        let own = self.samples.len() / self.variants;
        self.variants = variants.max(1);
        for of_class in [&mut self.samples, &mut self.forged] {
            of_class.truncate(own);
            let once = std::mem::take(of_class);
            let again = std::iter::repeat_n(&once, self.variants);
            *of_class = again.flatten().cloned().collect();
        }
        self.batches = self.samples.len().div_ceil(self.shape.subjects);
        self.last = LastPass::default();
        self
    }

    /// The same epoch with so many forgeries of each subject beside a batch: see [`forgeries_of`](Self::forgeries_of).
    #[must_use]
    pub fn with_forgeries(mut self, forgeries: usize) -> Self {
        self.forgeries = forgeries;
        self
    }

    /// The same epoch with `batches` batches: as many passes as it takes, the last one cut short.
    #[must_use]
    pub fn with_len(mut self, batches: usize) -> Self {
        self.batches = batches;
        self
    }

    /// The number of batches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches
    }

    /// Whether there is no batch: only after [`with_len(0)`](Self::with_len).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches == 0
    }

    /// P and K.
    #[must_use]
    pub fn shape(&self) -> SubjectBatchShape {
        self.shape
    }

    /// The samples of batch `i`, \[P x K\]: K of one subject, then K of the next; empty where `i >= len()`.
    #[must_use]
    pub fn batch(&self, i: usize) -> Vec<u32> {
        let mut rng = stream_at(self.seed, "batches/images", self.epoch, i as u64);
        let mut batch = Vec::with_capacity(self.shape.subjects * self.shape.images);
        for class in self.classes(i) {
            let mut samples: Vec<u32> = self.samples[class].clone().collect();
            rng.shuffle(&mut samples);
            batch.extend(samples.into_iter().cycle().take(self.shape.images));
        }
        batch
    }

    /// The forgeries beside batch `i`, each with the variant of the class that it imitates: up to as many of each class in the batch as
    /// [`with_forgeries`](Self::with_forgeries) says, drawn anew in each batch and without repetition. Who has fewer has all
    /// of them there.
    #[must_use]
    pub fn forgeries_of(&self, i: usize) -> Vec<(u32, usize)> {
        if self.forgeries == 0 {
            return Vec::new();
        }
        let own = self.samples.len() / self.variants;
        let mut rng = stream_at(self.seed, "batches/forgeries", self.epoch, i as u64);
        let mut batch = Vec::new();
        for class in self.classes(i) {
            let mut forged: Vec<u32> = self.forged[class].clone().collect();
            rng.shuffle(&mut forged);
            let taken = forged.into_iter().take(self.forgeries);
            batch.extend(taken.map(|sample| (sample, class / own)));
        }
        batch
    }

    /// The variant of each sample of batch `i`, \[P x K\], from 0: all 0 without [`in_variants`](Self::in_variants).
    #[must_use]
    pub fn variants_of(&self, i: usize) -> Vec<usize> {
        let own = self.samples.len() / self.variants;
        let classes = self.classes(i).into_iter();
        classes
            .flat_map(|class| std::iter::repeat_n(class / own, self.shape.images))
            .collect()
    }

    /// The classes in batch `i`; none where `i >= len()`.
    fn classes(&self, i: usize) -> Vec<usize> {
        if i >= self.batches {
            return Vec::new();
        }
        let subjects = self.shape.subjects;
        let per_pass = self.samples.len().div_ceil(subjects);
        let pass = (i / per_pass) as u64;
        let order = self.last.order(pass, || {
            let mut order: Vec<u32> = (0..self.samples.len() as u32).collect();
            stream_at(self.seed, "batches/subjects", self.epoch, pass).shuffle(&mut order);
            order.into()
        });
        // The end of a pass is filled up from its start.
        let first = i % per_pass * subjects;
        let drawn = (first..first + subjects).map(|place| order[place % order.len()] as usize);
        drawn.collect()
    }

    /// The batches in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Vec<u32>> + '_ {
        (0..self.batches).map(|i| self.batch(i))
    }
}
