//! Random pairs in which every subject counts alike.

use super::exhaustive::{triangle, triangle_pair};
use super::permutation::{Feistel, Permutation};
use super::set::PairSet;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::pair::{Pair, PairKind};
use crate::random::{stream, stream_at};

const ORDER: &str = "pairs/by-subject";
const WITHIN: &str = "pairs/by-subject/within";

impl PairSet {
    /// `genuine` different genuine pairs and `impostor` different impostor pairs of `subjects`, drawn by subject first: who
    /// has many images is not in more pairs than others.
    ///
    /// Genuine pairs are dealt in rounds. A round gives each subject that has one left a new pair of its images, in random
    /// order; the last round is cut short. So the numbers of pairs of two subjects differ by one at most, as long as both
    /// have pairs left. Impostor pairs are dealt in the same way, to the pairs of subjects. Within a subject, or a pair of
    /// them, images are drawn at random.
    ///
    /// The genuine pairs come first, and any prefix of a kind is a smaller such set. Where all subjects have equally many
    /// images, [`balanced`](Self::balanced) does much the same.
    ///
    /// Time grows with the pairs drawn and the number of subjects, not with the pairs there are.
    ///
    /// # Errors
    /// [`Error::NotEnoughPairs`] where a kind has fewer, [`Error::UnknownSubject`], [`Error::SubjectTwice`].
    pub fn by_subject(
        catalog: &Catalog,
        subjects: &[u32],
        genuine: usize,
        impostor: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        catalog.check_subjects(subjects)?;
        let images = |place: u64| catalog.samples_of(subjects[place as usize]);
        let count = |place: u64| images(place).len() as u64;
        let mut set = Self::default();

        let subject_count = subjects.len() as u64;
        let exist = (0..subject_count).map(|place| triangle(count(place))).sum();
        check(PairKind::Genuine, genuine, exist)?;
        let size = |subject| triangle(count(subject));
        deal(subject_count, size, genuine, seed, 0, |subject, within| {
            let (first, second) = triangle_pair(within);
            let start = images(subject).start;
            set.push(Pair {
                a: start + first as u32,
                b: start + second as u32,
                kind: PairKind::Genuine,
            });
        });

        // The images of all others, times one's own, count every pair twice.
        let all: u64 = (0..subject_count).map(count).sum();
        let twice: u64 = (0..subject_count)
            .map(|place| count(place) * (all - count(place)))
            .sum();
        check(PairKind::Impostor, impostor, twice / 2)?;
        let size = |pair| {
            let (first, second) = triangle_pair(pair);
            count(first) * count(second)
        };
        deal(
            triangle(subject_count),
            size,
            impostor,
            seed,
            1,
            |pair, within| {
                let (first, second) = triangle_pair(pair);
                let (first, second) = (images(first), images(second));
                let columns = second.len() as u64;
                set.push(Pair {
                    a: first.start + (within / columns) as u32,
                    b: second.start + (within % columns) as u32,
                    kind: PairKind::Impostor,
                });
            },
        );
        Ok(set)
    }
}

fn check(kind: PairKind, asked: usize, exist: u64) -> Result<(), Error> {
    let asked = asked as u64;
    if asked > exist {
        return Err(Error::NotEnoughPairs { kind, asked, exist });
    }
    Ok(())
}

