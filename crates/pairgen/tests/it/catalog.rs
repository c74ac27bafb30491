//! Catalogues from folders and lists.
use std::fs;

use pairgen::{Catalog, Error, ScanOptions};
use tempfile::TempDir;

use crate::tree::{listed, relative, scan, tree};

#[test]
fn subjects_and_samples_are_in_natural_order_and_contiguous() {
    let root = tree(&[
        "s10/1.pgm",
        "s2/10.pgm",
        "s2/9.pgm",
        "S1/b.PNG",
        "S1/a.jpeg",
    ]);
    let (catalog, report) = scan(root.path()).unwrap();
    assert_eq!(
        listed(&catalog),
        [
            "S1/a.jpeg",
            "S1/b.PNG",
            "s2/9.pgm",
            "s2/10.pgm",
            "s10/1.pgm"
        ]
    );
    assert_eq!((catalog.len(), catalog.subjects()), (5, 3));
    assert_eq!(catalog.samples_of(1), 2..4);
    assert_eq!(catalog.subject_of(4), 2);
    assert_eq!(catalog.subject_by_name("s10"), Some(2));
    assert_eq!(catalog.subject_by_name("S10"), None);
    assert_eq!(catalog.path(0), root.path().join("S1/a.jpeg"));
    assert_eq!(catalog.singletons(), [2]);
    assert_eq!(report.singletons, ["s10"]);
}

#[test]
fn what_is_no_image_of_a_subject_is_skipped_and_reported() {
    let root = tree(&[
        "README",
        "1.pgm",
        ".git/config",
        "s1/1.pgm",
        "s1/.hidden.pgm",
        "s1/notes.txt",
        "s1/pgm",
        "s1/old/2.pgm",
        "s3/readme.md",
    ]);
    fs::create_dir(root.path().join("s2")).unwrap();
    let (catalog, report) = scan(root.path()).unwrap();
    assert_eq!(listed(&catalog), ["s1/1.pgm"]);
    assert_eq!(
        (report.hidden, report.other_files, report.root_files),
        (2, 3, 2)
    );
    let endings: Vec<_> = report.other_endings.into_iter().collect();
    assert_eq!(endings, [("md".to_owned(), 1), ("txt".to_owned(), 1)]);
    assert_eq!(relative(&root, &report.nested_folders), ["s1/old"]);
    assert_eq!(relative(&root, &report.empty_folders), ["s2", "s3"]);
}

