//! What every pair set must hold, whatever the catalogue.
use std::collections::HashSet;
use std::fs;

use pairgen::{Catalog, Error, ExhaustivePairs, Pair, PairKind, PairSet};
use proptest::prelude::*;

fn orl() -> Catalog {
    Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10))).unwrap()
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

/// Fails where a pair is of one image, has the wrong kind, or leaves `subjects`.
fn check(catalog: &Catalog, subjects: &[u32], pair: Pair) {
    let (a, b) = (catalog.subject_of(pair.a), catalog.subject_of(pair.b));
    assert_ne!(pair.a, pair.b);
    assert_eq!(pair.kind.is_genuine(), a == b, "{pair:?}");
    assert!(
        subjects.contains(&a) && subjects.contains(&b),
        "{pair:?} is not of {subjects:?}"
    );
}

/// The number of the image among its subject's, from 0.
fn image_number(catalog: &Catalog, sample: u32) -> u32 {
    sample - catalog.samples_of(catalog.subject_of(sample)).start
}

#[test]
fn orl_has_1800_genuine_and_78000_impostor_pairs() {
    let orl = orl();
    let all = ExhaustivePairs::new(&orl, &orl.all_subjects()).unwrap();
    assert_eq!(
        (all.genuine_len(), all.impostor_len(), all.len()),
        (1_800, 78_000, 79_800)
    );
    let distinct: HashSet<_> = all.iter().map(Pair::unordered).collect();
    assert_eq!(distinct.len(), 79_800);
    assert_eq!(all.iter_impostor().count(), 78_000);
    assert_eq!(all.get(79_800), None);
    assert_eq!(all.genuine(1_800), None);
    assert_eq!(all.impostor(u64::MAX), None);
}

#[test]
fn a_pair_takes_nine_bytes() {
    let orl = orl();
    let pairs = PairSet::seed_recipe(&orl, &orl.all_subjects(), 10_000, 42).unwrap();
    let bytes = size_of_val(pairs.a()) + size_of_val(pairs.b()) + size_of_val(pairs.kinds());
    assert_eq!(bytes, 9 * pairs.len());
}

#[test]
fn the_seed_recipe_draws_orl_exactly_as_described() {
    let orl = orl();
    let pairs = PairSet::seed_recipe(&orl, &orl.all_subjects(), 10_000, 42).unwrap();
    assert_eq!(pairs.len(), 20_000);
    assert_eq!(pairs.count(PairKind::Genuine), 10_000);
    assert_eq!(pairs.count(PairKind::Impostor), 10_000);
    let mut distinct = HashSet::new();
    for (i, pair) in pairs.iter().enumerate() {
        check(&orl, &orl.all_subjects(), pair);
        if i < 10_000 {
            assert_eq!(orl.subject_of(pair.a), i as u32 / 250);
            distinct.insert(pair.unordered());
        } else {
            assert_eq!(image_number(&orl, pair.a), i as u32 % 10);
            assert_eq!(image_number(&orl, pair.b), i as u32 % 10);
        }
    }
    // 250 draws of 45 pairs miss one with probability 0.0036: 1,793.5 expected, sd 2.5.
    assert!(
        (1_780..=1_800).contains(&distinct.len()),
        "{} distinct",
        distinct.len()
    );
}

/// Every subject and both orders of a pair come up equally often.
#[test]
fn the_seed_recipe_is_uniform() {
    let catalog = catalog_of(&[4, 4, 4]);
    let pairs = PairSet::seed_recipe(&catalog, &[0, 1, 2], 72_000, 3).unwrap();
    let mut counts = std::collections::HashMap::new();
    pairs
        .iter()
        .for_each(|pair| *counts.entry((pair.a, pair.b)).or_insert(0u32) += 1);
    // Genuine: 3 x 12 ordered pairs; impostor: 4 image numbers x 6 ordered pairs of subjects.
    assert_eq!(counts.len(), 36 + 24);
    for ((a, b), count) in counts {
        let expected = if catalog.subject_of(a) == catalog.subject_of(b) {
            2_000.0
        } else {
            3_000.0
        };
        let deviations = (f64::from(count) - expected) / f64::sqrt(expected);
        assert!(
            deviations.abs() < 5.0,
            "({a}, {b}) drawn {count} times, expected {expected}"
        );
    }
}

