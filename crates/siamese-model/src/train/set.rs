//! What is trained on.

use std::borrow::Cow;

use pairgen::{Catalog, PairSet};
use siamese_net::{ImageStack, Recipe, TooFew};

use crate::error::Error;

/// What is trained on.
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    /// Every image that a pair names.
    pub images: &'a ImageStack,
    /// The pairs that `validation`, and [`Learning::Pairs`], count in.
    pub pairs: &'a PairSet,
    /// Numbers of the pairs that only judge; may be empty.
    pub validation: &'a [u32],
    /// What is learnt from.
    pub learning: Learning<'a>,
}

/// What is learnt from: pairs, or, where the recipe has [`batches`](siamese_net::Recipe::batches), subjects.
#[derive(Debug, Clone, Copy)]
pub enum Learning<'a> {
    /// Pairs of images.
    Pairs {
        /// Their numbers.
        fit: &'a [u32],
        /// Who is in which image, where that is known. It shows whether the subjects who validate are trained on as
        /// well; without it only the images tell.
        catalog: Option<&'a Catalog>,
    },
    /// Batches of subjects with several images each.
    Subjects {
        /// Who is in which image.
        catalog: &'a Catalog,
        /// Those who are learnt from, as numbers of the catalogue.
        subjects: &'a [u32],
    },
}

impl<'a> TrainingSet<'a> {
    /// Who is in which image, where that is known.
    pub(crate) fn catalog(&self) -> Option<&'a Catalog> {
        match self.learning {
            Learning::Pairs { catalog, .. } => catalog,
            Learning::Subjects { catalog, .. } => Some(catalog),
        }
    }

    /// The subjects that batches of this recipe hold: without those who have too few images, where it leaves these out.
    pub(super) fn in_batches(&self, recipe: &Recipe) -> Cow<'a, [u32]> {
        let Learning::Subjects { catalog, subjects } = self.learning else {
            return Cow::Borrowed(&[]);
        };
        match recipe.batches {
            Some(batches) if batches.too_few == TooFew::Skip => {
                // Whoever is not in the catalogue is refused when batches are drawn.
                let held = |subject: &u32| {
                    *subject >= catalog.subjects()
                        || catalog.samples_of(*subject).len() >= batches.images
                };
                subjects.iter().copied().filter(held).collect()
            }
            _ => Cow::Borrowed(subjects),
        }
    }

    /// The same set with these subjects to learn from.
    pub(super) fn of_subjects<'b>(&'b self, subjects: &'b [u32]) -> TrainingSet<'b> {
        let learning = match self.learning {
            Learning::Subjects { catalog, .. } => Learning::Subjects { catalog, subjects },
            pairs @ Learning::Pairs { .. } => pairs,
        };
        TrainingSet { learning, ..*self }
    }

    /// Refuses parts that do not go together.
    pub(super) fn check(&self) -> Result<(), Error> {
        let (images, pairs) = (self.images.len(), self.pairs.len());
        if let Some(catalog) = self.catalog()
            && catalog.len() != images
        {
            return Err(Error::Data(format!(
                "the catalogue names {} images, but {images} are given: read both from the same folder",
                catalog.len(),
            )));
        }
        let sides = self.pairs.a().iter().chain(self.pairs.b());
        if let Some(image) = sides.max().filter(|&&image| image as usize >= images) {
            return Err(Error::Data(format!(
                "a pair names image {image}, and {images} images are given, counted from 0: make the pairs of these images"
            )));
        }
        for (part, numbers) in [("fit", self.fit()), ("validation", self.validation)] {
            let most = numbers.iter().max();
            if let Some(number) = most.filter(|&&number| number as usize >= pairs) {
                return Err(Error::Data(format!(
                    "`{part}` names pair {number}, and there are {pairs} pairs, counted from 0: take the numbers from these \
                     pairs"
                )));
            }
        }
        Ok(())
    }

    /// Numbers of the pairs that are learnt from; none of batches of subjects.
    pub(crate) fn fit(&self) -> &'a [u32] {
        match self.learning {
            Learning::Pairs { fit, .. } => fit,
            Learning::Subjects { .. } => &[],
        }
    }

    /// The subjects that batches are made of; none of pairs.
    pub(crate) fn subjects(&self) -> &'a [u32] {
        match self.learning {
            Learning::Pairs { .. } => &[],
            Learning::Subjects { subjects, .. } => subjects,
        }
    }
}
