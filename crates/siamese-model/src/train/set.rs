//! What is trained on.

use pairgen::{Catalog, PairSet};
use siamese_net::ImageStack;

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
