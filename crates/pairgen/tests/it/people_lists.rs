//! Protocols from lists of people: who trains and who tests, as a file says.
use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use pairgen::{Catalog, Error, Fold, Protocol};
use proptest::prelude::*;
use tempfile::TempDir;

fn catalog(subjects: u32) -> Catalog {
    Catalog::from_counts((1..=subjects).map(|s| (format!("s{s}"), 3))).unwrap()
}

fn written(text: &str) -> (TempDir, Protocol) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    fs::write(&path, text).unwrap();
    (folder, path.to_str().unwrap().parse().unwrap())
}

fn folds(text: &str, catalog: &Catalog) -> Result<Vec<Fold>, Error> {
    let (_folder, protocol) = written(text);
    protocol.folds(catalog, 0)
}

#[test]
fn each_subject_tests_in_its_fold_and_trains_in_all_others() {
    let text = "subject,fold\r\ns5,2\r\n s1 , 10\r\n\r\ns3,1\r\ns2,1\r\n";
    let folds = folds(text, &catalog(6)).unwrap();
    let found: Vec<_> = folds
        .iter()
        .map(|fold| (fold.label().unwrap(), fold.split().test()))
        .collect();
    assert_eq!(found, [("1", &[1, 2][..]), ("2", &[4]), ("10", &[0])]);
    assert_eq!(folds[0].split().train(), [0, 4]);
    for fold in &folds {
        assert_eq!(fold.left_out(), [3, 5]);
        assert!(fold.split().validation().is_empty() && fold.test_pairs().is_none());
    }
}

#[test]
fn folds_may_have_names() {
    let folds = folds("subject,fold\ns1,north\ns2,East\ns3,east\n", &catalog(3)).unwrap();
    let labels: Vec<_> = folds.iter().map(|fold| fold.label().unwrap()).collect();
    assert_eq!(labels, ["East", "east", "north"]);
}

#[test]
fn a_list_of_parts_is_one_fold_with_its_own_validation_people() {
    let text = "subject,part\ns1,train\ns2,train\ns4,validation\ns3,test\n";
    let people = catalog(6);
    let (_folder, protocol) = written(text);
    assert_eq!(protocol.fold_count().unwrap(), 1);
    let fold = protocol.folds(&people, 0).unwrap().remove(0);
    let split = fold.split();
    assert_eq!(
        (split.train(), split.validation(), split.test()),
        (&[0, 1][..], &[3][..], &[2][..])
    );
    assert_eq!((fold.left_out(), fold.label()), (&[4, 5][..], None));
    let more = fold.with_validation(1, 7).unwrap();
    assert_eq!(more.split().validation().len(), 2);
    assert_eq!(more.left_out(), [4, 5]);
}

#[test]
fn the_number_of_folds_needs_no_catalogue() {
    let (_folder, protocol) = written("subject,fold\na,0\nb,1\nc,1\n");
    assert_eq!(protocol.fold_count().unwrap(), 2);
    assert!(!protocol.leaks_people());
    for (name, folds) in [
        ("chopra-35-5", 1),
        ("bob-20-20", 1),
        ("subjects-20-20", 2),
        ("subjects-8-fold", 8),
    ] {
        let protocol: Protocol = name.parse().unwrap();
        assert_eq!(protocol.fold_count().unwrap(), folds);
        let orl = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10))).unwrap();
        assert_eq!(protocol.folds(&orl, 0).unwrap().len(), folds);
    }
    assert_eq!(Protocol::KFold(7).fold_count().unwrap(), 7);
    assert!(matches!(
        Protocol::SeedPairs.fold_count(),
        Err(Error::LeakyProtocol)
    ));
}

