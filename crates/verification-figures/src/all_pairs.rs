//! All pairs of many embeddings, scored and counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::metric::Scorer;
use crate::{Accumulator, Embeddings, Error, Metric, PairKind};

/// Rows on a side of a tile: two sides of 128 dimensions are 128 KiB, which
/// stays in the second-level cache.
const TILE: usize = 128;

impl Accumulator {
    /// Compares each pair of two embeddings once and counts the scores, in
    /// parallel. A pair is genuine if its subjects are equal.
    ///
    /// No scores are held: beyond the embeddings it takes the memory of one
    /// accumulator for each thread. The result does not depend on the number
    /// of threads.
    ///
    /// # Errors
    /// [`Error::ZeroEmbedding`] for the cosine of an embedding of zeros,
    /// [`Error::ScoreOverflow`] if a score is not finite.
    pub fn all_pairs(metric: Metric, embeddings: Embeddings<'_>) -> Result<Self, Error> {
        let scorer = Scorer::new(metric, embeddings, embeddings)?;
        let subjects = embeddings.subjects();
        let blocks = subjects.len().div_ceil(TILE);
        let next_block = AtomicUsize::new(0);
        // One accumulator for each thread, which takes rows of tiles, the
        // longest first, until none is left.
        let work = |_| {
            let mut accumulator = Self::new(metric.direction());
            loop {
                let taken = next_block.fetch_add(1, Ordering::Relaxed);
                let Some(block) = (blocks - 1).checked_sub(taken) else {
                    return Ok(accumulator);
                };
                for other in 0..=block {
                    count_tile(&scorer, subjects, [block, other], &mut accumulator)?;
                }
            }
        };
        (0..rayon::current_num_threads())
            .into_par_iter()
            .map(work)
            .try_reduce_with(|mut sum, part| sum.merge(&part).map(|()| sum))
            .unwrap_or(Err(Error::Empty))
    }
}

fn count_tile(
    scorer: &Scorer<'_>,
    subjects: &[u32],
    [rows, columns]: [usize; 2],
    accumulator: &mut Accumulator,
) -> Result<(), Error> {
    let end = |block: usize| ((block + 1) * TILE).min(subjects.len());
    for i in rows * TILE..end(rows) {
        for j in columns * TILE..end(columns).min(i) {
            let kind = if subjects[i] == subjects[j] {
                PairKind::Genuine
            } else {
                PairKind::Impostor
            };
            accumulator.push(kind, scorer.score(i, j)?)?;
        }
    }
    Ok(())
}
