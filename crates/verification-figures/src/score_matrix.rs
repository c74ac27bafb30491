//! Scores of probes against a gallery.

use rayon::prelude::*;

use crate::metric::Scorer;
use crate::{Comparison, Direction, Embeddings, Error, Fusion, LabelledScores, Metric, PairKind};

/// Every probe compared with every template of a gallery.
///
/// Probes and templates must be made from different images: a comparison of
/// an image with itself says nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreMatrix {
    direction: Direction,
    probes: Vec<u32>,
    gallery: Vec<u32>,
    /// Distances, row-major `[probes, gallery]`.
    keys: Vec<f32>,
}

impl ScoreMatrix {
    /// Takes `scores` as a row-major array of shape `[probes, gallery]`, with
    /// the subjects of the rows and of the columns. A subject may have several
    /// rows and several columns.
    ///
    /// # Errors
    /// [`Error::Empty`] if a side is empty, [`Error::LengthMismatch`] if the
    /// array has another number of entries, and [`Error::NotFinite`] for a NaN
    /// or infinite score, with its place in the array.
    pub fn new(
        direction: Direction,
        probes: Vec<u32>,
        gallery: Vec<u32>,
        mut scores: Vec<f32>,
    ) -> Result<Self, Error> {
        if probes.is_empty() || gallery.is_empty() {
            return Err(Error::Empty);
        }
        if probes.len().checked_mul(gallery.len()) != Some(scores.len()) {
            return Err(Error::LengthMismatch {
                left: "scores",
                left_len: scores.len(),
                right: "probes times gallery",
                right_len: probes.len().saturating_mul(gallery.len()),
            });
        }
        if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
            let same = probes[index / gallery.len()] == gallery[index % gallery.len()];
            let kind = if same {
                PairKind::Genuine
            } else {
                PairKind::Impostor
            };
            return Err(Error::NotFinite {
                kind,
                index,
                value: scores[index],
            });
        }
        for score in &mut scores {
            *score = direction.key_of(*score);
        }
        Ok(Self {
            direction,
            probes,
            gallery,
            keys: scores,
        })
    }

    /// Compares every probe with every template, in parallel.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the sets differ in dimensions,
    /// [`Error::ZeroEmbedding`] for the cosine of an embedding of zeros, and
    /// [`Error::ScoreOverflow`] if a score is not finite.
    pub fn from_embeddings(
        metric: Metric,
        probes: Embeddings<'_>,
        gallery: Embeddings<'_>,
    ) -> Result<Self, Error> {
        let scorer = Scorer::new(metric, probes, gallery)?;
        let direction = metric.direction();
        let mut keys = vec![0.0_f32; probes.len() * gallery.len()];
        keys.par_chunks_mut(gallery.len())
            .enumerate()
            .try_for_each(|(i, row)| {
                for (j, key) in row.iter_mut().enumerate() {
                    *key = direction.key_of(scorer.score(i, j)?);
                }
                Ok(())
            })?;
        Ok(Self {
            direction,
            probes: probes.subjects().to_vec(),
            gallery: gallery.subjects().to_vec(),
            keys,
        })
    }

    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The subject of each probe.
    #[must_use]
    pub fn probes(&self) -> &[u32] {
        &self.probes
    }

    /// The subject of each template.
    #[must_use]
    pub fn gallery(&self) -> &[u32] {
        &self.gallery
    }

    /// Each probe compared once with each subject of the gallery: the scores of the subject's templates fused. Under
    /// [`Fusion::Relative`] each score must be less [`Fusion::within`] already.
    ///
    /// # Errors
    /// [`Error::Argument`] for a mean over no template.
    pub fn fused(&self, fusion: Fusion) -> Result<LabelledScores, Error> {
        let rows = self.fused_rows(fusion)?;
        let both = self.probes.iter().zip(rows.of_probes());
        let comparisons = both.flat_map(|(&probe, row)| {
            let of_probe = rows.subjects.iter().zip(row);
            of_probe.map(move |(&subject, &key)| Comparison {
                subjects: [probe, subject],
                score: self.direction.score_of(key.into()) as f32,
            })
        });
        LabelledScores::new(self.direction, comparisons.collect())
    }

    /// The same with one column for each subject of the gallery.
    pub(crate) fn fused_rows(&self, fusion: Fusion) -> Result<FusedRows, Error> {
        let fusion = fusion.checked()?;
        let mut subjects = self.gallery.clone();
        subjects.sort_unstable();
        subjects.dedup();
        let place = |subject: u32| subjects.partition_point(|&other| other < subject);
        let places: Vec<usize> = self.gallery.iter().map(|&subject| place(subject)).collect();
        let fused = |row: &[f32]| -> Vec<f32> {
            let mut of_subject = vec![Vec::new(); subjects.len()];
            for (&place, &key) in places.iter().zip(row) {
                of_subject[place].push(f64::from(key));
            }
            let fuse = |keys: &mut Vec<f64>| fusion.fuse(Direction::Distance, keys) as f32;
            of_subject.iter_mut().map(fuse).collect()
        };
        let rows = self.keys.par_chunks_exact(self.gallery.len());
        let keys = rows.flat_map_iter(fused).collect();
        Ok(FusedRows { subjects, keys })
    }

    pub(crate) fn key_rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.keys.chunks_exact(self.gallery.len())
    }
}

/// A matrix with one column for each subject of the gallery.
pub(crate) struct FusedRows {
    /// The subjects, ascending.
    pub(crate) subjects: Vec<u32>,
    /// Distances, row-major `[probes, subjects]`.
    pub(crate) keys: Vec<f32>,
}

impl FusedRows {
    pub(crate) fn of_probes(&self) -> impl Iterator<Item = &[f32]> {
        self.keys.chunks_exact(self.subjects.len())
    }
}