#[test]
fn faults_are_named_with_their_line() {
    for (text, expected) in [
        (
            "name,fold\ns1,1\n",
            "expected the header line `subject,fold` or `subject,part`, found `name,fold`",
        ),
        ("", "expected the header line"),
        ("subject,fold\n", "expected at least 2 folds, found 0"),
        (
            "subject,fold\ns1,1\ns2,1\n",
            "expected at least 2 folds, found 1; put some of the subjects into another fold",
        ),
        (
            "subject,fold\ns1,1\n\ns9,2\n",
            "line 4: expected a subject of the catalogue, found `s9`",
        ),
        (
            "subject,fold\ns1,1\ns2,2\ns1,2\n",
            "line 4: expected each subject once, in one part only, found `s1` again, first listed on line 2",
        ),
        (
            "subject,fold\ns1,1\ns2\n",
            "line 3: expected the 2 columns `subject,fold`",
        ),
        (
            "subject,fold\ns1,1\ns2,\n",
            "line 3: expected a value for `fold`, found nothing",
        ),
        (
            "subject,part\ns1,train\ns2,tests\n",
            "line 3: expected `train`, `validation` or `test`, found `tests`",
        ),
        (
            "subject,part\ns1,train\ns2,train\n",
            "the test part would be empty",
        ),
    ] {
        let message = folds(text, &catalog(5)).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let (folder, _) = written("");
    let bytes = folder.path().join("bytes.csv");
    fs::write(&bytes, b"subject,fold\ns1,\xff\xfe\n").unwrap();
    let error = Protocol::List(bytes).folds(&catalog(5), 0).unwrap_err();
    assert!(matches!(error, Error::ListSyntax { .. }), "{error}");
    let missing = Protocol::List(folder.path().join("none.csv"));
    for error in [
        missing.folds(&catalog(5), 0).unwrap_err(),
        missing.fold_count().unwrap_err(),
    ] {
        assert!(error.to_string().contains("none.csv"), "{error}");
    }
}

#[test]
fn people_with_one_image_can_be_told_among_those_who_test() {
    let catalog = Catalog::from_counts([("a", 1), ("b", 2), ("c", 1), ("d", 1)]).unwrap();
    assert_eq!(catalog.singletons(), [0, 2, 3]);
    assert_eq!(catalog.singletons_among(&[3, 1, 0]), [3, 0]);
}

#[test]
fn paths_and_prefixes_make_protocols() {
    let list = |path: &str| Protocol::List(PathBuf::from(path));
    for (text, protocol) in [
        ("people.csv", list("people.csv")),
        ("a b/People.CSV", list("a b/People.CSV")),
        ("list:people", list("people")),
        ("list:list:x", list("list:x")),
        ("list:k-fold:3", list("k-fold:3")),
    ] {
        let parsed: Protocol = text.parse().unwrap();
        assert_eq!(parsed, protocol);
        assert_eq!(parsed.to_string().parse::<Protocol>().unwrap(), protocol);
    }
    let text = "list:".parse::<Protocol>().unwrap_err().to_string();
    assert!(
        text.contains("`list:`") && text.contains("list:PATH"),
        "{text}"
    );
}

proptest! {
    /// Whoever is listed tests once, is never on two sides, and the others are left out.
    #[test]
    fn nobody_is_on_two_sides_of_any_listed_fold(
        fold_of in prop::collection::vec(prop::option::weighted(0.8, 0u8..5), 1..30),
        mixed: u64,
    ) {
        let people = catalog(fold_of.len() as u32);
        let mut lines: Vec<String> = (0..people.subjects())
            .filter_map(|s| Some(format!("{},{}\n", people.subject_name(s), fold_of[s as usize]?)))
            .collect();
        pairgen::stream(mixed, "test", 0).shuffle(&mut lines);
        let (_folder, protocol) = written(&format!("subject,fold\n{}", lines.concat()));
        let names: HashSet<u8> = fold_of.iter().filter_map(|&fold| fold).collect();
        let folds = match protocol.folds(&people, 0) {
            Ok(folds) => folds,
            Err(error) => {
                let few = matches!(error, Error::TooFewFolds { found, .. } if found == names.len());
                prop_assert!(few && names.len() < 2, "{}", error);
                return Ok(());
            }
        };
        prop_assert_eq!(folds.len(), names.len());
        prop_assert_eq!(protocol.fold_count().unwrap(), names.len());
        let mut tested = Vec::new();
        for fold in &folds {
            let split = fold.split();
            for &subject in split.test() {
                let label = fold_of[subject as usize].unwrap().to_string();
                prop_assert_eq!(fold.label(), Some(label.as_str()));
            }
            let mut all = [split.train(), split.validation(), split.test(), fold.left_out()].concat();
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..people.subjects()));
            prop_assert!(fold.left_out().iter().all(|&s| fold_of[s as usize].is_none()));
            tested.extend_from_slice(split.test());
        }
        tested.sort_unstable();
        prop_assert!(tested.into_iter().eq((0..people.subjects()).filter(|&s| fold_of[s as usize].is_some())));
    }

    #[test]
    fn every_path_survives_printing_and_parsing(path in "\\PC{1,30}") {
        let protocol = Protocol::List(PathBuf::from(path));
        prop_assert_eq!(protocol.to_string().parse::<Protocol>().unwrap(), protocol);
    }
}
