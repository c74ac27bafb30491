//! Scores of samples among themselves.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::metric::Scorer;
use crate::{
    Comparison, Direction, Embeddings, Error, LabelledScores, Metric, PairKind, ScoreMatrix,
};

/// Every sample of a set compared with every other, for retrieval, episodes
/// and all-pairs verification. Comparisons of a sample with itself are never
/// used.
///
/// Made from embeddings, scores are computed when they are needed and no
/// matrix is held.
#[derive(Debug, Clone)]
pub struct SampleScores<'a> {
    direction: Direction,
    subjects: &'a [u32],
    source: Source<'a>,
}

#[derive(Debug, Clone)]
enum Source<'a> {
    /// Distances, row-major `[n, n]`.
    Matrix(Vec<f32>),
    Embeddings(Box<Scorer<'a>>),
}

impl<'a> SampleScores<'a> {
    /// Takes `scores` as a row-major array of shape `[n, n]` and the subjects
    /// of the `n` samples. Row `i` holds the scores of query `i`; the array
    /// need not be symmetric, and its diagonal is not looked at.
    ///
    /// # Errors
    /// [`Error::Empty`] without samples, [`Error::LengthMismatch`] if the
    /// array has another number of entries, and [`Error::NotFinite`] for a NaN
    /// or infinite score off the diagonal, with its place in the array.
    pub fn from_matrix(
        direction: Direction,
        subjects: &'a [u32],
        mut scores: Vec<f32>,
    ) -> Result<Self, Error> {
        let n = subjects.len();
        if n == 0 {
            return Err(Error::Empty);
        }
        if n.checked_mul(n) != Some(scores.len()) {
            return Err(Error::LengthMismatch {
                left: "scores",
                left_len: scores.len(),
                right: "the square of the samples",
                right_len: n.saturating_mul(n),
            });
        }
        for (index, score) in scores.iter_mut().enumerate() {
            let (i, j) = (index / n, index % n);
            if i != j && !score.is_finite() {
                let same = subjects[i] == subjects[j];
                let kind = if same {
                    PairKind::Genuine
                } else {
                    PairKind::Impostor
                };
                return Err(Error::NotFinite {
                    kind,
                    index,
                    value: *score,
                });
            }
            *score = direction.key_of(*score);
        }
        Ok(Self {
            direction,
            subjects,
            source: Source::Matrix(scores),
        })
    }

    /// Compares embeddings when their scores are needed.
    ///
    /// # Errors
    /// [`Error::ZeroEmbedding`] for the cosine of an embedding of zeros.
    pub fn from_embeddings(metric: Metric, embeddings: Embeddings<'a>) -> Result<Self, Error> {
        let scorer = Scorer::new(metric, embeddings, embeddings)?;
        Ok(Self {
            direction: metric.direction(),
            subjects: embeddings.subjects(),
            source: Source::Embeddings(Box::new(scorer)),
        })
    }

    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The subject of each sample.
    #[must_use]
    pub fn subjects(&self) -> &'a [u32] {
        self.subjects
    }

    /// Each pair of two samples once, with `score(i, j)` for `i > j`.
    ///
    /// # Errors
    /// [`Error::Empty`] for a single sample, [`Error::ScoreOverflow`] if a
    /// score of embeddings is not finite.
    pub fn all_pairs(&self) -> Result<LabelledScores, Error> {
        let rows: Result<Vec<Vec<Comparison>>, Error> = (0..self.subjects.len())
            .into_par_iter()
            .map(|i| {
                let pair = |j| {
                    let score = self.direction.score_of(f64::from(self.key(i, j)?)) as f32;
                    Ok(Comparison {
                        subjects: [self.subjects[i], self.subjects[j]],
                        score,
                    })
                };
                (0..i).map(pair).collect()
            })
            .collect();
        LabelledScores::new(self.direction, rows?.concat())
    }

    /// A search with sample number `turn` of each subject, counted from 0, as the gallery and all
    /// other samples as probes; rows and columns keep the order of the samples. Subjects without
    /// such a sample are not enrolled, and their samples are strangers.
    ///
    /// Where each subject has as many samples, the rotations together let each be the enrolled one
    /// once; see [`Identification`](crate::Identification) for the pooled result.
    ///
    /// # Errors
    /// [`Error::Argument`] if no subject has that many samples, [`Error::Empty`] if no sample is
    /// left as a probe, [`Error::ScoreOverflow`] if a score of embeddings is not finite.
    pub fn rotation(&self, turn: usize) -> Result<ScoreMatrix, Error> {
        self.rotation_of(turn, 1)
    }

    /// The same with several templates of each subject: samples `turn * templates` to
    /// `(turn + 1) * templates - 1`. Subjects without all of these are not enrolled.
    ///
    /// # Errors
    /// Those of [`Self::rotation`].
    pub fn rotation_of(&self, turn: usize, templates: usize) -> Result<ScoreMatrix, Error> {
        let own = turn.saturating_mul(templates)..turn.saturating_add(1).saturating_mul(templates);
        let mut samples_of: HashMap<u32, usize> = HashMap::new();
        for subject in self.subjects {
            *samples_of.entry(*subject).or_default() += 1;
        }
        let mut seen: HashMap<u32, usize> = HashMap::new();
        let (mut gallery, mut probes) = (Vec::new(), Vec::new());
        for (sample, subject) in self.subjects.iter().enumerate() {
            let number = seen.entry(*subject).or_default();
            let side = if samples_of[subject] >= own.end && own.contains(number) {
                &mut gallery
            } else {
                &mut probes
            };
            side.push(sample);
            *number += 1;
        }
        if gallery.is_empty() {
            return Err(Error::Argument {
                argument: "turn",
                expected: "less than the number of samples of some subject",
                found: turn as f64,
            });
        }
        let rows: Result<Vec<Vec<f32>>, Error> = probes
            .par_iter()
            .map(|&i| {
                let score = |&j: &usize| Ok(self.direction.score_of(self.key(i, j)?.into()) as f32);
                gallery.iter().map(score).collect()
            })
            .collect();
        let subjects = |samples: &[usize]| samples.iter().map(|&k| self.subjects[k]).collect();
        let (probes, gallery) = (subjects(&probes), subjects(&gallery));
        ScoreMatrix::new(self.direction, probes, gallery, rows?.concat())
    }

    /// The score of query `i` against sample `j`, as a distance.
    pub(crate) fn key(&self, i: usize, j: usize) -> Result<f32, Error> {
        match &self.source {
            Source::Matrix(keys) => Ok(keys[i * self.subjects.len() + j]),
            Source::Embeddings(scorer) => Ok(self.direction.key_of(scorer.score(i, j)?)),
        }
    }
}
