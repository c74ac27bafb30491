//! Images by one network, compared with each other and with the templates of subjects.

use ndarray::Array2;
use pairgen::{Catalog, Pair, PairSet};
use rayon::prelude::*;
use siamese_net::{Distance, EmbeddingModel, ImageStack};
use verification_figures::{Comparison, Direction, Fusion, ScoreMatrix};

use crate::error::Result;
use crate::experiment::TestPairs;

/// Scores that are held at most, of all searches of a calibration together.
const MOST_SCORES: usize = 20_000_000;
/// Turns in which other images are the templates; more would tell little more.
const MOST_TURNS: usize = 10;

/// Images by one network.
pub(crate) struct Embedded {
    /// Ascending.
    images: Vec<u32>,
    /// `[images, d]`.
    embeddings: Array2<f32>,
    metric: Distance,
    seed: u64,
}

impl Embedded {
    /// Images of a stack, each embedded once.
    pub(crate) fn of(
        model: &dyn EmbeddingModel,
        stack: &ImageStack,
        mut images: Vec<u32>,
    ) -> Result<Self> {
        images.sort_unstable();
        images.dedup();
        let numbers: Vec<i64> = images.iter().map(|&image| i64::from(image)).collect();
        Ok(Self {
            embeddings: model.embeddings(stack, &numbers)?,
            metric: model.recipe().distance(),
            seed: model.recipe().seed,
            images,
        })
    }

    fn between(&self, a: u32, b: u32) -> f32 {
        let row = |image: u32| {
            let place = self.images.partition_point(|&other| other < image);
            self.embeddings.row(place)
        };
        self.metric.of_vectors(row(a), row(b))
    }

    /// Every image of these subjects compared with every other, or a sample of these where there are very many.
    pub(crate) fn pairs(
        &self,
        catalog: &Catalog,
        subjects: &[u32],
        name: &str,
    ) -> Result<Vec<Comparison>> {
        let pairs = TestPairs::every(catalog, subjects, self.seed, name)?.pairs;
        let pairs: Vec<Pair> = pairs.iter().collect();
        let comparison = |pair: &Pair| Comparison {
            subjects: [pair.a, pair.b].map(|image| catalog.subject_of(image)),
            score: self.between(pair.a, pair.b),
        };
        Ok(pairs.par_iter().map(comparison).collect())
    }

    /// Every genuine sample of these subjects compared with every forgery of the same subject.
    pub(crate) fn skilled_pairs(
        &self,
        catalog: &Catalog,
        subjects: &[u32],
    ) -> Result<Vec<Comparison>> {
        let pairs = PairSet::every_skilled(catalog, subjects)?;
        let comparison = |pair: Pair| {
            Comparison::skilled(catalog.subject_of(pair.a), self.between(pair.a, pair.b))
        };
        Ok(pairs.iter().map(comparison).collect())
    }

    /// The forgeries of these subjects, each compared with the templates of the subject whom it imitates.
    pub(crate) fn skilled(
        &self,
        catalog: &Catalog,
        subjects: &[u32],
        templates: &[u32],
        fusion: Fusion,
    ) -> Result<Vec<Comparison>> {
        let mut skilled = Vec::new();
        for &subject in subjects {
            let forgeries: Vec<u32> = catalog.forgeries_of(subject).collect();
            let own = catalog.samples_of(subject);
            let own: Vec<u32> = templates
                .iter()
                .copied()
                .filter(|t| own.contains(t))
                .collect();
            if let Some(search) = self.search(catalog, &forgeries, &own, 1, fusion).matrix()? {
                let fused = search.fused(fusion)?;
                let each = fused.comparisons();
                skilled.extend(each.map(|found| Comparison::skilled(subject, found.score)));
            }
        }
        Ok(skilled)
    }

    /// For each template, what is taken from a score with it: see [`Fusion::within`].
    fn within(&self, catalog: &Catalog, templates: &[u32], fusion: Fusion) -> Vec<f32> {
        let subjects = templates.chunk_by(|&a, &b| catalog.subject_of(a) == catalog.subject_of(b));
        let of_subject = |own: &[u32]| {
            let between = |a: usize, b: usize| f64::from(self.between(own[a], own[b]));
            vec![fusion.within(own.len(), between) as f32; own.len()]
        };
        subjects.flat_map(of_subject).collect()
    }

