//! Trained networks as distances of all images from all.

use pairgen::Catalog;
use siamese_lab::{Compute, Data, Error};
use verification_figures::{Direction, PairKind, Scores};

use crate::trainings::Trained;

/// A network with the distances of all images from all.
pub(crate) struct Distances<'a> {
    pub(crate) network: &'a Trained,
    pub(crate) catalog: &'a Catalog,
    /// The threshold in its model file, from pairs of training subjects.
    pub(crate) own_threshold: Option<f64>,
    images: usize,
    /// `[images, images]`.
    square: Vec<f32>,
}

impl<'a> Distances<'a> {
    /// Embeds every image.
    pub(crate) fn of(network: &'a Trained, data: &'a Data) -> Result<Self, Error> {
        let model = Compute::default().open_fastest(&network.model)?;
        let stack = data.load(model.recipe())?.stack;
        let images = data.catalog.len();
        let numbers: Vec<i64> = (0..images as i64).collect();
        let embeddings = model.embeddings(&stack, &numbers)?;
        let distance = model.recipe().distance();
        let mut square = vec![0.0; images * images];
        for a in 0..images {
            for b in 0..a {
                let found = distance.of_vectors(embeddings.row(a), embeddings.row(b));
                square[a * images + b] = found;
                square[b * images + a] = found;
            }
        }
        Ok(Self {
            network,
            catalog: &data.catalog,
            own_threshold: model.threshold().map(|threshold| threshold.value),
            images,
            square,
        })
    }

    /// Of two images.
    pub(crate) fn between(&self, a: u32, b: u32) -> f32 {
        self.square[a as usize * self.images + b as usize]
    }

    /// Those among these subjects, each made a score by `score`.
    pub(crate) fn among(&self, subjects: &[u32], score: impl Fn(u32, u32) -> f32) -> Scores {
        let images = self.images_of(subjects);
        let [mut genuine, mut impostor] = [const { Vec::new() }; 2];
        for (place, &a) in images.iter().enumerate() {
            for &b in &images[..place] {
                match self.catalog.subject_of(a) == self.catalog.subject_of(b) {
                    true => genuine.push(score(a, b)),
                    false => impostor.push(score(a, b)),
                }
            }
        }
        Scores::new(Direction::Distance, genuine, impostor).unwrap()
    }

    /// Genuine ones among the strangers, and those of strangers with the cohort.
    pub(crate) fn at_the_door(&self, score: impl Fn(u32, u32) -> f32) -> Scores {
        let strangers = &self.network.strangers;
        let cohort = self.images_of(&self.network.cohort);
        let images = self.images_of(strangers);
        let impostor = images
            .iter()
            .flat_map(|&a| cohort.iter().map(move |&b| (a, b)));
        let impostor = impostor.map(|(a, b)| score(a, b)).collect();
        let genuine = self.among(strangers, &score);
        let genuine = genuine.of_kind(PairKind::Genuine).collect();
        Scores::new(Direction::Distance, genuine, impostor).unwrap()
    }

    pub(crate) fn images_of(&self, subjects: &[u32]) -> Vec<u32> {
        let images = subjects
            .iter()
            .map(|&subject| self.catalog.samples_of(subject));
        images.flatten().collect()
    }
}
