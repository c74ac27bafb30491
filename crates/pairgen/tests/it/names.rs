//! One name in two Unicode forms is one name; names that only look alike are told of.
use std::fs;

use pairgen::{Catalog, Error, Listing, Overlap, PairSet, Protocol, SubjectSplit};

use crate::tree::{listed, scan, tree};

/// `Jörg`, with the `ö` as one character and as two.
const NFC: &str = "J\u{f6}rg";
const NFD: &str = "Jo\u{308}rg";

/// Two subjects whose folders are in NFD, and lists in NFC beside them.
fn faces() -> (tempfile::TempDir, Catalog) {
    let images: Vec<String> = (1..=4)
        .flat_map(|image| {
            let image = format!("{image:04}");
            [
                format!("faces/{NFD}/{NFD}_{image}.pgm"),
                format!("faces/Ann/Ann_{image}.pgm"),
            ]
        })
        .collect();
    let root = tree(&images.iter().map(String::as_str).collect::<Vec<_>>());
    let (catalog, _) = scan(&root.path().join("faces")).unwrap();
    (root, catalog)
}

#[test]
fn lists_in_nfc_find_subjects_in_nfd() {
    let (root, catalog) = faces();
    let write = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    assert_eq!(catalog.subject_name(1), NFC);
    for name in [NFC, NFD] {
        assert_eq!(catalog.subject_by_name(name), Some(1));
        let names = [["Ann"], [name]];
        SubjectSplit::from_names(&catalog, &names[0], &[], &names[1]).unwrap();

        let list = write("fold.csv", &format!("subject,fold\n{name},1\nAnn,2\n"));
        assert_eq!(Protocol::List(list).folds(&catalog, 0).unwrap().len(), 2);
        let list = write(
            "part.csv",
            &format!("subject,part\n{name},train\nAnn,test\n"),
        );
        SubjectSplit::from_csv(&catalog, list).unwrap();
        let list = write(
            "pairs.csv",
            &format!("a,b,kind\n{name}/{name}_0001.pgm,Ann/Ann_0001.pgm,impostor\n"),
        );
        assert_eq!(PairSet::from_list(&catalog, list).unwrap().get(0).a, 4);
        let list = write(
            "pairs.txt",
            &format!("1\n{name}\t1\t2\nAnn\t1\t{name}\t3\n"),
        );
        assert_eq!(PairSet::from_list(&catalog, list).unwrap().len(), 2);
        let list = write(
            "images.csv",
            &format!("path,subject\nfaces/{name}/{name}_0001.pgm,{name}\n"),
        );
        let listed = Catalog::from_csv(&list).unwrap();
        assert_eq!(listed.path(0), catalog.path(4));
        let files = Listing::read(list).unwrap().files(None).unwrap();
        assert_eq!((files.found.len(), files.missing.len()), (1, 0));
    }
}

#[test]
fn a_list_may_not_name_one_subject_in_two_forms() {
    let (root, catalog) = faces();
    for text in [
        format!("subject,fold\n{NFC},1\n{NFD},2\n"),
        format!("subject,part\n{NFC},train\n{NFD},test\n"),
    ] {
        let list = root.path().join("list.csv");
        fs::write(&list, text).unwrap();
        let error = Protocol::List(list).folds(&catalog, 0).unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");
    }
    let list = root.path().join("images.csv");
    let image = |name: &str| format!("faces/{name}/{name}_0001.pgm,{name}\n");
    fs::write(&list, format!("path,subject\n{}{}", image(NFC), image(NFD))).unwrap();
    let error = Catalog::from_csv(&list).unwrap_err().to_string();
    assert!(
        error.contains("line 3") && error.contains("line 2"),
        "{error}"
    );
    for form in [Listing::read(&list), {
        fs::write(&list, format!("{NFC}\n{NFD}\n")).unwrap();
        Listing::read(&list)
    }] {
        assert!(matches!(form, Err(Error::ListLine { .. })), "{form:?}");
    }
}

#[test]
fn the_leak_check_compares_names_in_one_form() {
    let counts = |name| Catalog::from_counts([(name, 2)]).unwrap();
    let [nfc, nfd] = [NFC, NFD].map(|name| Listing::from_catalog(&counts(name)));
    let overlap = Overlap::between(&nfc, &nfd);
    assert_eq!(overlap.subjects, [NFC]);
    assert_eq!(overlap.images.map(|images| images.len()), Some(2));
}

#[test]
fn two_folders_of_one_name_are_one_subject_and_told_of() {
    let files = [format!("{NFC}/1.pgm"), format!("{NFD}/2.pgm")];
    let root = tree(&[&files[0], &files[1], "ann/1.pgm"]);
    let (catalog, report) = scan(root.path()).unwrap();
    assert_eq!(catalog.subjects(), 2);
    assert_eq!(catalog.samples_of(1).len(), 2);
    assert_eq!(report.singletons, ["ann"]);
    // Files are opened by their own bytes.
    assert_eq!(listed(&catalog)[1..], files);
    let alike = catalog.alike_names();
    assert_eq!(alike.one_subject, [[NFD, NFC]]);
    assert!(alike.several_subjects.is_empty() && !alike.is_empty());
    assert!(matches!(
        Catalog::from_counts([(NFC, 1), (NFD, 1)]),
        Err(Error::SubjectTwice { .. })
    ));
}

#[test]
fn names_that_differ_by_case_or_looks_are_told_of_and_stay_apart() {
    let catalog = Catalog::from_counts([
        ("ann", 1),
        ("Ann", 1),
        ("bo", 1),
        ("\u{ff42}o", 1),
        ("cy", 1),
    ])
    .unwrap();
    assert_eq!(catalog.subjects(), 5);
    let alike = catalog.alike_names();
    assert!(alike.one_subject.is_empty());
    assert_eq!(
        alike.several_subjects,
        [vec!["Ann", "ann"], vec!["bo", "\u{ff42}o"]]
    );
    let orl = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10))).unwrap();
    assert!(orl.alike_names().is_empty());
}

#[test]
fn an_unknown_name_is_compared_with_those_that_look_alike() {
    let (root, catalog) = faces();
    let list = root.path().join("list.csv");
    fs::write(&list, "subject,fold\nann,1\nbob,2\n").unwrap();
    let error = Protocol::List(list).folds(&catalog, 0).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("line 2") && text.contains("`ann`") && text.contains("`Ann`"),
        "{text}"
    );
}

#[test]
fn a_catalogue_that_keeps_some_images_keeps_what_is_to_be_told_of_names() {
    let root = tree(&[
        &format!("{NFC}/1.pgm"),
        &format!("{NFD}/2.pgm"),
        "Ann/1.pgm",
        "Ann/2.pgm",
    ]);
    let (catalog, _) = scan(root.path()).unwrap();
    let told = catalog.alike_names().one_subject;
    assert_eq!(told.len(), 1);
    let kept = catalog.kept(|sample| sample != 0).unwrap();
    assert_eq!((kept.len(), kept.subjects()), (3, 2));
    assert_eq!(kept.alike_names().one_subject, told);
    let without = catalog.kept(|sample| sample < 2).unwrap();
    assert_eq!(listed(&without), ["Ann/1.pgm", "Ann/2.pgm"]);
    assert_eq!(without.alike_names().one_subject.len(), 0);
    assert!(matches!(
        catalog.kept(|_| false),
        Err(Error::NoSubjects { .. })
    ));
}