#[test]
fn the_seed_recipe_works_on_35_people_with_exact_counts() {
    let orl = orl();
    let subjects: Vec<u32> = (0..35).collect();
    let pairs = PairSet::seed_recipe(&orl, &subjects, 10_000, 1).unwrap();
    assert_eq!(pairs.count(PairKind::Genuine), 10_000);
    assert_eq!(pairs.count(PairKind::Impostor), 10_000);
    let mut per_subject = [0; 35];
    for pair in pairs.iter() {
        check(&orl, &subjects, pair);
        if pair.kind.is_genuine() {
            per_subject[orl.subject_of(pair.a) as usize] += 1;
        }
    }
    // 10,000 = 35 x 285 + 25.
    assert!(per_subject[..25].iter().all(|&n| n == 286));
    assert!(per_subject[25..].iter().all(|&n| n == 285));
}

#[test]
fn builders_refuse_what_cannot_be_drawn() {
    let catalog = catalog_of(&[1, 1, 3]);
    let draw = |subjects: &[u32]| PairSet::seed_recipe(&catalog, subjects, 10, 0);
    assert!(matches!(
        draw(&[2]),
        Err(Error::TooFewSubjects {
            needed: 2,
            found: 1,
            ..
        })
    ));
    assert!(matches!(
        draw(&[0, 1]),
        Err(Error::NoGenuinePairs { subjects: 2 })
    ));
    assert!(matches!(
        draw(&[0, 3]),
        Err(Error::UnknownSubject {
            subject: 3,
            subjects: 3
        })
    ));
    assert!(matches!(draw(&[2, 2]), Err(Error::SubjectTwice { .. })));
    let error = PairSet::balanced(&catalog, &[0, 1, 2], 4, 0, 0)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("4 different genuine pairs") && error.contains("have 3"),
        "{error}"
    );
    let error = PairSet::balanced(&catalog, &[0, 1, 2], 0, 8, 0)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("8 different impostor pairs") && error.contains("have 7"),
        "{error}"
    );
    assert!(
        PairSet::balanced(&catalog, &[], 0, 0, 0)
            .unwrap()
            .is_empty()
    );
    assert!(matches!(
        PairSet::from_samples(&catalog, [(0, 5)]),
        Err(Error::UnknownSample { sample: 5, .. })
    ));
    assert!(matches!(
        PairSet::from_samples(&catalog, [(1, 1)]),
        Err(Error::SelfPair { sample: 1 })
    ));
}

/// 3,000 subjects have enough pairs that both kinds are drawn through the keyed order.
#[test]
fn balanced_pairs_of_large_sets_do_not_repeat() {
    let catalog = catalog_of(&[30; 3000]);
    let pairs = PairSet::balanced(&catalog, &catalog.all_subjects(), 200_000, 200_000, 5).unwrap();
    let distinct: HashSet<_> = pairs.iter().map(Pair::unordered).collect();
    assert_eq!(distinct.len(), 400_000);
    let mut per_subject = vec![0u32; 3000];
    for pair in pairs.iter() {
        assert_ne!(pair.a, pair.b);
        let (a, b) = (catalog.subject_of(pair.a), catalog.subject_of(pair.b));
        assert_eq!(pair.kind.is_genuine(), a == b);
        per_subject[a as usize] += 1;
        per_subject[b as usize] += 1;
    }
    // Each subject is in 66.7 genuine pairs, each counted twice, drawn from 1,305,000 without repetition
    // (variance 4 x 66.7 x 0.85), and in 133.3 impostor pairs: variance 359.
    let chi_square: f64 = per_subject
        .iter()
        .map(|&n| (f64::from(n) - 800_000.0 / 3000.0).powi(2) / 359.0)
        .sum();
    assert!(
        (2_700.0..3_300.0).contains(&chi_square),
        "chi-square {chi_square}, 3,000 expected"
    );
}

