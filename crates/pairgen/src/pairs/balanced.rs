//! Random pairs without repetition.

use super::exhaustive::ExhaustivePairs;
use super::permutation::Permutation;
use super::set::PairSet;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::pair::{Pair, PairKind};
use crate::random::stream;

const PURPOSE: &str = "pairs/balanced";

impl PairSet {
    /// `genuine` different genuine pairs and `impostor` different impostor pairs of `subjects`.
    ///
    /// Pairs are unordered, so no pair occurs together with its mirror image. Every set of pairs is
    /// equally likely while a kind has up to 2^20 possible pairs (beyond, the choice is
    /// pseudo-random but as good as uniform). The genuine pairs come first; within a kind the order
    /// is random, so that any prefix is a smaller random set.
    ///
    /// # Errors
    /// [`Error::NotEnoughPairs`] where a kind has fewer, [`Error::UnknownSubject`],
    /// [`Error::SubjectTwice`].
    pub fn balanced(
        catalog: &Catalog,
        subjects: &[u32],
        genuine: usize,
        impostor: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        let all = ExhaustivePairs::new(catalog, subjects)?;
        let order = |kind, asked: usize, exist: u64, epoch| {
            let asked = asked as u64;
            if asked > exist {
                return Err(Error::NotEnoughPairs { kind, asked, exist });
            }
            Ok(Permutation::new(
                exist,
                asked,
                &mut stream(seed, PURPOSE, epoch),
            ))
        };
        let genuine_order = order(PairKind::Genuine, genuine, all.genuine_len(), 0)?;
        let impostor_order = order(PairKind::Impostor, impostor, all.impostor_len(), 1)?;
        let samples = |pair: Option<Pair>| pair.map_or((0, 0), |pair| (pair.a, pair.b));
        Ok(Self::draw(
            (genuine, |_, i| {
                samples(all.genuine(genuine_order.get(i as u64)))
            }),
            (impostor, |_, i| {
                samples(all.impostor(impostor_order.get(i as u64)))
            }),
            seed,
            PURPOSE,
        ))
    }
}
