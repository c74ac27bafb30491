//! Splits and protocols: who may be where.
use std::collections::HashSet;
use std::fs;

use pairgen::{
    Catalog, Error, ExhaustivePairs, FoldOrder, PairSet, PairSplit, Protocol, SubjectSplit,
};
use proptest::prelude::*;

fn catalog(subjects: u32) -> Catalog {
    Catalog::from_counts((1..=subjects).map(|s| (format!("s{s}"), 10))).unwrap()
}

fn parts(split: &SubjectSplit) -> [&[u32]; 3] {
    [split.train(), split.validation(), split.test()]
}

/// Fails where a subject is in two parts, or where the parts are not exactly `subjects`.
fn check_disjoint(split: &SubjectSplit, subjects: u32) {
    let all: Vec<u32> = parts(split).concat();
    let distinct: HashSet<u32> = all.iter().copied().collect();
    assert_eq!(
        distinct.len(),
        all.len(),
        "somebody is in two parts: {split:?}"
    );
    assert_eq!(distinct, (0..subjects).collect());
    assert!(!split.train().is_empty() && !split.test().is_empty());
}

#[test]
fn the_seed_split_has_the_recipes_sizes_and_leaks_as_it_is_known_to() {
    let orl = catalog(40);
    let pairs = PairSet::seed_recipe(&orl, &orl.all_subjects(), 10_000, 42).unwrap();
    let split = PairSplit::seed_pairs(&pairs, 0.25, 0.25, 42).unwrap();
    assert_eq!(
        (split.fit.len(), split.validation.len(), split.test.len()),
        (11_250, 3_750, 5_000)
    );
    let mut all = [
        split.fit.clone(),
        split.validation.clone(),
        split.test.clone(),
    ]
    .concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..20_000));

    let leak = split.leakage(&pairs).unwrap();
    // A test genuine pair is in none of the 5,625 fit ones with probability (1 - 1/1800)^5625 = 0.044.
    let share = leak.genuine_share().unwrap();
    assert!((0.94..0.97).contains(&share), "{share}");
    assert_eq!((leak.test_images, leak.test_images_unseen), (400, 0));
    assert!((2_350..2_650).contains(&leak.test_genuine));

    let other = PairSet::seed_recipe(&orl, &orl.all_subjects(), 10, 42).unwrap();
    assert!(matches!(
        split.leakage(&other),
        Err(Error::OtherPairSet { .. })
    ));
}

#[test]
fn leakage_counts_mirrored_pairs_and_unseen_images() {
    let catalog = Catalog::from_counts([("a", 4), ("b", 2)]).unwrap();
    let pairs = PairSet::from_samples(&catalog, [(0, 1), (1, 0), (4, 5), (2, 4)]).unwrap();
    let split = (0..)
        .map(|seed| PairSplit::seed_pairs(&pairs, 0.5, 0.0, seed).unwrap())
        .find(|split| split.fit.contains(&0) && split.fit.contains(&2))
        .unwrap();
    let leak = split.leakage(&pairs).unwrap();
    assert_eq!((leak.test_genuine, leak.test_genuine_in_fit), (1, 1));
    assert_eq!((leak.test_images, leak.test_images_unseen), (4, 1));
}

#[test]
fn pair_split_fractions_are_checked() {
    let orl = catalog(2);
    let pairs = PairSet::seed_recipe(&orl, &[0, 1], 2, 0).unwrap();
    for (test, validation) in [
        (0.0, 0.25),
        (1.0, 0.25),
        (f64::NAN, 0.25),
        (0.25, 1.0),
        (0.25, -0.1),
    ] {
        let error = PairSplit::seed_pairs(&pairs, test, validation, 0).unwrap_err();
        assert!(matches!(error, Error::Fraction { .. }), "{error}");
    }
    let none = PairSplit::seed_pairs(&PairSet::default(), 0.25, 0.25, 0);
    assert!(matches!(none, Err(Error::EmptyPart { .. })));
}

#[test]
fn chopra_trains_on_35_and_tests_on_the_last_5() {
    let folds = Protocol::Chopra35_5.folds(&catalog(40), 0).unwrap();
    assert_eq!(folds.len(), 1);
    assert!(folds[0].split().train().iter().copied().eq(0..35));
    assert!(folds[0].split().test().iter().copied().eq(35..40));
    let pairs = ExhaustivePairs::new(&catalog(40), folds[0].split().test()).unwrap();
    assert_eq!((pairs.genuine_len(), pairs.impostor_len()), (225, 1_000));
}