    /// One in so many of the probes that are no templates, searched for among the templates, whose scores are to be fused so.
    pub(crate) fn search(
        &self,
        catalog: &Catalog,
        probes: &[u32],
        templates: &[u32],
        every: usize,
        fusion: Fusion,
    ) -> Search {
        let others = probes
            .iter()
            .filter(|probe| templates.binary_search(probe).is_err());
        let probes: Vec<u32> = others.copied().step_by(every.max(1)).collect();
        let within = self.within(catalog, templates, fusion);
        let rows = probes.par_iter().flat_map_iter(|&probe| {
            let row = templates.iter().zip(&within);
            row.map(move |(&template, within)| self.between(probe, template) - within)
        });
        let scores = rows.collect();
        let subjects = |images: &[u32]| images.iter().map(|&i| catalog.subject_of(i)).collect();
        Search {
            probes: subjects(&probes),
            templates: subjects(templates),
            scores,
        }
    }
}

/// Searches for probes among templates.
#[derive(Default)]
pub(crate) struct Search {
    /// Subject of each probe.
    probes: Vec<u32>,
    /// Subject of each template.
    templates: Vec<u32>,
    /// Row-major `[probes, templates]`.
    scores: Vec<f32>,
}

impl Search {
    /// Adds searches among the same templates, by another network.
    #[cfg(feature = "train")]
    pub(crate) fn extend(&mut self, other: Self) {
        self.probes.extend(other.probes);
        self.templates = other.templates;
        self.scores.extend(other.scores);
    }

    /// Nothing without probes or without templates.
    pub(crate) fn matrix(self) -> Result<Option<ScoreMatrix>> {
        if self.probes.is_empty() || self.templates.is_empty() {
            return Ok(None);
        }
        let (probes, templates) = (self.probes, self.templates);
        Ok(Some(ScoreMatrix::new(
            Direction::Distance,
            probes,
            templates,
            self.scores,
        )?))
    }
}

/// Which images are templates, turn by turn.
pub(crate) struct Turns {
    templates: usize,
    count: usize,
    every: usize,
}

impl Turns {
    /// As many as there are other templates of a subject, and room for: `probes` images are searched for among so many
    /// templates of each of these subjects.
    pub(crate) fn new(
        catalog: &Catalog,
        subjects: &[u32],
        templates: usize,
        probes: usize,
    ) -> Self {
        let templates = templates.max(1);
        let images = subjects.iter().map(|&s| catalog.samples_of(s).len());
        let most = (images.max().unwrap_or(1) / templates).clamp(1, MOST_TURNS);
        let one = probes
            .saturating_mul(subjects.len())
            .saturating_mul(templates)
            .max(1);
        Self {
            templates,
            count: most.min(MOST_SCORES / one).max(1),
            every: one.div_ceil(MOST_SCORES),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// One of so many probes is searched for.
    pub(crate) fn every(&self) -> usize {
        self.every
    }

    /// The images of these subjects that are templates in a turn, ascending: the next so many of each, from the first again
    /// after the last. Who has no image more than that has none: such a subject is a stranger in every turn.
    pub(crate) fn templates(&self, catalog: &Catalog, subjects: &[u32], turn: usize) -> Vec<u32> {
        let of_subject = |&subject: &u32| {
            let images = catalog.samples_of(subject);
            let count = match images.len() > self.templates {
                true => self.templates,
                false => 0,
            };
            let next = turn * self.templates;
            let image = move |number| images.start + ((next + number) % images.len()) as u32;
            (0..count).map(image)
        };
        let mut templates: Vec<u32> = subjects.iter().flat_map(of_subject).collect();
        templates.sort_unstable();
        templates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turn_has_the_next_images_of_all_who_have_one_more() {
        let entries = [("a", 5), ("b", 2), ("c", 3)];
        let entries = entries
            .into_iter()
            .flat_map(|(name, count)| (0..count).map(move |i| (name, format!("{name}/{i}.pgm"))));
        let entries = entries.map(|(name, path)| (name.to_owned(), path.into()));
        let catalog = Catalog::from_entries("", entries.collect::<Vec<_>>()).unwrap();
        let subjects = catalog.all_subjects();
        let turns = Turns::new(&catalog, &subjects, 2, 10);
        assert_eq!((turns.count(), turns.every()), (2, 1));
        let templates = |turn| turns.templates(&catalog, &subjects, turn);
        assert_eq!(templates(0), [0, 1, 7, 8]);
        assert_eq!(templates(1), [2, 3, 7, 9]);
        let crowded = Turns::new(&catalog, &subjects, 1, 100 * MOST_SCORES);
        assert_eq!((crowded.count(), crowded.every()), (1, 300));
    }
}
