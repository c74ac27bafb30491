//! What an epoch of batches must hold.
use std::collections::{HashMap, HashSet};

use pairgen::{Catalog, Error, PairBatches, SubjectBatchShape, SubjectBatches, TooFewImages};
use proptest::prelude::*;

fn shape(subjects: usize, images: usize) -> SubjectBatchShape {
    SubjectBatchShape { subjects, images }
}

fn catalog_of(counts: &[u32]) -> Catalog {
    Catalog::from_counts(
        counts
            .iter()
            .enumerate()
            .map(|(i, &n)| (format!("p{i}"), n)),
    )
    .unwrap()
}

/// Fails unless `batch` is P different subjects with K samples each; returns the subjects.
fn check(catalog: &Catalog, batch: &[u32], shape: SubjectBatchShape) -> Vec<u32> {
    assert_eq!(batch.len(), shape.subjects * shape.images);
    let subjects: Vec<u32> = batch
        .chunks(shape.images)
        .map(|group| {
            let subject = catalog.subject_of(group[0]);
            assert!(
                group
                    .iter()
                    .all(|&sample| catalog.subject_of(sample) == subject)
            );
            subject
        })
        .collect();
    assert_eq!(
        subjects.iter().collect::<HashSet<_>>().len(),
        shape.subjects
    );
    subjects
}

#[test]
fn the_last_batch_of_pairs_is_short_as_in_keras() {
    let pairs: Vec<u32> = (0..11_250).collect();
    let epoch = PairBatches::new(&pairs, 128, 42, 0).unwrap();
    assert_eq!(epoch.len(), 88);
    assert_eq!(epoch.batch(86).len(), 128);
    assert_eq!(epoch.batch(87).len(), 114);
    assert!(epoch.batch(88).is_empty());
    assert!(epoch.batch(usize::MAX).is_empty());
    assert!(matches!(
        PairBatches::new(&pairs, 0, 0, 0),
        Err(Error::ZeroBatch { .. })
    ));
    assert_eq!(PairBatches::new(&[], 128, 0, 0).unwrap().len(), 0);
}

#[test]
fn every_epoch_and_seed_has_its_own_order() {
    let pairs: Vec<u32> = (0..1000).collect();
    let first = |seed, epoch| {
        PairBatches::new(&pairs, 32, seed, epoch)
            .unwrap()
            .batch(0)
            .to_vec()
    };
    assert_eq!(first(1, 0), first(1, 0));
    assert_ne!(first(1, 0), first(1, 1));
    assert_ne!(first(1, 0), first(2, 0));
    assert_eq!(
        PairBatches::in_order(&pairs, 32).unwrap().batch(1),
        (32..64).collect::<Vec<_>>()
    );
}

#[test]
fn a_pass_holds_every_subject_and_fills_its_last_batch() {
    let catalog = catalog_of(&[10; 35]);
    let shape = shape(16, 8);
    let epoch = SubjectBatches::new(
        &catalog,
        &catalog.all_subjects(),
        shape,
        TooFewImages::Refuse,
        1,
        0,
    )
    .unwrap();
    assert_eq!((epoch.len(), epoch.shape()), (3, shape));
    let mut counts = HashMap::new();
    for batch in epoch.iter() {
        assert_eq!(
            batch.iter().collect::<HashSet<_>>().len(),
            128,
            "an image occurs twice"
        );
        for subject in check(&catalog, &batch, shape) {
            *counts.entry(subject).or_insert(0) += 1;
        }
    }
    assert_eq!(counts.len(), 35);
    assert_eq!(counts.values().filter(|&&n| n == 2).count(), 48 - 35);
    assert!(epoch.batch(3).is_empty());
}

#[test]
fn a_longer_epoch_begins_with_the_shorter_one_and_goes_on_with_new_orders() {
    let catalog = catalog_of(&[4; 6]);
    let subjects = catalog.all_subjects();
    let epoch = SubjectBatches::new(&catalog, &subjects, shape(3, 2), TooFewImages::Refuse, 1, 5);
    let epoch = epoch.unwrap();
    let longer = epoch.clone().with_len(101);
    assert_eq!(
        (epoch.len(), longer.len(), longer.iter().count()),
        (2, 101, 101)
    );
    assert_eq!(longer.batch(1), epoch.batch(1));
    let orders: HashSet<_> = (0..100).step_by(2).map(|i| longer.batch(i)).collect();
    assert!(
        orders.len() > 45,
        "{} different batches of 50",
        orders.len()
    );
    assert!(epoch.clone().with_len(0).is_empty());
    // A length costs nothing, and the last batch no more than the first.
    check(
        &catalog,
        &epoch.with_len(usize::MAX).batch(usize::MAX - 1),
        shape(3, 2),
    );
}

