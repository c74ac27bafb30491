//! Sets in which there are forgeries of subjects.
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pairgen::{
    Catalog, Error, ExhaustivePairs, Layout, Listing, PairKind, PairSet, Protocol, SampleKind,
    ScanOptions, ScanReport,
};
use proptest::prelude::*;

use crate::tree::{listed, tree};

fn read(root: &Path, layout: &str) -> Result<(Catalog, ScanReport), Error> {
    let options = ScanOptions::default().with_layout(layout.parse().unwrap());
    Catalog::scan(root, &options)
}

/// The names of a subject's forgeries.
fn forged(catalog: &Catalog, subject: u32) -> Vec<String> {
    let name = |sample| catalog.relative_path(sample).display().to_string();
    catalog.forgeries_of(subject).map(name).collect()
}

#[test]
fn folders_tell_forgeries_from_genuine_samples() {
    let root = tree(&[
        "w1/genuine/1.png",
        "w1/genuine/2.png",
        "w1/forgery/1.png",
        "w2/genuine/1.png",
        "w2/Forged/9.png",
        "w2/Forged/10.png",
        "w2/notes/1.png",
    ]);
    let (catalog, report) = read(root.path(), "{subject}/{kind}/*").unwrap();
    assert_eq!(
        (catalog.subjects(), catalog.genuine(), catalog.forgeries()),
        (2, 3, 3)
    );
    assert_eq!(catalog.samples_of(0), 0..2);
    assert_eq!(forged(&catalog, 0), ["w1/forgery/1.png"]);
    assert_eq!(forged(&catalog, 1), ["w2/Forged/9.png", "w2/Forged/10.png"]);
    assert_eq!(report.unplaced, [root.path().join("w2/notes/1.png")]);
    assert_eq!(report.singletons, ["w2"]);

    let root = tree(&["full_org/7/1.png", "full_forg/7/1.png", "full_org/8/1.png"]);
    let (catalog, _) = read(root.path(), "{kind}/{subject}/*").unwrap();
    assert_eq!((catalog.subject_name(0), catalog.groups()), ("7", 0));
    assert_eq!(forged(&catalog, 0), ["full_forg/7/1.png"]);
    assert_eq!(forged(&catalog, 1), [""; 0]);
}

#[test]
fn names_of_files_tell_whose_a_sample_is_and_of_what_kind() {
    let files = [
        "full_org/original_1_1.png",
        "full_org/original_1_2.png",
        "full_org/original_10_1.png",
        "full_forg/forgeries_1_1.png",
        "full_forg/forgeries_10_3.png",
        "full_forg/scan.png",
    ];
    let root = tree(&files);
    let (catalog, report) = read(root.path(), "*/{kind}_{subject}_*").unwrap();
    let names: Vec<&str> = (0..2).map(|s| catalog.subject_name(s)).collect();
    assert_eq!(names, ["1", "10"]);
    assert_eq!(catalog.samples_of(0).len(), 2);
    assert_eq!(forged(&catalog, 1), ["full_forg/forgeries_10_3.png"]);
    assert_eq!(report.unplaced.len(), 1);
    let flat = tree(&["original_1_1.png", "forgeries_1_1.png"]);
    let (catalog, report) = read(flat.path(), "{kind}_{subject}_*").unwrap();
    assert_eq!(
        (catalog.genuine(), catalog.forgeries(), report.root_files),
        (1, 1, 0)
    );
    let grouped = tree(&["Hindi/H-S-1-G-01.tif", "Hindi/H-S-1-F-01.tif"]);
    let (catalog, _) = read(grouped.path(), "{script}/{subject}-{kind}-*").unwrap();
    assert_eq!(
        (catalog.subject_name(0), catalog.group_name(0)),
        ("Hindi/H-S-1", "Hindi")
    );
}

