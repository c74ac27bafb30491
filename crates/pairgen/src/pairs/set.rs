//! A set of pairs in nine bytes each.

use rayon::prelude::*;

use crate::catalog::Catalog;
use crate::error::Error;
use crate::pair::{Pair, PairKind};
use crate::random::{Stream, stream_at};

/// Pairs drawn from one random stream; fixed, so that results do not depend on the thread count.
const PAIRS_PER_STREAM: usize = 1 << 14;

/// Pairs as three parallel arrays: two sample numbers and a kind, 9 bytes a pair.
///
/// The order of the pairs is part of the value: the same builder, arguments and seed give the same
/// bytes on any number of threads. No pair is an image with itself.
///
/// | builder | pairs |
/// |---|---|
/// | [`seed_recipe`](Self::seed_recipe) | the classic recipe's draws, with repetition |
/// | [`balanced`](Self::balanced) | so many of each kind, without repetition, every pair alike |
/// | [`by_subject`](Self::by_subject) | the same, every subject alike |
/// | [`skilled`](Self::skilled), [`every_skilled`](Self::every_skilled) | of a genuine sample and a forgery of it |
/// | [`from_list`](Self::from_list), [`from_csv`](Self::from_csv) | as listed in a file |
/// | [`from_samples`](Self::from_samples) | as given |
///
/// For *every* pair use [`ExhaustivePairs`](crate::ExhaustivePairs), which stores none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PairSet {
    a: Vec<u32>,
    b: Vec<u32>,
    kinds: Vec<PairKind>,
}

impl PairSet {
    /// The pairs of these samples, their kinds looked up in `catalog`.
    ///
    /// # Errors
    /// [`Error::UnknownSample`] and [`Error::SelfPair`].
    pub fn from_samples(
        catalog: &Catalog,
        pairs: impl IntoIterator<Item = (u32, u32)>,
    ) -> Result<Self, Error> {
        let mut set = Self::default();
        for (a, b) in pairs {
            let sample = a.max(b);
            if sample as usize >= catalog.len() {
                return Err(Error::UnknownSample {
                    sample,
                    samples: catalog.len(),
                });
            }
            if a == b {
                return Err(Error::SelfPair { sample });
            }
            let kind = catalog.pair_kind(a, b);
            set.push(Pair { a, b, kind });
        }
        Ok(set)
    }

    /// `genuine` genuine pairs, then `impostor` impostor pairs, filled in parallel.
    ///
    /// `draw(rng, i)` gives the `i`-th pair of its kind; `rng` is one of the streams of
    /// `purpose`, at a place that depends on `i` alone.
    pub(crate) fn draw(
        genuine: (usize, impl Fn(&mut Stream, usize) -> (u32, u32) + Sync),
        impostor: (usize, impl Fn(&mut Stream, usize) -> (u32, u32) + Sync),
        seed: u64,
        purpose: &str,
    ) -> Self {
        let total = genuine.0 + impostor.0;
        let mut set = Self {
            a: vec![0; total],
            b: vec![0; total],
            kinds: vec![PairKind::Genuine; total],
        };
        set.kinds[genuine.0..].fill(PairKind::Impostor);
        let (genuine_a, impostor_a) = set.a.split_at_mut(genuine.0);
        let (genuine_b, impostor_b) = set.b.split_at_mut(genuine.0);
        // The epoch word of the stream key tells the two kinds apart.
        fill(genuine_a, genuine_b, genuine.1, |chunk| {
            stream_at(seed, purpose, 0, chunk)
        });
        fill(impostor_a, impostor_b, impostor.1, |chunk| {
            stream_at(seed, purpose, 1, chunk)
        });
        set
    }

    pub(crate) fn push(&mut self, pair: Pair) {
        self.a.push(pair.a);
        self.b.push(pair.b);
        self.kinds.push(pair.kind);
    }

    /// The number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The pair of this number.
    ///
    /// # Panics
    /// As slices do, where `pair >= len()`.
    #[must_use]
    pub fn get(&self, pair: usize) -> Pair {
        Pair {
            a: self.a[pair],
            b: self.b[pair],
            kind: self.kinds[pair],
        }
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Pair> + DoubleEndedIterator + Clone + '_ {
        (0..self.len()).map(|pair| self.get(pair))
    }

    /// The first sample of each pair.
    #[must_use]
    pub fn a(&self) -> &[u32] {
        &self.a
    }

    /// The second sample of each pair.
    #[must_use]
    pub fn b(&self) -> &[u32] {
        &self.b
    }

    /// The kind of each pair.
    #[must_use]
    pub fn kinds(&self) -> &[PairKind] {
        &self.kinds
    }

    /// How many pairs are of this kind.
    #[must_use]
    pub fn count(&self, kind: PairKind) -> usize {
        self.kinds.iter().filter(|&&k| k == kind).count()
    }

    /// The pairs of these numbers, in the order given: one part of a split as a set of its own.
    ///
    /// # Panics
    /// As slices do, where a number is `len()` or more.
    #[must_use]
    pub fn select(&self, pairs: &[u32]) -> Self {
        let mut set = Self::default();
        for &pair in pairs {
            set.push(self.get(pair as usize));
        }
        set
    }
}

/// Fills both arrays in parallel, each chunk from a stream of its own.
fn fill(
    a: &mut [u32],
    b: &mut [u32],
    draw: impl Fn(&mut Stream, usize) -> (u32, u32) + Sync,
    stream_of: impl Fn(u64) -> Stream + Sync,
) {
    a.par_chunks_mut(PAIRS_PER_STREAM)
        .zip(b.par_chunks_mut(PAIRS_PER_STREAM))
        .enumerate()
        .for_each(|(chunk, (a, b))| {
            let mut rng = stream_of(chunk as u64);
            let first = chunk * PAIRS_PER_STREAM;
            for (i, (a, b)) in a.iter_mut().zip(b).enumerate() {
                (*a, *b) = draw(&mut rng, first + i);
            }
        });
}