#[test]
fn subjects_with_too_few_images_are_refused_skipped_or_repeated() {
    let catalog = catalog_of(&[4, 2, 4, 4]);
    let make = |images, too_few| {
        SubjectBatches::new(&catalog, &[0, 1, 2, 3], shape(3, images), too_few, 7, 0)
    };
    let text = make(4, TooFewImages::Refuse).unwrap_err().to_string();
    assert!(text.contains("1 of 4 subjects have fewer: p1;"), "{text}");

    let skipped = make(4, TooFewImages::Skip).unwrap();
    assert!(
        skipped
            .iter()
            .all(|batch| !check(&catalog, &batch, shape(3, 4)).contains(&1))
    );

    let repeated = make(5, TooFewImages::Repeat).unwrap();
    for batch in repeated.iter() {
        check(&catalog, &batch, shape(3, 5));
        for group in batch.chunks(5) {
            // All of a subject's images before any of them again.
            let available = catalog.samples_of(catalog.subject_of(group[0])).len();
            assert_eq!(group.iter().collect::<HashSet<_>>().len(), available);
        }
    }
    let error = make(5, TooFewImages::Skip).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooFewSubjects {
                needed: 3,
                found: 0,
                ..
            }
        ),
        "{error}"
    );
    for shape in [shape(0, 1), shape(1, 0)] {
        let error = SubjectBatches::new(&catalog, &[0], shape, TooFewImages::Skip, 0, 0);
        assert!(matches!(error, Err(Error::ZeroBatch { .. })));
    }
}

/// Pinned: a checkpoint made by one version must go on in the next. The numbers come from a second
/// implementation of the streams and of Fisher-Yates, in Python.
#[test]
fn batches_are_the_same_in_every_version() {
    let pairs: Vec<u32> = (0..100).collect();
    assert_eq!(
        PairBatches::new(&pairs, 4, 42, 3).unwrap().batch(7),
        GOLDEN_PAIRS
    );
    let catalog = catalog_of(&[10; 35]);
    let subjects = catalog.all_subjects();
    let epoch = SubjectBatches::new(
        &catalog,
        &subjects,
        shape(2, 3),
        TooFewImages::Refuse,
        42,
        3,
    );
    assert_eq!(epoch.unwrap().batch(7), GOLDEN_SUBJECTS);
}

const GOLDEN_PAIRS: [u32; 4] = [68, 86, 43, 96];
const GOLDEN_SUBJECTS: [u32; 6] = [51, 58, 53, 20, 24, 23];

proptest! {
    #[test]
    fn an_epoch_holds_every_pair_once(pairs in 0u32..500, size in 1usize..70, seed: u64, epoch: u64) {
        let numbers: Vec<u32> = (0..pairs).map(|i| 3 * i).collect();
        let batches = PairBatches::new(&numbers, size, seed, epoch).unwrap();
        prop_assert_eq!(batches.iter().len(), batches.len());
        let read: Vec<&[u32]> = (0..batches.len()).map(|i| batches.batch(i)).collect();
        prop_assert!(batches.iter().eq(read.iter().copied()));
        prop_assert!(read.iter().rev().skip(1).all(|batch| batch.len() == size));
        let mut all = read.concat();
        all.sort_unstable();
        prop_assert_eq!(all, numbers);
    }

    #[test]
    fn subject_batches_are_full_and_hold_everybody(
        counts in prop::collection::vec(3u32..6, 1..20),
        p in 1usize..20,
        k in 1usize..4,
        seed: u64,
        epoch: u64,
    ) {
        let catalog = catalog_of(&counts);
        let subjects = catalog.all_subjects();
        let made = SubjectBatches::new(&catalog, &subjects, shape(p, k), TooFewImages::Refuse, seed, epoch);
        if p > counts.len() {
            let refused = matches!(made, Err(Error::TooFewSubjects { .. }));
            prop_assert!(refused);
            return Ok(());
        }
        let batches = made.unwrap();
        prop_assert_eq!(batches.len(), counts.len().div_ceil(p));
        let mut seen = HashSet::new();
        for batch in batches.iter() {
            seen.extend(check(&catalog, &batch, shape(p, k)));
            prop_assert_eq!(batch.iter().collect::<HashSet<_>>().len(), p * k);
        }
        prop_assert_eq!(seen.len(), counts.len());
        // Read backwards, or each from an epoch of its own, the batches are the same, over several passes too:
        // none depends on having drawn another.
        let more = 2 * batches.len() + 1;
        let batches = batches.with_len(more);
        let alone: Vec<_> = (0..more).map(|i| batches.clone().batch(i)).collect();
        prop_assert!(batches.iter().eq(alone));
        let mut backwards: Vec<_> = (0..batches.len()).rev().map(|i| batches.batch(i)).collect();
        backwards.reverse();
        prop_assert!(batches.iter().eq(backwards));
    }
}

