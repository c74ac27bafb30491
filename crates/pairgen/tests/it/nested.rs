//! Sets whose subjects, or their images, lie deeper than in the root's folders.
use std::fs;

use pairgen::{Catalog, Error, Layout, Listing, Protocol, ScanOptions, ScanReport, SubjectSplit};
use tempfile::TempDir;

use crate::tree::{listed, relative, scan, tree};

fn read(root: &TempDir, layout: &str) -> Result<(Catalog, ScanReport), Error> {
    let options = ScanOptions::default().with_layout(layout.parse().unwrap());
    Catalog::scan(root.path(), &options)
}

fn names(catalog: &Catalog) -> Vec<&str> {
    (0..catalog.subjects())
        .map(|subject| catalog.subject_name(subject))
        .collect()
}

/// Omniglot's layout.
fn alphabets() -> TempDir {
    tree(&[
        "Latin/a/1.png",
        "Latin/a/2.png",
        "Latin/b/1.png",
        "Greek/a/1.png",
        "Greek/a/2.png",
        "Greek/notes.txt",
        "Greek/0.png",
        "README",
    ])
}

#[test]
fn subjects_may_lie_in_groups_and_are_named_by_their_path() {
    let root = alphabets();
    for layout in ["{alphabet}/{subject}/*", "{group}/{subject}/*"] {
        let (catalog, report) = read(&root, layout).unwrap();
        assert_eq!(names(&catalog), ["Greek/a", "Latin/a", "Latin/b"]);
        assert_eq!(listed(&catalog)[0], "Greek/a/1.png");
        assert_eq!(
            (report.root_files, report.other_files, report.shallow_images),
            (1, 1, 1)
        );
        assert_eq!(report.singletons, ["Latin/b"]);
    }
    let (joined, _) = read(&root, "*/{subject}/*").unwrap();
    assert_eq!(names(&joined), ["a", "b"]);
    assert_eq!(joined.samples_of(0).len(), 4);
}

#[test]
fn lists_name_subjects_by_their_path() {
    let root = alphabets();
    let (catalog, _) = read(&root, "{alphabet}/{subject}/*").unwrap();
    let list = root.path().join("list.csv");
    fs::write(&list, "subject,fold\nLatin/a,1\nLatin/b,1\nGreek/a,2\n").unwrap();
    let folds = Protocol::List(list).folds(&catalog, 0).unwrap();
    assert_eq!(folds[0].split().test(), [1, 2]);

    let names = root.path().join("names.txt");
    fs::write(&names, "Latin/a\nGreek/a\n").unwrap();
    assert_eq!(
        Listing::read(names).unwrap().subjects(),
        ["Greek/a", "Latin/a"]
    );
    let images = Listing::from_catalog(&catalog);
    let images: Vec<&str> = images.images().unwrap().collect();
    assert_eq!(images[0], "Greek/a/1");
}

#[test]
fn images_may_lie_in_sessions() {
    let root = tree(&[
        "ann/day1/1.png",
        "ann/day2/1.png",
        "bo/day1/1.png",
        "bo/day1/crops/1.png",
        "bo/0.png",
        "cy/0.png",
    ]);
    let (catalog, report) = read(&root, "{subject}/{session}/*").unwrap();
    assert_eq!(names(&catalog), ["ann", "bo"]);
    assert_eq!(
        listed(&catalog),
        ["ann/day1/1.png", "ann/day2/1.png", "bo/day1/1.png"]
    );
    assert_eq!((report.shallow_images, report.nested_images), (2, 1));
    assert_eq!(relative(&root, &report.nested_folders), ["bo/day1/crops"]);
    assert_eq!(relative(&root, &report.empty_folders), ["cy"]);

    let (catalog, report) = read(&root, "{subject}/**").unwrap();
    assert_eq!(
        (names(&catalog), catalog.len()),
        (vec!["ann", "bo", "cy"], 6)
    );
    assert_eq!((report.shallow_images, report.nested_images), (0, 0));
}

/// The case `partly-nested`: 24 of 56 images were "4 nested folders".
#[test]
fn images_that_are_left_out_with_nested_folders_are_counted() {
    let files: Vec<String> = (0..8)
        .flat_map(|person| (0..4).map(move |image| format!("p{person}/{image}.png")))
        .chain((0..4).flat_map(|person| {
            (0..6).map(move |image| format!("p{person}/late/{}/{image}.png", image % 2))
        }))
        .collect();
    let root = tree(&files.iter().map(String::as_str).collect::<Vec<_>>());
    let (catalog, report) = scan(root.path()).unwrap();
    assert_eq!(catalog.len(), 32);
    assert_eq!((report.nested_folders.len(), report.nested_images), (4, 24));
    assert_eq!(read(&root, "{subject}/**").unwrap().0.len(), 56);
}