/// On every number of threads the same bytes, over several chunks of each kind.
#[test]
fn pairs_do_not_depend_on_the_number_of_threads() {
    let catalog = catalog_of(&[30; 3000]);
    let subjects = catalog.all_subjects();
    let build = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            (
                PairSet::seed_recipe(&catalog, &subjects, 100_000, 9).unwrap(),
                PairSet::balanced(&catalog, &subjects, 100_000, 100_000, 9).unwrap(),
            )
        })
    };
    let one = build(1);
    assert!(one == build(2));
    assert!(one == build(4));
}

/// Pinned, so that a change of any draw is noticed: published figures depend on them. They come
/// from a second implementation of the streams and of the drawing, in Python.
#[test]
fn the_first_pairs_are_the_same_in_every_version() {
    let orl = orl();
    let subjects = orl.all_subjects();
    let ends = |pairs: PairSet| [0, 1, 10_000, 10_001].map(|i| (pairs.a()[i], pairs.b()[i]));
    let seed = PairSet::seed_recipe(&orl, &subjects, 10_000, 42).unwrap();
    assert_eq!(ends(seed), GOLDEN_SEED);
    let balanced = PairSet::balanced(&orl, &subjects, 1_000, 10_000, 42).unwrap();
    assert_eq!(ends(balanced), GOLDEN_BALANCED);
    let large = catalog_of(&[30; 3000]);
    let keyed = PairSet::balanced(&large, &large.all_subjects(), 10_000, 10_000, 42).unwrap();
    assert_eq!(ends(keyed), GOLDEN_KEYED);
}

const GOLDEN_SEED: [(u32, u32); 4] = [(3, 9), (9, 1), (380, 150), (101, 111)];
const GOLDEN_BALANCED: [(u32, u32); 4] = [(190, 193), (263, 269), (20, 163), (194, 332)];
const GOLDEN_KEYED: [(u32, u32); 4] = [
    (47078, 47091),
    (51942, 51945),
    (75602, 87967),
    (65223, 89812),
];

fn list(text: &str) -> Result<PairSet, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.csv");
    fs::write(&path, text).unwrap();
    PairSet::from_csv(&catalog_of(&[2, 2]), path)
}

#[test]
fn a_pair_list_keeps_its_order() {
    let pairs =
        list("a,b,kind\np1/2,p0/1,impostor\np0/1,p0/2,genuine\np1/2,p0/1,impostor\n").unwrap();
    assert_eq!(pairs.a(), [3, 0, 3]);
    assert_eq!(pairs.b(), [0, 1, 0]);
    assert_eq!(
        pairs.kinds(),
        [PairKind::Impostor, PairKind::Genuine, PairKind::Impostor]
    );
    assert_eq!(pairs.select(&[1]).get(0), pairs.get(1));
}

#[test]
fn faults_in_a_pair_list_are_named_with_their_line() {
    let good = "a,b,kind\np0/1,p0/2,genuine\n";
    for (text, expected) in [
        ("a,b\n".to_owned(), "header line `a,b,kind`, found `a,b`"),
        (
            format!("{good}p0/1,p9/1,impostor\n"),
            "line 3: expected an image of the catalogue, such as `p0/1`, found `p9/1`",
        ),
        (
            format!("{good}p0/1,p0/1,genuine\n"),
            "line 3: expected two different images",
        ),
        (
            format!("{good}p0/1,p1/1,imposter\n"),
            "line 3: expected `genuine` or `impostor`, found `imposter`",
        ),
        (
            format!("{good}p0/1,p1/1,genuine\n"),
            "found `genuine` for images of `p0` and `p1`",
        ),
    ] {
        let message = list(&text).unwrap_err().to_string();
        assert!(
            message.contains(expected) && message.contains("pairs.csv"),
            "{message}"
        );
    }
}

