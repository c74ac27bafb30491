//! Every pair there is, by number, without storing any.

use std::ops::Range;

use super::runs::Runs;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::pair::{Pair, PairKind};

/// Every genuine and every impostor pair of some subjects, as a numbered sequence.
///
/// Pairs are unordered and each occurs once. Nothing is stored per pair: a pair's samples follow
/// from its number by a table look-up and a little arithmetic, so pairs can be scored in any order,
/// in parallel and in blocks. Memory is 4 bytes a sample and at most 40 a subject.
///
/// ```
/// # use pairgen::{Catalog, Error, ExhaustivePairs};
/// let orl = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10)))?;
/// let pairs = ExhaustivePairs::new(&orl, &orl.all_subjects())?;
/// assert_eq!((pairs.genuine_len(), pairs.impostor_len()), (1_800, 78_000));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExhaustivePairs {
    /// The samples of the subjects, subject after subject in the order given.
    samples: Vec<u32>,
    /// Where each subject begins in `samples`, and the end.
    starts: Vec<usize>,
    /// The genuine pairs of each subject.
    genuine: Runs,
    /// The impostor pairs of each subject with the later ones.
    impostor: Runs,
}

impl ExhaustivePairs {
    /// The pairs within and between `subjects`.
    ///
    /// Genuine pairs go subject after subject. Impostor pairs go by the sample of the earlier
    /// subject, and within it by the sample of the later one. "Earlier" is the order of `subjects`.
    ///
    /// # Errors
    /// [`Error::UnknownSubject`] and [`Error::SubjectTwice`].
    pub fn new(catalog: &Catalog, subjects: &[u32]) -> Result<Self, Error> {
        catalog.check_subjects(subjects)?;
        let mut samples = Vec::new();
        let mut starts = vec![0];
        for &subject in subjects {
            samples.extend(catalog.samples_of(subject));
            starts.push(samples.len());
        }
        let bounds = || {
            starts
                .windows(2)
                .map(|bounds| (bounds[0] as u64, bounds[1] as u64))
        };
        let total = samples.len() as u64;
        let genuine = Runs::new(bounds().map(|(start, end)| triangle(end - start)));
        let impostor = Runs::new(bounds().map(|(start, end)| (end - start) * (total - end)));
        Ok(Self {
            samples,
            starts,
            genuine,
            impostor,
        })
    }

    /// The number of genuine pairs: the sum of n(n-1)/2 over the subjects' image counts n.
    #[must_use]
    pub fn genuine_len(&self) -> u64 {
        self.genuine.total()
    }

    /// The number of impostor pairs.
    #[must_use]
    pub fn impostor_len(&self) -> u64 {
        self.impostor.total()
    }

    /// The number of pairs of both kinds.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.genuine_len() + self.impostor_len()
    }

    /// Whether there is no pair at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Genuine pair number `i`, or `None` past the end.
    #[must_use]
    pub fn genuine(&self, i: u64) -> Option<Pair> {
        if i >= self.genuine_len() {
            return None;
        }
        let (subject, within) = self.genuine.locate(i);
        let (first, second) = triangle_pair(within);
        let samples = &self.samples[self.range(subject)];
        Some(Pair {
            a: samples[first as usize],
            b: samples[second as usize],
            kind: PairKind::Genuine,
        })
    }

    /// Impostor pair number `i`, or `None` past the end.
    #[must_use]
    pub fn impostor(&self, i: u64) -> Option<Pair> {
        if i >= self.impostor_len() {
            return None;
        }
        let (subject, within) = self.impostor.locate(i);
        let Range { start, end } = self.range(subject);
        let later = (self.samples.len() - end) as u64;
        Some(Pair {
            a: self.samples[start + (within / later) as usize],
            b: self.samples[end + (within % later) as usize],
            kind: PairKind::Impostor,
        })
    }

    /// Pair number `i` of both kinds, the genuine ones first, or `None` past the end.
    #[must_use]
    pub fn get(&self, i: u64) -> Option<Pair> {
        match i.checked_sub(self.genuine_len()) {
            None => self.genuine(i),
            Some(i) => self.impostor(i),
        }
    }

    /// The genuine pairs in order.
    pub fn iter_genuine(&self) -> impl Iterator<Item = Pair> + '_ {
        (0..self.genuine_len()).filter_map(|i| self.genuine(i))
    }

    /// The impostor pairs in order.
    pub fn iter_impostor(&self) -> impl Iterator<Item = Pair> + '_ {
        (0..self.impostor_len()).filter_map(|i| self.impostor(i))
    }

    /// Every pair in order, the genuine ones first.
    pub fn iter(&self) -> impl Iterator<Item = Pair> + '_ {
        self.iter_genuine().chain(self.iter_impostor())
    }

    /// Where the samples of the subject at this place of the list lie in `samples`.
    fn range(&self, subject: usize) -> Range<usize> {
        self.starts[subject]..self.starts[subject + 1]
    }
}

/// n(n-1)/2: unordered pairs of n things.
pub(super) fn triangle(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// The `i`-th unordered pair of the sequence (0,1), (0,2), (1,2), (0,3), (1,3), ...
pub(super) fn triangle_pair(i: u64) -> (u64, u64) {
    let mut second = ((1.0 + (1.0 + 8.0 * i as f64).sqrt()) / 2.0) as u64;
    // The square root is rounded, so it may be one off where i is large.
    while triangle(second) > i {
        second -= 1;
    }
    while triangle(second + 1) <= i {
        second += 1;
    }
    (i - triangle(second), second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn triangle_pairs_are_numbered_without_gaps() {
        let mut i = 0;
        for second in 1..200 {
            for first in 0..second {
                assert_eq!(triangle_pair(i), (first, second));
                i += 1;
            }
        }
    }

    proptest! {
        #[test]
        fn triangle_pairs_are_right_where_floats_are_not_exact(second in 1u64..=u32::MAX.into(), from_end in 0u64..3) {
            let last = triangle(second + 1) - 1;
            let i = last.saturating_sub(from_end);
            let (first, found) = triangle_pair(i);
            prop_assert!(first < found);
            prop_assert_eq!(triangle(found) + first, i);
        }
    }
}