#[test]
fn a_scan_that_finds_nothing_offers_a_layout() {
    let letters = tree(&["Latin/a/1.png", "Latin/b/1.png", "Greek/a/1.png"]);
    let deep = tree(&["faces/2024/ann/1.png", "faces/2024/bo/1.png"]);
    for (root, parts) in [
        (
            letters,
            &[
                "3 images lie deeper",
                "depth 2",
                "`{group}/{subject}/*`",
                "`{subject}/{session}/*`",
            ][..],
        ),
        (
            deep,
            &[
                "2 images lie deeper",
                "depth 3",
                "`{group}/{group}/{subject}/*`",
                "`{subject}/**`",
            ],
        ),
        (
            tree(&["train/ann/1.png", "val/bo/1.png", "test/cy/1.png"]),
            &[
                "test, train, val look like parts",
                "`{part}/{subject}/*` and the protocol `folders`",
            ],
        ),
    ] {
        let text = scan(root.path()).unwrap_err().to_string();
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let flat = tree(&["ann/1.png"]);
    let text = read(&flat, "{group}/{subject}/*").unwrap_err().to_string();
    assert!(text.contains("1 images lie less deep"), "{text}");
}

#[test]
fn folders_named_after_parts_make_a_split() {
    let root = tree(&[
        "Train/ann/1.png",
        "train/dora/1.png",
        "val/bo/1.png",
        "test/c \"y\"/1.png",
    ]);
    let (catalog, _) = read(&root, "{part}/{subject}/*").unwrap();
    let split = SubjectSplit::from_folders(&catalog).unwrap().unwrap();
    assert_eq!(
        (
            split.train().len(),
            split.validation().len(),
            split.test().len()
        ),
        (2, 1, 1)
    );
    let protocol: Protocol = "folders".parse().unwrap();
    let folds = protocol.folds(&catalog, 0).unwrap();
    assert_eq!((folds.len(), protocol.fold_count().unwrap()), (1, 1));
    assert_eq!(folds[0].split(), &split);
    let list = root.path().join("parts.csv");
    fs::write(&list, split.to_csv(&catalog)).unwrap();
    assert_eq!(SubjectSplit::from_csv(&catalog, list).unwrap(), split);

    let no_test = tree(&["train/ann/1.png", "val/bo/1.png"]);
    let (catalog, _) = read(&no_test, "{part}/{subject}/*").unwrap();
    let split = SubjectSplit::from_folders(&catalog).unwrap().unwrap();
    assert_eq!(
        (split.train(), split.validation(), split.test()),
        (&[0][..], &[][..], &[1][..])
    );

    let (letters, _) = read(&alphabets(), "{part}/{subject}/*").unwrap();
    assert_eq!(SubjectSplit::from_folders(&letters).unwrap(), None);
    let text = Protocol::Folders
        .folds(&letters, 0)
        .unwrap_err()
        .to_string();
    for part in ["`folders`", "`Greek/a`", "`{part}/{subject}/*`"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// The usual layout of a set for classification: everybody is in every part.
#[test]
fn parts_that_share_subjects_are_no_split_of_subjects() {
    let root = tree(&["train/ann/1.png", "test/ann/2.png", "test/bo/1.png"]);
    let (catalog, _) = read(&root, "{part}/{subject}/*").unwrap();
    let text = SubjectSplit::from_folders(&catalog)
        .unwrap_err()
        .to_string();
    for part in [
        "1 subjects",
        "`test/ann` and `train/ann`",
        "`*/{subject}/*`",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_nested_set_are_followed_once() {
    use std::os::unix::fs::symlink;
    let root = tree(&["a/ann/1.png", "b/bo/1.png"]);
    let at = |path: &str| root.path().join(path);
    symlink(at("a/ann"), at("b/ann")).unwrap();
    symlink(at("b"), at("c")).unwrap();
    symlink(root.path(), at("a/loop")).unwrap();
    symlink(at("a/ann/1.png"), at("a/ann/again.png")).unwrap();
    symlink(at("a/ann/1.png"), at("b/bo/2.png")).unwrap();
    let (catalog, report) = read(&root, "{group}/{subject}/*").unwrap();
    assert_eq!(listed(&catalog), ["a/ann/1.png", "b/bo/1.png"]);
    assert_eq!(
        relative(&root, &report.repeated_links),
        ["a/ann/again.png", "a/loop", "b/ann", "b/bo/2.png", "c"]
    );
    let across = |report: &ScanReport| -> Vec<[String; 2]> {
        let links = report.links_across.iter();
        links
            .map(|across| {
                let paths = [across.link.clone(), across.kept.clone()];
                relative(&root, &paths).try_into().unwrap()
            })
            .collect()
    };
    assert_eq!(
        across(&report),
        [
            ["b/ann", "a/ann"],
            ["b/bo/2.png", "a/ann/1.png"],
            ["c", "b"]
        ]
    );
    // One name for both, so a link between them brings nobody's image under another name.
    let (_, report) = read(&root, "*/{subject}/*").unwrap();
    assert_eq!(across(&report), [["b/bo/2.png", "a/ann/1.png"]]);
    let (everything, _) = read(&root, "{subject}/**").unwrap();
    assert_eq!(everything.len(), 2);
}

#[test]
fn layouts_parse_and_print() {
    for pattern in [
        "{subject}/*",
        "{subject}/**",
        "{subject}/{session}/*",
        "{alphabet}/{subject}/*",
        "*/{subject}/{day}/*",
    ] {
        assert_eq!(pattern.parse::<Layout>().unwrap().to_string(), pattern);
    }
    assert_eq!(Layout::of_depth(1).unwrap(), Layout::default());
    assert_eq!(Layout::of_depth(3).unwrap().depth(), 3);
    for (pattern, reason) in [
        ("", "one level"),
        ("{subject}", "one level"),
        ("{alphabet}/*", "`{subject}` is missing"),
        ("{subject}/{subject}/*", "occurs twice"),
        ("{subject}/{session}/**", "right after"),
        ("{subject}/1.png", "does not end"),
        ("faces/{subject}/*", "neither `*` nor a name"),
        ("{}/{subject}/*", "neither `*` nor a name"),
        ("{a}{subject}/*", "neither `*` nor a name"),
    ] {
        let text = pattern.parse::<Layout>().unwrap_err().to_string();
        assert!(
            text.contains(reason) && text.contains("{subject}/*"),
            "{text}"
        );
    }
    assert!(Layout::of_depth(0).is_err());
}