#[test]
fn variants_of_a_subject_are_classes_of_their_own() {
    let catalog = Catalog::from_counts((0..5).map(|s| (format!("s{s}"), 4))).unwrap();
    let subjects = catalog.all_subjects();
    let one =
        SubjectBatches::new(&catalog, &subjects, shape(4, 3), TooFewImages::Refuse, 9, 2).unwrap();
    assert_eq!(one.variants_of(0), [0; 12]);
    assert_eq!(one.clone().in_variants(1), one);
    let four = one.clone().in_variants(4);
    assert_eq!(four.len(), 5);
    let mut met = std::collections::BTreeSet::new();
    for batch in 0..4 {
        let samples = four.batch(batch);
        let variants = four.variants_of(batch);
        assert_eq!((samples.len(), variants.len()), (12, 12));
        for (samples, variants) in samples.chunks(3).zip(variants.chunks(3)) {
            assert!(
                variants
                    .iter()
                    .all(|variant| *variant == variants[0] && *variant < 4)
            );
            let of: Vec<u32> = samples.iter().map(|&s| catalog.subject_of(s)).collect();
            assert!(of.iter().all(|subject| *subject == of[0]));
            assert!(
                met.insert((of[0], variants[0])),
                "a class comes once a pass"
            );
        }
    }
    assert_eq!(four.variants_of(5), Vec::<usize>::new());
    assert_eq!(four.in_variants(1), one);
}

#[test]
fn forgeries_stand_beside_a_batch_and_change_nothing_in_it() {
    use pairgen::SampleKind::{Forgery, Genuine};

    let entries = (0..6).flat_map(|s| {
        let name = move |kind, i| (format!("w{s}"), format!("w{s}/{kind}{i}").into(), kind);
        // The first has none, the second two, and so on.
        let own = (0..4).map(move |i| name(Genuine, i));
        own.chain((0..2 * s).map(move |i| name(Forgery, i)))
    });
    let catalog = Catalog::from_kinds("", entries).unwrap();
    let shape = SubjectBatchShape {
        subjects: 3,
        images: 2,
    };
    let subjects = catalog.all_subjects();
    let refuse = TooFewImages::Refuse;
    let plain = SubjectBatches::new(&catalog, &subjects, shape, refuse, 5, 1).unwrap();
    let plain = plain.in_variants(2).with_len(40);
    let batches = plain.clone().with_forgeries(3);
    for i in 0..40 {
        assert_eq!(batches.batch(i), plain.batch(i));
        assert!(plain.forgeries_of(i).is_empty());
        let classes: Vec<(u32, usize)> = batches
            .batch(i)
            .into_iter()
            .map(|sample| catalog.subject_of(sample))
            .zip(batches.variants_of(i))
            .step_by(2)
            .collect();
        let forged = batches.forgeries_of(i);
        for &(subject, variant) in &classes {
            let of = forged
                .iter()
                .filter(|(sample, of)| catalog.subject_of(*sample) == subject && *of == variant);
            assert_eq!(of.count(), 3.min(2 * subject as usize));
        }
        assert!(
            forged
                .iter()
                .all(|(sample, _)| catalog.kind_of(*sample) == Forgery)
        );
        assert_eq!(forged, batches.forgeries_of(i));
    }
}