#[test]
fn eight_folds_hold_out_five_in_natural_order() {
    let folds = Protocol::Subjects8Fold.folds(&catalog(40), 9).unwrap();
    assert_eq!(folds.len(), 8);
    for (fold, first) in folds.iter().zip((0..40).step_by(5)) {
        let split = fold.split();
        check_disjoint(split, 40);
        assert!(split.test().iter().copied().eq(first..first + 5));
        assert!(split.validation().is_empty());
    }
}

#[test]
fn twenty_twenty_goes_both_ways() {
    let folds = Protocol::Subjects20_20.folds(&catalog(40), 0).unwrap();
    assert_eq!(folds.len(), 2);
    assert!(folds[0].split().train().iter().copied().eq(0..20));
    assert_eq!(folds[0].split().train(), folds[1].split().test());
    assert_eq!(folds[0].split().test(), folds[1].split().train());
}

/// The lists as the package prints them, by name: `s10` is not the tenth name in byte order.
#[test]
fn bob_follows_names_and_enrols_five_images() {
    let orl = catalog(40);
    let fold = Protocol::Bob20_20.folds(&orl, 0).unwrap().remove(0);
    let split = fold.split();
    check_disjoint(split, 40);
    let names: Vec<&str> = split.train().iter().map(|&s| orl.subject_name(s)).collect();
    assert_eq!(
        names.join(" "),
        "s1 s2 s5 s6 s10 s11 s12 s14 s16 s17 s20 s21 s24 s26 s27 s29 s33 s34 s36 s39"
    );
    assert_eq!(split.test().len(), 20);
    let roles = Protocol::Bob20_20
        .enrol_probe(&orl, split.test())
        .unwrap()
        .unwrap();
    assert_eq!((roles.enrol.len(), roles.probe.len()), (100, 100));
    let of_s3 = |samples: &[u32]| -> Vec<String> {
        let s3 = samples.iter().filter(|&&s| orl.subject_of(s) == 2);
        s3.map(|&s| orl.path(s).display().to_string()).collect()
    };
    assert_eq!(
        of_s3(&roles.enrol),
        ["s3/2", "s3/4", "s3/5", "s3/7", "s3/9"]
    );
    assert_eq!(
        of_s3(&roles.probe),
        ["s3/1", "s3/3", "s3/6", "s3/8", "s3/10"]
    );
    assert_eq!(
        Protocol::Chopra35_5
            .enrol_probe(&orl, split.test())
            .unwrap(),
        None
    );
}

#[test]
fn protocols_of_orl_refuse_other_sets_and_say_what_to_use() {
    let nine = |short: std::ops::Range<u32>| {
        let counts = (1..=40).map(|s| (format!("s{s}"), 10 - u32::from(short.contains(&s))));
        Catalog::from_counts(counts).unwrap()
    };
    let others = [
        (catalog(39), "found 39 subjects"),
        (
            nine(1..41),
            "found 40 with another number of images, the first `s1` with 9",
        ),
        (
            nine(7..8),
            "found 1 with another number of images, the first `s7` with 9",
        ),
    ];
    for (name, instead) in [
        ("chopra-35-5", "k-fold:8"),
        ("subjects-8-fold", "k-fold:8"),
        ("subjects-20-20", "k-fold:2"),
        ("bob-20-20", "k-fold:2"),
    ] {
        let protocol: Protocol = name.parse().unwrap();
        for (other, found) in &others {
            let text = protocol.folds(other, 0).unwrap_err().to_string();
            for part in [name, "40 subjects", "ten images of each", found, instead] {
                assert!(text.contains(part), "{text}");
            }
        }
    }
    let named = Catalog::from_counts((1..=40).map(|s| (format!("p{s}"), 10))).unwrap();
    let text = Protocol::Bob20_20.folds(&named, 0).unwrap_err().to_string();
    assert!(text.contains("no `s1`"), "{text}");
    assert!(matches!(
        Protocol::Bob20_20.enrol_probe(&nine(1..2), &[0]),
        Err(Error::ProtocolMismatch { .. })
    ));
    assert!(matches!(
        Protocol::SeedPairs.folds(&catalog(40), 0),
        Err(Error::LeakyProtocol)
    ));
    assert!(matches!(
        Protocol::Everybody.folds(&catalog(40), 0),
        Err(Error::NobodyTested)
    ));
    assert!(matches!(
        Protocol::KFold(9).folds(&catalog(8), 0),
        Err(Error::Folds { .. })
    ));
}

