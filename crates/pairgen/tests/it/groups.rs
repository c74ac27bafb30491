//! Groups above the subjects: alphabets, families, sites.
use std::collections::BTreeSet;
use std::fs;

use pairgen::{Catalog, Error, FoldOrder, Listing, Protocol, ScanOptions, SubjectSplit};

use crate::tree::tree;

/// `counts` subjects in as many groups, two images each.
fn grouped(counts: &[u32]) -> Catalog {
    let names = counts
        .iter()
        .enumerate()
        .flat_map(|(group, &count)| (0..count).map(move |s| (format!("g{group}/s{s}"), 2)));
    let catalog = Catalog::from_counts(names).unwrap();
    catalog.with_groups(|name| name.split('/').next().unwrap().to_owned())
}

fn groups(catalog: &Catalog, subjects: &[u32]) -> BTreeSet<u32> {
    let of = |&subject: &u32| catalog.group_of(subject).unwrap();
    subjects.iter().map(of).collect()
}

#[test]
fn a_named_level_above_the_subjects_is_their_group() {
    let root = tree(&["Latin/a/1.png", "Latin/b/1.png", "Greek/a/1.png"]);
    let read = |layout: &str| {
        let options = ScanOptions::default().with_layout(layout.parse().unwrap());
        Catalog::scan(root.path(), &options).unwrap().0
    };
    let catalog = read("{alphabet}/{subject}/*");
    let of: Vec<&str> = (0..3)
        .map(|subject| catalog.group_name(catalog.group_of(subject).unwrap()))
        .collect();
    assert_eq!(of, ["Greek", "Latin", "Latin"]);
    for layout in ["*/{subject}/*", "{subject}/**"] {
        let catalog = read(layout);
        assert_eq!((catalog.groups(), catalog.group_of(0)), (0, None));
    }
    let kept = catalog.kept(|sample| sample != 0).unwrap();
    assert_eq!((kept.groups(), kept.group_name(0)), (1, "Latin"));
}

#[test]
fn deeper_groups_are_paths() {
    let root = tree(&["old/Latin/a/1.png", "new/Latin/a/1.png"]);
    let options =
        ScanOptions::default().with_layout("{era}/{alphabet}/{subject}/*".parse().unwrap());
    let (catalog, _) = Catalog::scan(root.path(), &options).unwrap();
    assert_eq!(
        [0, 1].map(|group| catalog.group_name(group)),
        ["new/Latin", "old/Latin"]
    );
}

#[test]
fn a_list_has_a_column_for_them() {
    let root = tree(&["1.png", "2.png", "3.png"]);
    let list = root.path().join("list.csv");
    let write = |lines: &str| fs::write(&list, format!("path,subject,group\n{lines}")).unwrap();
    write("1.png,a,Latin\n2.png,b,Greek\n3.png,a,Latin\n");
    let catalog = Catalog::from_csv(&list).unwrap();
    assert_eq!((catalog.groups(), catalog.group_of(0)), (2, Some(1)));
    assert_eq!(Listing::read(&list).unwrap().counts().images, Some(3));

    write("1.png,a,Latin\n2.png,b,Greek\n3.png,a,Greek\n");
    let said = Catalog::from_csv(&list).unwrap_err().to_string();
    for word in ["line 4", "one group for each subject", "`Latin` on line 2"] {
        assert!(said.contains(word), "{said}");
    }
    write("1.png,a\n");
    let said = Catalog::from_csv(&list).unwrap_err().to_string();
    assert!(said.contains("the 3 columns"), "{said}");
    write("1.png,a,\n");
    let said = Catalog::from_csv(&list).unwrap_err().to_string();
    assert!(said.contains("`group`"), "{said}");
}

#[test]
fn folds_of_groups_keep_each_group_whole() {
    let catalog = grouped(&[3, 1, 4, 2, 5]);
    for count in 2..=5 {
        let protocol: Protocol = format!("k-fold-groups:{count}").parse().unwrap();
        assert_eq!(protocol.to_string(), format!("k-fold-groups:{count}"));
        let folds = protocol.folds(&catalog, 7).unwrap();
        assert_eq!(folds.len(), protocol.fold_count().unwrap());
        let mut tested = Vec::new();
        for fold in &folds {
            let split = fold.split();
            let test = groups(&catalog, split.test());
            assert!(test.is_disjoint(&groups(&catalog, split.train())));
            assert_eq!(split.test().len() + split.train().len(), 15);
            tested.extend(test);
        }
        tested.sort_unstable();
        assert_eq!(tested, [0, 1, 2, 3, 4]);
        assert_eq!(folds, protocol.folds(&catalog, 7).unwrap());
    }
    let alone = SubjectSplit::group_folds(&catalog, 5, FoldOrder::Natural).unwrap();
    assert_eq!(alone[2].1, "g2");
    assert_eq!(alone[2].0.test(), [4, 5, 6, 7]);
}

#[test]
fn folds_that_cannot_be_made_of_groups_say_why() {
    let protocol = Protocol::KFoldGroups(4);
    let said = protocol.folds(&grouped(&[2, 2, 2]), 0).unwrap_err();
    assert!(
        matches!(
            said,
            Error::GroupFolds {
                folds: 4,
                groups: 3
            }
        ),
        "{said}"
    );
    let flat = Catalog::from_counts([("a", 2), ("b", 2)]).unwrap();
    let said = protocol.folds(&flat, 0).unwrap_err().to_string();
    for word in ["k-fold-groups", "{group}/{subject}/*", "path,subject,group"] {
        assert!(said.contains(word), "{said}");
    }
    assert!("k-fold-groups:1".parse::<Protocol>().is_err());
}

#[test]
fn whole_groups_validate() {
    let catalog = grouped(&[3, 1, 4, 2]);
    let fold = Protocol::KFoldGroups(4)
        .fold(&catalog, 3, 0)
        .unwrap()
        .unwrap();
    let held = fold.clone().with_validation_groups(&catalog, 2, 3).unwrap();
    let of = |part: &[u32]| groups(&catalog, part);
    let split = held.split();
    assert_eq!(of(split.validation()).len(), 2);
    assert!(of(split.validation()).is_disjoint(&of(split.train())));
    assert_eq!(split.test(), fold.split().test());
    let said = fold
        .with_validation_groups(&catalog, 3, 3)
        .unwrap_err()
        .to_string();
    assert!(said.contains("3 of the 3 groups"), "{said}");
}