/// Deals `asked` pairs to `groups` groups of `size(group)` pairs each, in rounds of one pair a group: `take(group, within)`
/// is told each pair's group and its number in the group. There must be so many pairs. `kind` tells the random streams apart.
pub(super) fn deal(
    groups: u64,
    size: impl Fn(u64) -> u64,
    asked: usize,
    seed: u64,
    kind: u64,
    mut take: impl FnMut(u64, u64),
) {
    if asked == 0 {
        return;
    }
    let mut missing = asked;
    let mut take_of = |group: u64, round: u64| {
        let keys = &mut stream_at(seed, WITHIN, kind, group);
        take(group, Feistel::new(size(group), keys).get(round));
    };
    // Groups can be far more than the pairs asked for, as the pairs of many subjects are. So the first round makes no list.
    let order = Permutation::new(groups, groups, &mut stream(seed, ORDER, kind));
    let filled = (0..groups).map(|place| order.get(place));
    for group in filled.filter(|&group| size(group) > 0).take(missing) {
        take_of(group, 0);
        missing -= 1;
    }
    let mut left: Vec<u64> = Vec::new();
    for round in 1.. {
        if missing == 0 {
            break;
        }
        if round == 1 {
            left.extend((0..groups).filter(|&group| size(group) > round));
        } else {
            left.retain(|&group| size(group) > round);
        }
        stream_at(seed, ORDER, kind, round).shuffle(&mut left);
        for &group in left.iter().take(missing) {
            take_of(group, round);
        }
        missing -= left.len().min(missing);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn catalog(counts: &[u32]) -> Catalog {
        let named = counts.iter().enumerate();
        Catalog::from_counts(named.map(|(i, &count)| (format!("s{i:02}"), count))).unwrap()
    }

    fn genuine_of_each(catalog: &Catalog, pairs: &PairSet) -> Vec<usize> {
        let mut counts = vec![0; catalog.all_subjects().len()];
        for pair in pairs.iter().filter(|pair| pair.kind == PairKind::Genuine) {
            counts[catalog.subject_of(pair.a) as usize] += 1;
        }
        counts
    }

    #[test]
    fn who_has_most_images_is_in_no_more_pairs_than_others() {
        // As on LFW: one with 530 images, most with a few.
        let mut counts = vec![530];
        counts.extend([4; 49]);
        let catalog = catalog(&counts);
        let subjects = catalog.all_subjects();
        let drawn = PairSet::by_subject(&catalog, &subjects, 200, 2_450, 1).unwrap();
        assert_eq!(genuine_of_each(&catalog, &drawn), [4; 50]);
        let with_the_first = drawn.iter().filter(|pair| {
            pair.kind == PairKind::Impostor && [pair.a, pair.b].iter().any(|&image| image < 530)
        });
        // 49 of the 1,225 pairs of subjects, twice each.
        assert_eq!(with_the_first.count(), 98);

        let uniform = PairSet::balanced(&catalog, &subjects, 200, 200, 1).unwrap();
        assert!(genuine_of_each(&catalog, &uniform)[0] > 190);
    }

    #[test]
    fn who_has_no_pair_left_is_passed_over() {
        let catalog = catalog(&[1, 2, 3, 5]);
        let subjects = catalog.all_subjects();
        let of = |genuine| {
            let pairs = PairSet::by_subject(&catalog, &subjects, genuine, 0, 7).unwrap();
            genuine_of_each(&catalog, &pairs)
        };
        assert_eq!(of(3), [0, 1, 1, 1]);
        assert_eq!(of(7), [0, 1, 3, 3]);
        assert_eq!(of(14), [0, 1, 3, 10]);
        let error = PairSet::by_subject(&catalog, &subjects, 15, 0, 7).unwrap_err();
        assert!(
            matches!(
                error,
                Error::NotEnoughPairs {
                    asked: 15,
                    exist: 14,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn every_pair_of_images_comes_up_equally_often() {
        // 3 of the 10 pairs of one subject, over 20,000 seeds: 6,000 each, with a standard deviation of 65.
        let catalog = catalog(&[5, 1]);
        let mut drawn = [[0u32; 5]; 5];
        for seed in 0..20_000 {
            let pairs = PairSet::by_subject(&catalog, &[0, 1], 3, 1, seed).unwrap();
            for pair in pairs.iter().take(3) {
                drawn[pair.a as usize][pair.b as usize] += 1;
            }
        }
        for (second, first) in
            (1..5).flat_map(|second| (0..second).map(move |first| (second, first)))
        {
            let times = drawn[first][second];
            assert!(times.abs_diff(6_000) < 65 * 5, "{first}, {second}: {times}");
        }
    }

    proptest! {
        #[test]
        fn pairs_differ_and_are_of_their_kind(counts in prop::collection::vec(1u32..9, 2..12), share in 0.0f64..=1.0, seed: u64) {
            let catalog = catalog(&counts);
            let subjects = catalog.all_subjects();
            let every = crate::ExhaustivePairs::new(&catalog, &subjects).unwrap();
            let [genuine, impostor] = [every.genuine_len(), every.impostor_len()].map(|len| (len as f64 * share) as usize);
            let pairs = PairSet::by_subject(&catalog, &subjects, genuine, impostor, seed).unwrap();
            prop_assert_eq!(pairs.count(PairKind::Genuine), genuine);
            prop_assert_eq!(pairs.len(), genuine + impostor);
            for pair in pairs.iter() {
                let same = catalog.subject_of(pair.a) == catalog.subject_of(pair.b);
                prop_assert_eq!(same, pair.kind == PairKind::Genuine);
                prop_assert!(pair.a != pair.b);
            }
            let different: BTreeSet<_> = pairs.iter().map(|pair| (pair.a.min(pair.b), pair.a.max(pair.b))).collect();
            prop_assert_eq!(different.len(), pairs.len());
            // As even as can be: whoever has pairs left has at most one pair fewer than anybody.
            let dealt = genuine_of_each(&catalog, &pairs);
            let most = dealt.iter().copied().max().unwrap_or(0);
            for (dealt, &count) in dealt.iter().zip(&counts) {
                prop_assert!(*dealt as u64 == triangle(count.into()) || dealt + 1 >= most);
            }
        }
    }
}