/// One fold costs no more memory than itself, however many there are.
#[test]
fn a_fold_can_be_had_alone() {
    let set = catalog(60_000);
    let all = Protocol::KFold(60_000);
    let fold = all.fold(&set, 7, 59_999).unwrap().unwrap();
    assert_eq!(
        (fold.split().train().len(), fold.split().test().len()),
        (59_999, 1)
    );
    assert_eq!(all.fold(&set, 7, 60_000).unwrap(), None);
    for protocol in [Protocol::KFold(6), Protocol::Subjects20_20] {
        let set = catalog(40);
        let folds = protocol.folds(&set, 3).unwrap();
        assert_eq!(protocol.check(&set, 3).unwrap(), folds.len());
        for (number, fold) in folds.into_iter().enumerate() {
            assert_eq!(protocol.fold(&set, 3, number).unwrap(), Some(fold));
        }
    }
    assert!(Protocol::Subjects20_20.check(&catalog(39), 0).is_err());
    assert!(Protocol::SeedPairs.fold(&set, 0, 0).is_err());
}

#[test]
fn protocol_names_parse_and_print() {
    for name in [
        "seed-pairs",
        "chopra-35-5",
        "subjects-8-fold",
        "subjects-20-20",
        "bob-20-20",
        "k-fold:12",
        "everybody",
    ] {
        let protocol: Protocol = name.parse().unwrap();
        assert_eq!(protocol.to_string(), name);
        assert_eq!(protocol.leaks_people(), name == "seed-pairs");
        let everybody = ["seed-pairs", "everybody"].contains(&name);
        assert_eq!(protocol.trains_on_everybody(), everybody);
    }
    for name in [
        "",
        "k-fold",
        "k-fold:1",
        "k-fold:-3",
        "k-fold:x",
        "subjects-9-fold",
        "Chopra-35-5",
    ] {
        let text = name.parse::<Protocol>().unwrap_err().to_string();
        assert!(
            text.contains(&format!("`{name}`")) && text.contains("bob-20-20"),
            "{text}"
        );
    }
}

#[test]
fn named_lists_make_a_split_and_may_leave_people_out() {
    let orl = catalog(40);
    let split = SubjectSplit::from_names(&orl, &["s10", "s2"], &["s3"], &["s40"]).unwrap();
    assert_eq!(parts(&split), [&[1, 9][..], &[2], &[39]]);
    assert!(matches!(
        SubjectSplit::from_names(&orl, &["s1"], &[], &["s1"]),
        Err(Error::SubjectTwice { name }) if name == "s1"
    ));
    let error = SubjectSplit::from_names(&orl, &["S1"], &[], &["s2"])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`S1`") && error.contains("s1, s2, s3, s4, s5 and 35 more"),
        "{error}"
    );
    assert!(matches!(
        SubjectSplit::from_subjects(&orl, vec![0], vec![], vec![]),
        Err(Error::EmptyPart { part: "test", .. })
    ));
    assert!(matches!(
        SubjectSplit::from_subjects(&orl, vec![0], vec![], vec![40]),
        Err(Error::UnknownSubject { subject: 40, .. })
    ));
}

fn list(text: &str) -> Result<SubjectSplit, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("split.csv");
    fs::write(&path, text).unwrap();
    SubjectSplit::from_csv(&catalog(5), path)
}

#[test]
fn a_list_file_makes_a_split() {
    let split = list("subject,part\ns5,test\ns1,train\ns2,validation\ns3,train\n").unwrap();
    assert_eq!(parts(&split), [&[0, 2][..], &[1], &[4]]);
}

