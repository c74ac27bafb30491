//! Scores of probes against a gallery.

use rayon::prelude::*;

use crate::metric::Scorer;
use crate::{Direction, Embeddings, Error, Metric, PairKind};

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

    pub(crate) fn key_rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.keys.chunks_exact(self.gallery.len())
    }
}