#[test]
fn images_of_a_scanned_folder_are_found_by_short_and_by_full_path() {
    let root = tempfile::tempdir().unwrap();
    for image in ["s1/1.pgm", "s2/1.pgm"] {
        let path = root.path().join(image);
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let (catalog, _) = Catalog::scan(root.path(), &Default::default()).unwrap();
    let path = root.path().join("pairs.csv");
    fs::write(
        &path,
        format!(
            "a,b,kind\ns1/1.pgm,{},impostor\n",
            catalog.path(1).display()
        ),
    )
    .unwrap();
    assert_eq!(
        PairSet::from_csv(&catalog, path)
            .unwrap()
            .get(0)
            .unordered(),
        (0, 1)
    );
}

proptest! {
    #[test]
    fn exhaustive_numbers_every_pair_once(
        counts in prop::collection::vec(1u32..7, 1..9),
        chosen in prop::collection::vec(any::<bool>(), 9),
        backwards: bool,
    ) {
        let catalog = catalog_of(&counts);
        let mut subjects = catalog.all_subjects();
        subjects.retain(|&subject| chosen[subject as usize]);
        if backwards {
            subjects.reverse();
        }
        let all = ExhaustivePairs::new(&catalog, &subjects).unwrap();
        let found: HashSet<_> = (0..all.len()).map(|i| all.get(i).unwrap()).map(|pair| {
            check(&catalog, &subjects, pair);
            pair.unordered()
        }).collect();
        let samples = (0..catalog.len() as u32).filter(|&s| subjects.contains(&catalog.subject_of(s)));
        let samples: Vec<u32> = samples.collect();
        prop_assert_eq!(found.len() as u64, all.len());
        prop_assert_eq!(found.len(), samples.len() * samples.len().saturating_sub(1) / 2);
        prop_assert!(all.iter_genuine().all(|pair| pair.kind.is_genuine()));
        prop_assert_eq!(all.iter_genuine().count() as u64, all.genuine_len());
    }

    #[test]
    fn the_seed_recipe_holds_on_any_catalogue(
        counts in prop::collection::vec(1u32..7, 2..9),
        per_kind in 0usize..200,
        seed: u64,
    ) {
        let catalog = catalog_of(&counts);
        let subjects = catalog.all_subjects();
        let drawn = PairSet::seed_recipe(&catalog, &subjects, per_kind, seed);
        if counts.iter().all(|&n| n == 1) {
            let refused = matches!(drawn, Err(Error::NoGenuinePairs { .. }));
            prop_assert!(refused);
            return Ok(());
        }
        let pairs = drawn.unwrap();
        prop_assert_eq!(pairs.count(PairKind::Genuine), per_kind);
        prop_assert_eq!(pairs.count(PairKind::Impostor), per_kind);
        for pair in pairs.iter() {
            check(&catalog, &subjects, pair);
            if !pair.kind.is_genuine() {
                prop_assert_eq!(image_number(&catalog, pair.a), image_number(&catalog, pair.b));
            }
        }
        prop_assert_eq!(PairSet::seed_recipe(&catalog, &subjects, per_kind, seed).unwrap(), pairs);
    }

    #[test]
    fn balanced_pairs_never_repeat(
        counts in prop::collection::vec(1u32..7, 2..9),
        share in 0f64..=1.0,
        seed: u64,
    ) {
        let catalog = catalog_of(&counts);
        let subjects = catalog.all_subjects();
        let all = ExhaustivePairs::new(&catalog, &subjects).unwrap();
        let asked = |exist: u64| (exist as f64 * share).round() as usize;
        let (genuine, impostor) = (asked(all.genuine_len()), asked(all.impostor_len()));
        let pairs = PairSet::balanced(&catalog, &subjects, genuine, impostor, seed).unwrap();
        pairs.iter().for_each(|pair| check(&catalog, &subjects, pair));
        prop_assert_eq!(pairs.count(PairKind::Genuine), genuine);
        prop_assert_eq!(pairs.count(PairKind::Impostor), impostor);
        let distinct: HashSet<_> = pairs.iter().map(Pair::unordered).collect();
        prop_assert_eq!(distinct.len(), pairs.len());
    }
}
