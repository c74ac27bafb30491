//! The search: bounds from the codes first, then full comparisons where a bound reaches.

use rayon::prelude::*;
use verification_figures::{Direction, Fusion};

use super::VectorIndex;
use super::block::{SLOTS, TILE};
use super::codes::{CodedQuery, GROUP};
use super::selection::Selection;
use super::top::{Ranked, Top};
use crate::error::Error;

/// Queries whose bounds are all kept at a time, 4 bytes for each vector and query.
const KEPT: usize = 8;

/// A vector that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its number.
    pub id: u64,
    /// Its owner.
    pub owner: u64,
    /// Its score: cosine (large means alike) or Euclidean distance (small means alike).
    pub score: f64,
}

/// An owner that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnerHit {
    /// The owner.
    pub owner: u64,
    /// The score of its vectors together: cosine (large means alike) or Euclidean distance (small means alike).
    pub score: f64,
}

/// A query as it is compared, and as codes.
struct Prepared {
    vectors: Vec<Vec<f32>>,
    coded: Vec<CodedQuery>,
}

/// Whose best vector counts.
#[derive(Clone, Copy)]
enum Each {
    Vector,
    Owner,
}

impl VectorIndex {
    /// The `most` vectors that are most alike to each query, best first. Among equals the smaller number comes first.
    ///
    /// All queries share one pass over memory. With a selection only those vectors are looked at; the result is that of an
    /// index that holds no others.
    ///
    /// # Errors
    ///
    /// [`Error::Dimension`], [`Error::NotFinite`] and [`Error::Degenerate`] for a query that is no vector of this index,
    /// [`Error::StaleSelection`].
    pub fn nearest(
        &self,
        queries: &[&[f32]],
        most: usize,
        among: Option<&Selection>,
    ) -> Result<Vec<Vec<Hit>>, Error> {
        let tops = self.scan(&self.queries(queries, among)?, most, among, Each::Vector);
        let hit = |ranked: Ranked| {
            let owner = self
                .slots
                .get(&ranked.id)
                .and_then(|&slot| self.held(slot))?
                .1;
            Some(Hit {
                id: ranked.id,
                owner,
                score: self.metric.likeness(ranked.likeness),
            })
        };
        Ok(tops
            .into_iter()
            .map(|top| top.into_ranked().into_iter().filter_map(hit).collect())
            .collect())
    }

    /// The `most` owners that are most alike to each query, best first. Among equals the smaller number comes first.
    ///
    /// [`Fusion::Best`] is as fast as [`VectorIndex::nearest`]. A mean takes longer and 32 bytes more for each vector. With
    /// a selection, each owner is judged by its selected vectors.
    ///
    /// # Errors
    ///
    /// As [`VectorIndex::nearest`], and [`Error::Argument`] for a mean over no vector and for [`Fusion::Relative`].
    pub fn nearest_owners(
        &self,
        queries: &[&[f32]],
        most: usize,
        fusion: Fusion,
        among: Option<&Selection>,
    ) -> Result<Vec<Vec<OwnerHit>>, Error> {
        let queries = self.queries(queries, among)?;
        let tops = match searchable(fusion)? {
            Fusion::Best => self.scan(&queries, most, among, Each::Owner),
            fusion => self.scan_owners(&queries, most, fusion, among),
        };
        let hit = |ranked: Ranked| OwnerHit {
            owner: ranked.key,
            score: self.metric.likeness(ranked.likeness),
        };
        Ok(tops
            .into_iter()
            .map(|top| top.into_ranked().into_iter().map(hit).collect())
            .collect())
    }

    /// The score of one owner, or nothing where it has no vector.
    ///
    /// # Errors
    ///
    /// As [`VectorIndex::nearest_owners`].
    pub fn score(&self, query: &[f32], owner: u64, fusion: Fusion) -> Result<Option<f64>, Error> {
        let query = self.prepared(query)?;
        let fusion = searchable(fusion)?;
        Ok(self.owners.get(&owner).map(|slots| {
            let mut likenesses: Vec<f64> = slots
                .iter()
                .map(|&slot| self.metric.compare(&query, self.vector(slot)))
                .collect();
            self.metric.likeness(fused(fusion, &mut likenesses))
        }))
    }

    fn queries(&self, queries: &[&[f32]], among: Option<&Selection>) -> Result<Prepared, Error> {
        if among.is_some_and(|selection| selection.revision != self.revision) {
            return Err(Error::StaleSelection);
        }
        let vectors: Vec<Vec<f32>> = queries
            .iter()
            .map(|query| self.prepared(query))
            .collect::<Result<_, _>>()?;
        let coded = vectors
            .iter()
            .map(|vector| CodedQuery::of(self.metric, vector))
            .collect();
        Ok(Prepared { vectors, coded })
    }

