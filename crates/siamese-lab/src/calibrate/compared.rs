//! Which images are compared for a calibration, and how far they lie apart.

use std::collections::HashMap;

use ndarray::Array2;
use pairgen::Catalog;
use rayon::prelude::*;
use siamese_net::{Distance, EmbeddingModel, ImageStack};
use verification_figures::{Comparison, Direction, LabelledScores, ScoreMatrix};

use crate::error::{CalibrateError, Error, Result};
use crate::experiment::TestPairs;

/// Turns in which other images are the templates; more would tell little more.
const TURNS: usize = 5;

/// Comparisons of all searches together, so that they fit in memory.
const MOST_COMPARED: usize = 100_000_000;

/// The images of a calibration with their embeddings.
pub(super) struct Embedded<'a> {
    catalog: &'a Catalog,
    subjects: Vec<u32>,
    /// By the number of the image.
    row_of: HashMap<u32, usize>,
    embeddings: Array2<f32>,
    metric: Distance,
    seed: u64,
}

impl<'a> Embedded<'a> {
    /// Of these subjects.
    pub(super) fn new(
        model: &dyn EmbeddingModel,
        catalog: &'a Catalog,
        stack: &ImageStack,
        subjects: &[u32],
    ) -> Result<Self> {
        let images = subjects.iter().flat_map(|&s| catalog.samples_of(s));
        let numbers: Vec<i64> = images.clone().map(i64::from).collect();
        Ok(Self {
            row_of: images.zip(0..).collect(),
            embeddings: model.embeddings(stack, &numbers)?,
            metric: model.recipe().distance(),
            seed: model.recipe().seed,
            subjects: subjects.to_vec(),
            catalog,
        })
    }

    fn distance(&self, a: u32, b: u32) -> f32 {
        let row = |image| self.embeddings.row(self.row_of[&image]);
        self.metric.of_vectors(row(a), row(b))
    }

    /// Every image compared with every other, or a sample of these where there are very many.
    pub(super) fn pairs(&self) -> Result<LabelledScores> {
        let test = TestPairs::every(self.catalog, &self.subjects, self.seed, "calibration")?;
        let pairs: Vec<_> = test.pairs.iter().collect();
        let comparisons = pairs.par_iter().map(|pair| Comparison {
            subjects: [pair.a, pair.b].map(|image| self.catalog.subject_of(image)),
            score: self.distance(pair.a, pair.b),
        });
        let scores = LabelledScores::new(Direction::Distance, comparisons.collect())?;
        self.expect_both_kinds(scores)
    }

    /// Fails where there is nothing genuine or no impostor.
    pub(super) fn expect_both_kinds(&self, scores: LabelledScores) -> Result<LabelledScores> {
        let genuine = scores.comparisons().any(|c| c.subjects[0] == c.subjects[1]);
        let impostor = scores.comparisons().any(|c| c.subjects[0] != c.subjects[1]);
        let kind = match (genuine, impostor) {
            (true, true) => return Ok(scores),
            (false, _) => "genuine",
            (true, false) => "impostor",
        };
        let place = self.catalog.root().display().to_string();
        Err(Error::from(CalibrateError::NoComparisons { kind, place }))
    }

    /// A search in each turn: in turn `t` the `t`-th so many images of each subject are its templates, and all others are
    /// probes. Subjects with fewer images are strangers. With very many images some subjects are left out, evenly.
    pub(super) fn searches(&self, templates: usize) -> Result<Vec<ScoreMatrix>> {
        let images = self
            .subjects
            .iter()
            .map(|&s| self.catalog.samples_of(s).len());
        let turns = (images.clone().max().unwrap_or(0) / templates).clamp(1, TURNS);
        let compared = images.sum::<usize>() * self.subjects.len() * templates * turns;
        let step = ((compared as f64 / MOST_COMPARED as f64).sqrt().ceil() as usize).max(1);
        let subjects: Vec<u32> = self.subjects.iter().copied().step_by(step).collect();
        (0..turns)
            .filter_map(|turn| self.search(&subjects, templates, turn).transpose())
            .collect()
    }

    /// Nothing where nobody has so many images that some are left as probes.
    fn search(
        &self,
        subjects: &[u32],
        templates: usize,
        turn: usize,
    ) -> Result<Option<ScoreMatrix>> {
        let own = turn * templates..(turn + 1) * templates;
        let (mut enrolled, mut probes) = (Vec::new(), Vec::new());
        for &subject in subjects {
            let images = self.catalog.samples_of(subject);
            // Some are left as probes.
            let whole = images.len() >= own.end && images.len() > templates;
            for (place, image) in images.enumerate() {
                match whole && own.contains(&place) {
                    true => enrolled.push(image),
                    false => probes.push(image),
                }
            }
        }
        if enrolled.is_empty() || probes.is_empty() {
            return Ok(None);
        }
        let rows = probes.par_iter().flat_map_iter(|&probe| {
            enrolled
                .iter()
                .map(move |&template| self.distance(probe, template))
        });
        let scores: Vec<f32> = rows.collect();
        let of = |images: &[u32]| images.iter().map(|&i| self.catalog.subject_of(i)).collect();
        let (probes, enrolled) = (of(&probes), of(&enrolled));
        Ok(Some(ScoreMatrix::new(
            Direction::Distance,
            probes,
            enrolled,
            scores,
        )?))
    }
}