#[test]
fn a_list_has_a_column_for_kinds() {
    let root = tree(&["1.png", "2.png", "3.png"]);
    let list = root.path().join("list.csv");
    fs::write(
        &list,
        "path,subject,kind\n1.png,w,genuine\n2.png,w,forgery\n3.png,w,genuine\n",
    )
    .unwrap();
    let catalog = Catalog::from_csv(&list).unwrap();
    assert_eq!(listed(&catalog), ["1.png", "3.png", "2.png"]);
    assert_eq!(catalog.kind_of(2), SampleKind::Forgery);
    assert_eq!(Listing::read(&list).unwrap().counts().images, Some(3));
    fs::write(
        &list,
        "path,subject,group,kind\n1.png,w,site,genuine\n2.png,w,site,forgery\n",
    )
    .unwrap();
    let catalog = Catalog::from_csv(&list).unwrap();
    assert_eq!((catalog.group_name(0), catalog.forgeries()), ("site", 1));

    fs::write(
        &list,
        "path,subject,kind\n1.png,w,genuine\n2.png,w,skilled\n",
    )
    .unwrap();
    let said = Catalog::from_csv(&list).unwrap_err().to_string();
    for word in ["line 3", "`genuine` or `forgery`", "`skilled`"] {
        assert!(said.contains(word), "{said}");
    }
    fs::write(
        &list,
        "path,subject,kind\n1.png,w,genuine\n2.png,v,forgery\n",
    )
    .unwrap();
    let said = Catalog::from_csv(&list).unwrap_err().to_string();
    for word in ["`v`", "1 forgeries and nothing genuine"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_set_with_forgeries_is_recognised_and_others_are_not() {
    let options = ScanOptions::default();
    let found = |files: &[&str]| {
        let layout = Layout::with_forgeries(tree(files).path(), &options);
        layout.map(|layout| layout.to_string())
    };
    let cedar = ["full_org/original_1_1.png", "full_forg/forgeries_1_1.png"];
    assert_eq!(found(&cedar).as_deref(), Some("*/{kind}_{subject}_*"));
    let flat = ["original_1_1.png", "forgeries_1_1.png"];
    assert_eq!(found(&flat).as_deref(), Some("{kind}_{subject}_*"));
    let writers = ["w1/genuine/1.png", "w1/forgery/1.png", "w2/genuine/1.png"];
    assert_eq!(found(&writers).as_deref(), Some("{subject}/{kind}/*"));
    let kinds = ["genuine/w1/1.png", "forged/w1/1.png"];
    assert_eq!(found(&kinds).as_deref(), Some("{kind}/{subject}/*"));
    for files in [
        &["s1/1.pgm", "s2/1.pgm"][..],
        &["f/1.pgm", "g/1.pgm", "h/1.pgm"],
        &["s1/session/1.pgm", "s2/session/1.pgm"],
        &["real/1.png", "fake/1.png"],
        &["w1/1.png", "w1/forgery/1.png"],
        &["readme.txt"],
    ] {
        assert_eq!(found(files), None, "{files:?}");
    }
}

#[test]
fn layouts_that_say_a_thing_twice_or_nothing_are_refused() {
    for pattern in [
        "{kind}/{subject}/{kind}/*",
        "{kind}/{subject}_{kind}",
        "{subject}/{subject}_*",
        "{kind}_*",
        "{kind}/*",
        "{subject}/name_*",
        "{subject}/{kind}{subject}",
    ] {
        let said = pattern.parse::<Layout>().unwrap_err().to_string();
        assert!(said.contains(pattern), "{said}");
    }
    let said = read(tree(&["w1/1.png"]).path(), "{subject}/{kind}-*").unwrap_err();
    assert!(said.to_string().contains("does not say"), "{said}");
}

/// `counts` are genuine samples and forgeries of each subject.
fn made(counts: &[(u32, u32)]) -> Catalog {
    let entries = counts
        .iter()
        .enumerate()
        .flat_map(|(s, &(genuine, forgeries))| {
            let name = move |kind, i| (format!("w{s}"), format!("w{s}/{kind}{i}").into(), kind);
            let own = (0..genuine).map(move |i| name(SampleKind::Genuine, i));
            own.chain((0..forgeries).map(move |i| name(SampleKind::Forgery, i)))
        });
    Catalog::from_kinds("", entries).unwrap()
}

#[test]
fn a_pair_list_may_hold_skilled_impostors() {
    let catalog = made(&[(2, 2), (2, 0)]);
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("pairs.csv");
    let write = |lines: &str| fs::write(&list, format!("a,b,kind\n{lines}")).unwrap();
    write("w0/genuine0,w0/forgery1,impostor\nw0/genuine0,w0/genuine1,genuine\n");
    let pairs = PairSet::from_csv(&catalog, &list).unwrap();
    assert_eq!(pairs.kinds(), [PairKind::Impostor, PairKind::Genuine]);
    assert!(catalog.is_skilled(pairs.a()[0], pairs.b()[0]));
    write("w0/genuine0,w0/forgery1,genuine\n");
    let said = PairSet::from_csv(&catalog, &list).unwrap_err().to_string();
    assert!(said.contains("`w0` (a forgery)"), "{said}");
}

#[test]
fn skilled_impostors_are_dealt_out_evenly() {
    let catalog = made(&[(3, 2), (2, 0), (2, 5)]);
    let subjects = catalog.all_subjects();
    let every = PairSet::every_skilled(&catalog, &subjects).unwrap();
    assert_eq!(every.len(), 6 + 10);
    assert!(every.iter().all(|pair| catalog.is_skilled(pair.a, pair.b)));
    let drawn = PairSet::skilled(&catalog, &subjects, 11, 3).unwrap();
    let of = |subject| {
        drawn
            .a()
            .iter()
            .filter(|&&a| catalog.subject_of(a) == subject)
            .count()
    };
    assert_eq!((of(1), of(0) + of(2), of(0).abs_diff(of(2))), (0, 11, 1));
    let different: BTreeSet<_> = drawn.iter().map(|pair| (pair.a, pair.b)).collect();
    assert_eq!(different.len(), 11);
    assert!(PairSet::skilled(&catalog, &subjects, 17, 3).is_err());
}

#[test]
fn who_keeps_nothing_genuine_is_left_out_with_the_forgeries() {
    let catalog = made(&[(1, 2), (2, 1)]);
    let kept = catalog.kept(|sample| sample != 0).unwrap();
    assert_eq!(
        (kept.subjects(), kept.genuine(), kept.forgeries()),
        (1, 2, 1)
    );
}

proptest! {
    #[test]
    fn a_forgery_is_genuine_with_nobody_and_on_its_subjects_side(
        counts in prop::collection::vec((2u32..6, 0u32..6), 4..10), seed: u64,
    ) {
        let catalog = made(&counts);
        let all = 0..catalog.len() as u32;
        for forgery in all.clone().filter(|&s| catalog.kind_of(s) == SampleKind::Forgery) {
            for other in all.clone().filter(|&other| other != forgery) {
                prop_assert_eq!(catalog.pair_kind(forgery, other), PairKind::Impostor);
            }
        }
        // What speaks of samples of subjects knows no forgery.
        for pair in ExhaustivePairs::new(&catalog, &catalog.all_subjects()).unwrap().iter() {
            prop_assert!((pair.a.max(pair.b) as usize) < catalog.genuine());
        }
        for fold in Protocol::KFold(3).folds(&catalog, seed).unwrap() {
            let side = |subjects: &[u32]| -> BTreeSet<u32> {
                let forgeries = subjects.iter().flat_map(|&s| catalog.forgeries_of(s));
                subjects.iter().flat_map(|&s| catalog.samples_of(s)).chain(forgeries).collect()
            };
            let (train, test) = (side(fold.split().train()), side(fold.split().test()));
            prop_assert!(train.is_disjoint(&test));
            prop_assert_eq!(train.len() + test.len(), catalog.len());
        }
    }
}