#[test]
fn faults_in_a_list_file_are_named_with_their_line() {
    let good = "subject,part\ns1,train\n";
    for (text, expected) in [
        ("name,part\n".to_owned(), "header line `subject,part`"),
        (
            format!("{good}s6,test\n"),
            "line 3: expected a subject of the catalogue, found `s6`",
        ),
        (
            format!("{good}s2,tests\n"),
            "line 3: expected `train`, `validation` or `test`, found `tests`",
        ),
        (
            format!("{good}s2,test\ns1,test\n"),
            "line 4: expected each subject once",
        ),
        (good.to_owned(), "the test part would be empty"),
    ] {
        let message = list(&text).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn fractions_that_leave_a_part_empty_are_refused() {
    let ten = catalog(10);
    let split = |test, validation| SubjectSplit::by_fractions(&ten, test, validation, 0);
    let sizes = parts(&split(0.2, 0.3).unwrap()).map(<[u32]>::len);
    assert_eq!(sizes, [5, 3, 2]);
    assert!(matches!(
        split(0.01, 0.0),
        Err(Error::EmptyPart { part: "test", .. })
    ));
    assert!(matches!(
        split(0.0, 0.0),
        Err(Error::EmptyPart { part: "test", .. })
    ));
    assert!(matches!(
        split(0.2, 0.01),
        Err(Error::EmptyPart {
            part: "validation",
            ..
        })
    ));
    assert!(matches!(
        split(0.5, 0.5),
        Err(Error::EmptyPart { part: "train", .. })
    ));
    assert!(matches!(split(1.5, 0.0), Err(Error::Fraction { .. })));
    assert!(matches!(split(0.2, f64::NAN), Err(Error::Fraction { .. })));
    assert!(matches!(
        split(0.2, 0.0).unwrap().with_validation(8, 0),
        Err(Error::EmptyPart { part: "train", .. })
    ));
}

/// Pinned: the people of a published split must not change with a version. The numbers come from a
/// second implementation of the streams and of Fisher-Yates, in Python.
#[test]
fn random_splits_are_the_same_in_every_version() {
    let split = SubjectSplit::by_fractions(&catalog(10), 0.2, 0.1, 42).unwrap();
    assert_eq!((split.validation(), split.test()), GOLDEN_FRACTIONS);
    let fold = Protocol::KFold(5)
        .folds(&catalog(10), 42)
        .unwrap()
        .remove(0);
    assert_eq!(fold.split().test(), GOLDEN_FOLD);
}

const GOLDEN_FRACTIONS: (&[u32], &[u32]) = (&[0], &[4, 5]);
const GOLDEN_FOLD: [u32; 2] = [3, 5];

proptest! {
    #[test]
    fn nobody_is_on_two_sides(
        subjects in 4u32..60,
        test in 0.15f64..0.45,
        validation in 0.15f64..0.4,
        more in 0usize..3,
        seed: u64,
    ) {
        let catalog = catalog(subjects);
        let Ok(split) = SubjectSplit::by_fractions(&catalog, test, validation, seed) else {
            return Ok(()); // Small sets cannot fill every part.
        };
        check_disjoint(&split, subjects);
        prop_assert_eq!(split.test().len(), (f64::from(subjects) * test).round() as usize);
        prop_assert_eq!(&split, &SubjectSplit::by_fractions(&catalog, test, validation, seed).unwrap());
        if let Ok(moved) = split.clone().with_validation(more, seed) {
            check_disjoint(&moved, subjects);
            prop_assert_eq!(moved.validation().len(), split.validation().len() + more);
            prop_assert_eq!(moved.test(), split.test());
        }
    }

    #[test]
    fn every_subject_tests_in_exactly_one_fold(
        (subjects, folds) in (2u32..40).prop_flat_map(|n| (Just(n), 2..=n)),
        seed: u64,
    ) {
        let catalog = catalog(subjects);
        for order in [FoldOrder::Natural, FoldOrder::Shuffled(seed)] {
            let splits = SubjectSplit::k_folds(&catalog, folds, order).unwrap();
            prop_assert_eq!(splits.len(), folds as usize);
            splits.iter().for_each(|split| check_disjoint(split, subjects));
            let mut tested: Vec<u32> = splits.iter().flat_map(|split| split.test().to_vec()).collect();
            let sizes = splits.iter().map(|split| split.test().len());
            prop_assert!(sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1);
            tested.sort_unstable();
            prop_assert!(tested.into_iter().eq(0..subjects));
        }
    }

    /// A pair of training people and one of test people never share an image.
    #[test]
    fn pairs_of_the_parts_share_no_image(seed: u64, fold in 0usize..8) {
        let orl = catalog(40);
        let fold = Protocol::Subjects8Fold.folds(&orl, 0).unwrap().remove(fold);
        let fold = fold.with_validation(5, seed).unwrap();
        let images = parts(fold.split()).map(|subjects| {
            let pairs = PairSet::balanced(&orl, subjects, 100, 100, seed).unwrap();
            [pairs.a(), pairs.b()].concat().into_iter().collect::<HashSet<u32>>()
        });
        prop_assert!(images[0].is_disjoint(&images[1]));
        prop_assert!(images[0].is_disjoint(&images[2]));
        prop_assert!(images[1].is_disjoint(&images[2]));
    }
}
