//! What two listings share, whatever their forms.
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use pairgen::{Catalog, Listing, ListingCounts, Overlap, Pair, PairSet};
use proptest::prelude::*;

fn list(text: &str) -> Listing {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    fs::write(&path, text).unwrap();
    Listing::read(path).unwrap()
}

const IMAGES: &str =
    "path,subject\nold/ann/ann_0001.jpg,ann\nold/ann/ann_0010.jpg,ann\nold/bo/bo_0001.jpg,bo\n";
const PAIRS: &str = "a,b,kind\nann/ann_0010.png,ann/ann_0002.png,genuine\ncy/cy_0001.png,ann/ann_0010.png,impostor\n";
const LFW: &str = "1\nann\t2\t10\ncy\t3\tann\t10\n";

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn people_images_and_pairs_are_found_across_forms_and_extensions() {
    let overlap = Overlap::between(&list(IMAGES), &list(LFW));
    assert_eq!(overlap.subjects, ["ann"]);
    assert_eq!(overlap.images, Some(strings(&["ann/ann_0010"])));
    assert_eq!(overlap.pairs, None);
    assert!(!overlap.is_empty());

    let overlap = Overlap::between(&list(PAIRS), &list(LFW));
    assert_eq!(overlap.subjects, ["ann", "cy"]);
    assert_eq!(
        overlap.images,
        Some(strings(&["ann/ann_0002", "ann/ann_0010"]))
    );
    let shared = ["ann/ann_0002", "ann/ann_0010"].map(str::to_owned);
    assert_eq!(overlap.pairs, Some(vec![shared]));
    let counts = ListingCounts {
        subjects: 2,
        images: Some(3),
        pairs: Some(2),
    };
    assert_eq!(overlap.counts, [counts; 2]);
}

#[test]
fn what_a_side_does_not_name_is_not_compared() {
    let overlap = Overlap::between(&list("bo\ndee\n"), &list(PAIRS));
    assert_eq!((&overlap.images, &overlap.pairs), (&None, &None));
    assert!(overlap.is_empty());
    let counts = ListingCounts {
        subjects: 2,
        images: None,
        pairs: None,
    };
    assert_eq!(overlap.counts[0], counts);
    assert!(!Overlap::between(&list("subject,part\ncy,train\n"), &list(PAIRS)).is_empty());
}

#[test]
fn names_are_compared_as_written() {
    let overlap = Overlap::between(&list("Ann\ncy_2\n"), &list("ann\ncy-2\n"));
    assert!(overlap.is_empty());
}

/// A catalogue of people p0.. with so many images each, and the list of these pairs of it.
fn pairs_of(catalog: &Catalog, pairs: &PairSet) -> Listing {
    let mut text = "a,b,kind\n".to_owned();
    for pair in pairs.iter() {
        let [a, b] = [pair.a, pair.b].map(|sample| catalog.path(sample).display());
        writeln!(text, "{a},{b},{}", pair.kind).unwrap();
    }
    list(&text)
}

proptest! {
    /// Compared with sets of numbers, and with the sides changed round.
    #[test]
    fn the_overlap_is_that_of_the_sets_and_symmetric(
        counts in prop::collection::vec(1u32..5, 2..9),
        draws in prop::collection::vec((any::<u32>(), any::<u32>(), any::<bool>()), 2..40),
    ) {
        let people = (0..).zip(&counts).map(|(i, &n): (u32, _)| (format!("p{i}"), n));
        let catalog = Catalog::from_counts(people).unwrap();
        let sides = [true, false].map(|side| {
            let of_side = draws.iter().filter(|draw| draw.2 == side);
            let samples = of_side.map(|(a, b, _)| (a % catalog.len() as u32, b % catalog.len() as u32));
            PairSet::from_samples(&catalog, samples.filter(|(a, b)| a != b)).unwrap()
        });
        prop_assume!(sides.iter().all(|pairs| !pairs.is_empty()));
        let [x, y] = [&sides[0], &sides[1]].map(|pairs| pairs_of(&catalog, pairs));
        let overlap = Overlap::between(&x, &y);

        let images = |pairs: &PairSet| -> BTreeSet<u32> { pairs.a().iter().chain(pairs.b()).copied().collect() };
        let shared: BTreeSet<u32> = &images(&sides[0]) & &images(&sides[1]);
        let name = |&sample: &u32| catalog.path(sample).display().to_string();
        prop_assert_eq!(overlap.images.as_ref().unwrap(), &shared.iter().map(name).collect::<Vec<_>>());
        let subjects = |pairs: &PairSet| -> BTreeSet<u32> {
            images(pairs).into_iter().map(|sample| catalog.subject_of(sample)).collect()
        };
        let people = &subjects(&sides[0]) & &subjects(&sides[1]);
        let people: Vec<&str> = people.iter().map(|&subject| catalog.subject_name(subject)).collect();
        prop_assert_eq!(&overlap.subjects, &people);
        let pairs = |pairs: &PairSet| -> BTreeSet<(u32, u32)> { pairs.iter().map(Pair::unordered).collect() };
        let both = &pairs(&sides[0]) & &pairs(&sides[1]);
        let both: Vec<_> = both.iter().map(|(a, b)| [name(a), name(b)]).collect();
        prop_assert_eq!(overlap.pairs.as_ref().unwrap(), &both);

        let mut turned = Overlap::between(&y, &x);
        turned.counts.reverse();
        prop_assert_eq!(&turned, &overlap);

        let itself = Overlap::between(&x, &x);
        prop_assert_eq!(itself.pairs.unwrap().len(), x.counts().pairs.unwrap());
        prop_assert_eq!(itself.subjects, x.subjects());
        // Folder and list of one set agree.
        let everything = Overlap::between(&x, &Listing::from_catalog(&catalog));
        prop_assert_eq!(everything.images.unwrap().len(), x.counts().images.unwrap());
    }
}