    /// The best vectors, or owners by their best vectors.
    fn scan(
        &self,
        queries: &Prepared,
        most: usize,
        among: Option<&Selection>,
        each: Each,
    ) -> Vec<Top> {
        let none = || vec![Top::new(most); queries.vectors.len()];
        if most == 0 || queries.vectors.is_empty() {
            return none();
        }
        self.blocks
            .par_iter()
            .enumerate()
            .fold(none, |mut tops, (at, block)| {
                let mut bounds = vec![0.0; TILE * queries.coded.len()];
                for first in (0..self.used_in(at)).step_by(TILE) {
                    self.kernel
                        .bounds(block.rows(first), &queries.coded, &mut bounds);
                    let found = bounds
                        .chunks_exact(TILE)
                        .zip(&queries.vectors)
                        .zip(&mut tops);
                    for ((bounds, query), top) in found {
                        self.compare_reaching(bounds, at * SLOTS + first, query, among, each, top);
                    }
                }
                tops
            })
            .reduce(none, |a, b| {
                a.into_iter().zip(b).map(|(a, b)| a.merge(b)).collect()
            })
    }

    /// Compares the query with the vectors from `first` whose bound reaches the best so far.
    fn compare_reaching(
        &self,
        bounds: &[f32],
        first: usize,
        query: &[f32],
        among: Option<&Selection>,
        each: Each,
        top: &mut Top,
    ) {
        let mut least = top.least();
        let (groups, _) = bounds.as_chunks::<GROUP>();
        for (group, bounds) in groups.iter().enumerate() {
            // All of a group at once, which the compiler turns into few instructions.
            if bounds
                .iter()
                .map(|&bound| u32::from(bound >= least))
                .sum::<u32>()
                == 0
            {
                continue;
            }
            for (row, &bound) in bounds.iter().enumerate() {
                let slot = first + group * GROUP + row;
                if bound < least || among.is_some_and(|selection| !selection.has(slot)) {
                    continue;
                }
                let Some((id, owner)) = self.held(slot) else {
                    continue;
                };
                let key = if matches!(each, Each::Vector) {
                    id
                } else {
                    owner
                };
                top.offer(Ranked {
                    likeness: self.metric.compare(query, self.vector(slot)),
                    key,
                    id,
                });
                least = top.least();
            }
        }
    }

    /// The best owners by several of their vectors: an owner's bound is the fusion of the bounds of its vectors.
    fn scan_owners(
        &self,
        queries: &Prepared,
        most: usize,
        fusion: Fusion,
        among: Option<&Selection>,
    ) -> Vec<Top> {
        if most == 0 {
            return vec![Top::new(0); queries.vectors.len()];
        }
        let of_some = |(vectors, coded): (&[Vec<f32>], &[CodedQuery])| {
            let bounds = self.all_bounds(coded);
            let none = || vec![Top::new(most); vectors.len()];
            self.owners
                .par_iter()
                .fold(none, |mut tops, (&owner, slots)| {
                    let slots = || {
                        slots
                            .iter()
                            .copied()
                            .filter(|&slot| among.is_none_or(|some| some.has(slot)))
                    };
                    if slots().next().is_none() {
                        return tops;
                    }
                    let mut likenesses = Vec::new();
                    for (at, (query, top)) in vectors.iter().zip(&mut tops).enumerate() {
                        let bound_at =
                            |slot| (slot / SLOTS * vectors.len() + at) * SLOTS + slot % SLOTS;
                        likenesses.clear();
                        likenesses.extend(slots().map(|slot| f64::from(bounds[bound_at(slot)])));
                        if fused(fusion, &mut likenesses) >= f64::from(top.least()) {
                            likenesses.clear();
                            likenesses.extend(
                                slots().map(|slot| self.metric.compare(query, self.vector(slot))),
                            );
                            top.offer(Ranked {
                                likeness: fused(fusion, &mut likenesses),
                                key: owner,
                                id: owner,
                            });
                        }
                    }
                    tops
                })
                .reduce(none, |a, b| {
                    a.into_iter().zip(b).map(|(a, b)| a.merge(b)).collect()
                })
        };
        queries
            .vectors
            .chunks(KEPT)
            .zip(queries.coded.chunks(KEPT))
            .flat_map(of_some)
            .collect()
    }

    /// The bounds of all slots: block after block, in each query after query.
    fn all_bounds(&self, queries: &[CodedQuery]) -> Vec<f32> {
        let mut all = vec![0.0; self.blocks.len() * queries.len() * SLOTS];
        all.par_chunks_mut(queries.len() * SLOTS)
            .zip(&self.blocks)
            .enumerate()
            .for_each(|(at, (all, block))| {
                let mut bounds = vec![0.0; TILE * queries.len()];
                for first in (0..self.used_in(at)).step_by(TILE) {
                    self.kernel.bounds(block.rows(first), queries, &mut bounds);
                    for (query, bounds) in bounds.chunks_exact(TILE).enumerate() {
                        all[query * SLOTS + first..][..TILE].copy_from_slice(bounds);
                    }
                }
            });
        all
    }

    /// Slots of a block that have ever held a vector.
    fn used_in(&self, block: usize) -> usize {
        (self.used - block * SLOTS).min(SLOTS)
    }
}

/// One likeness, large for alike, from those of several vectors.
/// Refuses a fusion of nothing, and the relative fusion, which galleries do not have.
pub(crate) fn searchable(fusion: Fusion) -> Result<Fusion, Error> {
    match fusion.checked()? {
        Fusion::Relative => Err(Error::Argument {
            argument: "the fusion of a gallery",
            expected: "best, mean, or the mean of the best",
            found: "relative".to_owned(),
        }),
        fusion => Ok(fusion),
    }
}

fn fused(fusion: Fusion, likenesses: &mut [f64]) -> f64 {
    fusion.fuse(Direction::Similarity, likenesses)
}