#[test]
fn the_extensions_can_be_chosen() {
    let root = tree(&["s1/1.pgm", "s1/2.RAW"]);
    let options = ScanOptions::default().with_extensions(["raw"]);
    let (catalog, report) = Catalog::scan(root.path(), &options).unwrap();
    assert_eq!(listed(&catalog), ["s1/2.RAW"]);
    assert_eq!(report.other_files, 1);
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_never_in_circles() {
    use std::os::unix::fs::symlink;
    let root = tree(&["s2/1.pgm", "s3/1.pgm"]);
    let elsewhere = tree(&["people/9.pgm", "5.pgm"]);
    let at = |path: &str| root.path().join(path);
    symlink(at("s2"), at("s1")).unwrap();
    symlink(root.path(), at("s4")).unwrap();
    symlink(elsewhere.path().join("people"), at("s5")).unwrap();
    symlink(elsewhere.path().join("people"), at("s6")).unwrap();
    symlink(at("s7"), at("s7")).unwrap();
    symlink(at("s3/1.pgm"), at("s2/0.pgm")).unwrap();
    symlink(elsewhere.path().join("5.pgm"), at("s3/10.pgm")).unwrap();
    symlink(elsewhere.path().join("5.pgm"), at("s3/2.pgm")).unwrap();
    symlink(elsewhere.path().join("people"), at("s3/more")).unwrap();
    symlink(at("nowhere.pgm"), at("s3/3.pgm")).unwrap();
    let (catalog, report) = scan(root.path()).unwrap();
    assert_eq!(
        listed(&catalog),
        ["s2/1.pgm", "s3/1.pgm", "s3/2.pgm", "s5/9.pgm"]
    );
    assert_eq!(
        relative(&root, &report.repeated_links),
        ["s1", "s2/0.pgm", "s3/10.pgm", "s4", "s6"]
    );
    assert_eq!(relative(&root, &report.broken_links), ["s3/3.pgm", "s7"]);
    assert_eq!(relative(&root, &report.nested_folders), ["s3/more"]);
}

/// Two scans see the same order although the second tree was written backwards.
#[test]
fn the_numbering_does_not_depend_on_the_file_system() {
    let files: Vec<String> = (1..30).map(|i| format!("p{}/{}.pgm", i % 7, i)).collect();
    let forwards: Vec<&str> = files.iter().map(String::as_str).collect();
    let backwards: Vec<&str> = forwards.iter().rev().copied().collect();
    let (first, second) = (tree(&forwards), tree(&backwards));
    let (first, second) = (
        scan(first.path()).unwrap().0,
        scan(second.path()).unwrap().0,
    );
    assert_eq!(listed(&first), listed(&second));
}

#[test]
fn a_root_without_subjects_says_what_is_there_and_what_to_do() {
    let cases: [(&[&str], &str, &str); 4] = [
        (
            &["1.pgm", "2.pgm"],
            "2 files and no folders",
            "a folder of its own",
        ),
        (
            &["all/s1/1.pgm", "all/s2/1.pgm"],
            "2 images lie deeper than `{subject}/*`, in 2 folders",
            "depth 2",
        ),
        (
            &["s1/1.txt"],
            "none of its 1 folders holds an image",
            "extension",
        ),
        (&[], "it is empty", "one folder of images per subject"),
    ];
    for (files, found, fix) in cases {
        let root = tree(files);
        let error = scan(root.path()).unwrap_err();
        assert!(matches!(error, Error::NoSubjects { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&root.path().display().to_string()), "{text}");
        assert!(text.contains(found) && text.contains(fix), "{text}");
    }
}

#[test]
fn a_root_that_is_no_folder_is_named() {
    let root = tree(&["s1/1.pgm"]);
    let missing = scan(&root.path().join("faces")).unwrap_err();
    assert!(matches!(missing, Error::Io { .. }));
    let text = missing.to_string();
    assert!(
        text.contains("faces: ") && text.contains("check the path"),
        "{text}"
    );
    let file = scan(&root.path().join("s1/1.pgm")).unwrap_err();
    assert!(matches!(file, Error::NotAFolder { .. }));
}

/// Skipped for root, whom no permission stops.
#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_read_is_named_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt;
    let root = tree(&["s1/1.pgm", "s2/1.pgm"]);
    let locked = root.path().join("s2");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let refused = fs::read_dir(&locked).is_err();
    let result = scan(root.path());
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    if refused {
        let text = result.unwrap_err().to_string();
        assert!(text.contains("s2: ") && text.contains("chmod"), "{text}");
    } else {
        eprintln!("skipped: this user may read everything");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_name_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let root = tree(&["s1/1.pgm"]);
    let odd = root.path().join(std::ffi::OsStr::from_bytes(b"s\xff"));
    if fs::create_dir(&odd).is_ok() {
        assert!(matches!(scan(root.path()), Err(Error::FolderName { path }) if path == odd));
    }
}

fn csv(text: &str) -> (TempDir, Result<Catalog, Error>) {
    let root = tree(&["img/1.pgm", "img/2.pgm", "img/10.pgm", "img/a,b.pgm"]);
    let list = root.path().join("list.csv");
    fs::write(&list, text).unwrap();
    let catalog = Catalog::from_csv(list);
    (root, catalog)
}

#[test]
fn a_list_groups_and_sorts_its_images() {
    let (root, catalog) = csv(
        "\u{feff}path,subject\r\nimg/10.pgm, bob\r\n\"img/a,b.pgm\",ann\r\nimg/2.pgm,bob\r\n\r\n",
    );
    let catalog = catalog.unwrap();
    assert_eq!(listed(&catalog), ["img/a,b.pgm", "img/2.pgm", "img/10.pgm"]);
    assert_eq!(catalog.subject_name(1), "bob");
    assert_eq!(catalog.path(1), root.path().join("img/2.pgm"));
}

#[test]
fn absolute_paths_in_a_list_are_kept() {
    let images = tree(&["1.pgm"]);
    let image = images.path().join("1.pgm");
    let (_root, catalog) = csv(&format!("path,subject\n{},x\n", image.display()));
    let catalog = catalog.unwrap();
    assert_eq!(catalog.path(0), image);
    assert_eq!(catalog.relative_path(0), image);
}

#[test]
fn faults_in_a_list_are_named_with_their_line() {
    let header = "path,subject\nimg/1.pgm,a\n";
    for (text, expected) in [
        ("", "expected the header line `path,subject`"),
        ("file,person\nimg/1.pgm,a\n", "found `file,person`"),
        ("path,subject\n", "no lines after its header"),
        (
            &format!("{header}img/3.pgm,a\n"),
            "line 3: expected an image",
        ),
        (&format!("{header}img,a\n"), "found a folder"),
        (
            &format!("{header}\nimg/1.pgm,b\n"),
            "line 4: expected each image once",
        ),
        (
            &format!("{header}img/2.pgm,\n"),
            "line 3: expected a value for `subject`",
        ),
        (
            &format!("{header}img/2.pgm\n"),
            "line 3: expected the 2 columns `path,subject`",
        ),
    ] {
        let message = csv(text).1.unwrap_err().to_string();
        assert!(
            message.contains(expected) && message.contains("list.csv"),
            "{message}"
        );
    }
    let missing = Catalog::from_csv("no/such/list.csv")
        .unwrap_err()
        .to_string();
    assert!(missing.contains("no/such/list.csv"), "{missing}");
}

#[test]
fn counts_make_a_catalogue_without_files() {
    let catalog = Catalog::from_counts([("b", 2), ("a", 1), ("none", 0)]).unwrap();
    assert_eq!(listed(&catalog), ["a/1", "b/1", "b/2"]);
    assert!(matches!(
        Catalog::from_counts([("a", 1), ("a", 2)]),
        Err(Error::SubjectTwice { .. })
    ));
    assert!(matches!(
        Catalog::from_counts([("a", 0)]),
        Err(Error::NoSubjects { .. })
    ));
}
