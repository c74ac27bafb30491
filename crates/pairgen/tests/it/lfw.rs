//! LFW's `pairs.txt`: as a protocol of ten folds and as a plain list of test pairs.
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use pairgen::{Catalog, Error, PairKind, PairSet, Protocol, ScanOptions, stream};
use proptest::prelude::*;
use tempfile::TempDir;

const SETS: usize = 10;
const PER_KIND: usize = 30;

/// A tree in LFW's layout, `name/name_0001.jpg`, and a list of ten sets over its people.
struct Lfw {
    root: TempDir,
    /// The people of each set, with their numbers of images; the last entry is in no set.
    people: Vec<Vec<(String, u32)>>,
    /// Each pair as the files' names, in the list's order.
    pairs: Vec<(String, String)>,
}

impl Lfw {
    /// As in LFW most people have one image and a few have many.
    fn new(seed: u64) -> Self {
        let mut rng = stream(seed, "lfw", 0);
        let root = tempfile::tempdir().unwrap();
        let mut people = vec![Vec::new(); SETS + 1];
        for person in 0..SETS * 24 + 7 {
            let images = [1, 1, 1, 2, 2, 3, 5, 12][person / (SETS + 1) % 8];
            let name = format!("First{}_Van_Last{person}", rng.next_u32() % 90);
            let folder = root.path().join("lfw").join(&name);
            fs::create_dir_all(&folder).unwrap();
            for image in 1..=images {
                fs::write(folder.join(file(&name, image)), "").unwrap();
            }
            people[person % (SETS + 1)].push((name, images));
        }
        let mut text = format!("{SETS}\t{PER_KIND}\n");
        let mut pairs = Vec::new();
        for set in &people[..SETS] {
            let mut draw = |n: usize| rng.below(n as u32) as usize;
            for _ in 0..PER_KIND {
                let several: Vec<_> = set.iter().filter(|(_, images)| *images > 1).collect();
                let (name, images) = several[draw(several.len())];
                let i = 1 + draw(*images as usize) as u32;
                let j = 1 + (i + draw(*images as usize - 1) as u32) % images;
                writeln!(text, "{name}\t{i}\t{j}").unwrap();
                pairs.push((file(name, i), file(name, j)));
            }
            for _ in 0..PER_KIND {
                let a = draw(set.len());
                let b = (a + 1 + draw(set.len() - 1)) % set.len();
                let [(a, i), (b, j)] = [a, b].map(|p| {
                    let (name, images) = &set[p];
                    (name, 1 + draw(*images as usize) as u32)
                });
                writeln!(text, "{a}\t{i}\t{b}\t{j}").unwrap();
                pairs.push((file(a, i), file(b, j)));
            }
        }
        fs::write(root.path().join("pairs.txt"), text).unwrap();
        Self {
            root,
            people,
            pairs,
        }
    }

    fn list(&self) -> PathBuf {
        self.root.path().join("pairs.txt")
    }

    fn catalog(&self) -> Catalog {
        let root = self.root.path().join("lfw");
        Catalog::scan(root, &ScanOptions::default()).unwrap().0
    }
}

fn file(name: &str, image: u32) -> String {
    format!("{name}_{image:04}.jpg")
}

fn file_names(catalog: &Catalog, pairs: &PairSet) -> Vec<(String, String)> {
    let name = |sample: u32| {
        let name = catalog.path(sample).file_name().unwrap();
        name.to_str().unwrap().to_owned()
    };
    pairs.iter().map(|p| (name(p.a), name(p.b))).collect()
}

#[test]
fn ten_folds_test_their_own_pairs_and_train_on_the_people_of_the_others() {
    let lfw = Lfw::new(1);
    let catalog = lfw.catalog();
    let protocol: Protocol = lfw.list().to_str().unwrap().parse().unwrap();
    assert_eq!(protocol, Protocol::Lfw(lfw.list()));
    assert_eq!(protocol.fold_count().unwrap(), SETS);
    assert!(!protocol.leaks_people());

    let folds = protocol.folds(&catalog, 0).unwrap();
    assert_eq!(folds.len(), SETS);
    let mut listed: Vec<HashSet<&str>> = Vec::new();
    let names = lfw.pairs.chunks(2 * PER_KIND).map(|set| {
        let images = set.iter().flat_map(|(a, b)| [a, b]);
        images
            .map(|image| image.rsplit_once('_').unwrap().0)
            .collect()
    });
    listed.extend(names);
    let everybody: HashSet<&str> = listed.iter().flatten().copied().collect();
    for (k, fold) in folds.iter().enumerate() {
        let named = |subjects: &[u32]| -> HashSet<&str> {
            subjects.iter().map(|&s| catalog.subject_name(s)).collect()
        };
        let split = fold.split();
        assert_eq!(named(split.test()), listed[k]);
        assert_eq!(named(split.train()), &everybody - &listed[k]);
        assert!(split.validation().is_empty());
        let left_out = named(fold.left_out());
        assert_eq!(
            left_out.len() + everybody.len(),
            catalog.subjects() as usize
        );
        assert!(left_out.is_disjoint(&everybody));
        assert!(
            lfw.people[SETS]
                .iter()
                .all(|(name, _)| left_out.contains(name.as_str()))
        );

        let pairs = fold.test_pairs().unwrap();
        let expected = &lfw.pairs[k * 2 * PER_KIND..(k + 1) * 2 * PER_KIND];
        assert_eq!(file_names(&catalog, pairs), expected);
        assert!(
            pairs.kinds()[..PER_KIND]
                .iter()
                .all(|kind| kind.is_genuine())
        );
        assert_eq!(pairs.count(PairKind::Impostor), PER_KIND);
    }
    let every = PairSet::from_list(&catalog, lfw.list()).unwrap();
    assert_eq!(file_names(&catalog, &every), lfw.pairs);
}

/// A catalogue with files called as given, and a list beside it.
fn small(files: &[&str], list: &str) -> (TempDir, Catalog, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("images");
    for file in files {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let path = folder.path().join("list.txt");
    fs::write(&path, list).unwrap();
    let (catalog, _) = Catalog::scan(root, &ScanOptions::default()).unwrap();
    (folder, catalog, path)
}

#[test]
fn a_list_of_one_set_is_test_pairs_and_no_protocol() {
    let files = [
        "Ann_Lee/Ann_Lee_0001.jpg",
        "Ann_Lee/Ann_Lee_0002.jpg",
        "Bo/Bo_0001.png",
    ];
    for header in ["1", "1\t1", " 1 "] {
        let list = format!("{header}\r\nAnn_Lee\t1\t2\r\nAnn_Lee\t2\tBo\t1\r\n\r\n");
        let (_folder, catalog, path) = small(&files, &list);
        let pairs = PairSet::from_list(&catalog, &path).unwrap();
        assert_eq!((pairs.a(), pairs.b()), (&[0, 1][..], &[1, 2][..]));
        assert_eq!(pairs.kinds(), [PairKind::Genuine, PairKind::Impostor]);
        let protocol = Protocol::Lfw(path);
        assert_eq!(protocol.fold_count().unwrap(), 1);
        let text = protocol.folds(&catalog, 0).unwrap_err().to_string();
        assert!(
            text.contains("at least 2 folds, found 1") && text.contains("list of test pairs"),
            "{text}"
        );
    }
}

#[test]
fn numbers_mean_lfws_file_name_first_and_otherwise_the_end_of_the_name() {
    let files = [
        // LFW's own name wins over another that ends in the same number.
        "p1/p1_0002.jpg",
        "p1/crop-2.jpg",
        "p1/7.pgm",
        // Beyond four digits, and leading zeros of any number.
        "p2/p2_12345.jpg",
        "p2/a00000007.png",
        "p2/none.png",
        "p2/20250101123456789012345.png",
    ];
    let (_folder, catalog, path) = small(&files, "1\np2 12345 7\np1 2 p2 7\n");
    let pairs = PairSet::from_list(&catalog, &path).unwrap();
    assert_eq!(
        file_names(&catalog, &pairs),
        [
            ("p2_12345.jpg".to_owned(), "a00000007.png".to_owned()),
            ("p1_0002.jpg".to_owned(), "a00000007.png".to_owned()),
        ]
    );
}

#[test]
fn names_with_spaces_need_tabs() {
    let files = ["Ann Lee/1.jpg", "Ann Lee/2.jpg", "Bo/1.jpg"];
    let (_folder, catalog, path) = small(&files, "1\nAnn Lee\t1\t2\nAnn Lee\t1\tBo\t1\n");
    assert_eq!(PairSet::from_list(&catalog, &path).unwrap().len(), 2);
}

#[test]
fn content_tells_the_form_of_a_list_of_pairs() {
    let files = ["10/1.pgm", "10/2.pgm", "9/1.pgm"];
    let (_folder, catalog, path) = small(&files, "\u{feff}a,b,kind\n10/1.pgm,9/1.pgm,impostor\n");
    let csv = PairSet::from_list(&catalog, &path).unwrap();
    assert_eq!(csv, PairSet::from_csv(&catalog, &path).unwrap());
    let (_folder, catalog, path) = small(&files, "\u{feff}1\n10 1 2\n10 1 9 1\n");
    assert_eq!(PairSet::from_list(&catalog, &path).unwrap().len(), 2);
    for (list, expected) in [
        ("a,b\n", "expected the header line `a,b,kind`, found `a,b`"),
        ("", "expected the header line `a,b,kind`"),
        (
            "a,b,kind\n10/1.pgm,9/1.pgm,genuine\n",
            "line 2: expected a kind that agrees",
        ),
    ] {
        let (_folder, catalog, path) = small(&files, list);
        let message = PairSet::from_list(&catalog, path).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

const GOOD: &str = "2\t1\nA\t1\t2\nA\t1\tB\t1\nC\t1\t2\nC\t2\tD\t1\n";
const FILES: [&str; 7] = [
    "A/A_0001.jpg",
    "A/A_0002.jpg",
    "B/B_0001.jpg",
    "C/C_0001.jpg",
    "C/C_0002.jpg",
    "D/D_0001.jpg",
    "D/D_0001.png",
];

fn message(list: &str) -> String {
    let (_folder, catalog, path) = small(&FILES[..6], list);
    let error = Protocol::Lfw(path).folds(&catalog, 0).unwrap_err();
    error.to_string()
}

#[test]
fn faults_are_named_with_their_line() {
    let (_folder, catalog, path) = small(&FILES[..6], GOOD);
    assert_eq!(Protocol::Lfw(path).folds(&catalog, 0).unwrap().len(), 2);
    for (from, to, expected) in [
        // The first line.
        (
            "2\t1\n",
            "",
            "line 1: expected LFW's first line, `sets<TAB>pairs` or `pairs`, each number at least 1, found `A",
        ),
        ("2\t1\n", "2\t1\t1\n", "line 1: expected LFW's first line"),
        ("2\t1\n", "0\t1\n", "line 1: expected LFW's first line"),
        ("2\t1\n", "2\t0\n", "line 1: expected LFW's first line"),
        ("2\t1\n", "2\t-1\n", "line 1: expected LFW's first line"),
        (
            "2\t1\n",
            "2\t99999999999999999999\n",
            "line 1: expected LFW's first line",
        ),
        // Counts that are not kept.
        (
            "2\t1\n",
            "4294967295\t4294967295\n",
            "line 3: expected genuine pair 2 of 4294967295 in set 1 of 4294967295",
        ),
        (
            "2\t1\n",
            "3\t1\n",
            "line 6: expected genuine pair 1 of 1 in set 3 of 3, `name<TAB>image<TAB>image`, found the end",
        ),
        (
            "C\t2\tD\t1\n",
            "",
            "line 5: expected impostor pair 1 of 1 in set 2 of 2",
        ),
        ("C\t2\tD\t1\n", "C\t2", "found 2 columns: `C\t2`"),
        (
            "D\t1\n",
            "D\t1\n\nA\t1\t2\n",
            "line 7: expected the end of the list, since line 1 says sets: 2, pairs of each kind in each: 1, found `A",
        ),
        (
            "A\t1\tB\t1\n",
            "A\t2\t1\n",
            "line 3: expected impostor pair 1 of 1 in set 1 of 2, `name<TAB>image<TAB>name<TAB>image`, found 3 columns",
        ),
        (
            "A\t1\t2\n",
            "A\t1\tB\t1\n",
            "line 2: expected genuine pair 1 of 1 in set 1 of 2",
        ),
        // Names and numbers.
        (
            "A\t1\t2\n",
            "A\t1\tx\n",
            "line 2: expected an image number, found `x`",
        ),
        (
            "A\t1\t2\n",
            "A\t1\t+2\n",
            "line 2: expected an image number, found `+2`",
        ),
        ("A\t1\t2\n", "A\t1\t\t\n", "line 2: expected genuine pair"),
        (
            "A\t1\t2\n",
            "A\t1\t3\n",
            "line 2: expected one image `A/A_0003` of any extension, or one whose name ends in 3, found none among the images of `A`: 2",
        ),
        (
            "A\t1\t2\n",
            "A\t2\t02\n",
            "line 2: expected two different images, found image 2 of `A` twice",
        ),
        (
            "A\t1\tB\t1\n",
            "A\t1\tA\t2\n",
            "line 3: expected two different subjects in an impostor pair, found `A` twice",
        ),
        (
            "A\t1\tB\t1\n",
            "A\t1\tb\t1\n",
            "line 3: expected a subject of the catalogue, found `b`",
        ),
        (
            "A\t1\tB\t1\n",
            "A\t1\t\t1\n",
            "line 3: expected impostor pair 1 of 1 in set 1 of 2, `name<TAB>image<TAB>name<TAB>image`, found a name left empty",
        ),
        // People on two sides.
        (
            "C\t2\tD\t1\n",
            "C\t2\tB\t1\n",
            "line 5: expected in set 2 subjects that no other set names, found `B`, which is in set 1 on line 3",
        ),
    ] {
        let list = GOOD.replacen(from, to, 1);
        assert_ne!(list, GOOD);
        let text = message(&list);
        assert!(
            text.contains(expected) && text.contains("list.txt"),
            "{text}\nfor {list:?}"
        );
    }
    assert!(message("").contains("line 1: expected LFW's first line"));
    assert!(message("").contains("an empty file"));

    let (_folder, catalog, path) = small(&FILES, GOOD);
    let text = PairSet::from_list(&catalog, path).unwrap_err().to_string();
    assert!(
        text.contains("found `D/D_0001.jpg` and `D/D_0001.png`"),
        "{text}"
    );

    let (folder, catalog, path) = small(&FILES[..6], GOOD);
    fs::write(&path, b"2\t1\nA\t1\t2\nA\t1\t\xe9\t1\n").unwrap();
    let text = Protocol::Lfw(path)
        .folds(&catalog, 0)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("line 3: expected text, saved as UTF-8"),
        "{text}"
    );
    let missing = Protocol::Lfw(folder.path().to_owned());
    assert!(matches!(missing.folds(&catalog, 0), Err(Error::Io { .. })));
    assert!(matches!(missing.fold_count(), Err(Error::Io { .. })));
}

#[test]
fn paths_and_prefixes_make_protocols() {
    for (text, path) in [
        ("lfw/pairs.txt", "lfw/pairs.txt"),
        ("lfw:pairsDevTest.txt", "pairsDevTest.txt"),
        ("lfw:people.csv", "people.csv"),
    ] {
        let protocol: Protocol = text.parse().unwrap();
        assert_eq!(protocol, Protocol::Lfw(Path::new(path).to_owned()));
        assert_eq!(protocol.to_string(), format!("lfw:{path}"));
        assert_eq!(protocol.to_string().parse::<Protocol>().unwrap(), protocol);
    }
    for name in ["lfw:", "pairsDevTest.txt"] {
        assert!(matches!(
            name.parse::<Protocol>(),
            Err(Error::UnknownProtocol { .. })
        ));
    }
}

proptest! {
    /// Whatever a line is replaced by, the list is read or refused, and never with people on two sides.
    #[test]
    fn a_changed_line_is_read_or_refused(line in 0usize..5, text in "[ABCDE123\t \r\n]{0,12}") {
        let mut lines: Vec<&str> = GOOD.lines().collect();
        lines[line] = &text;
        let catalog = Catalog::from_counts([("A", 2), ("B", 1), ("C", 2), ("D", 1)]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        fs::write(&path, lines.join("\n")).unwrap();
        if let Ok(folds) = Protocol::Lfw(path).folds(&catalog, 0) {
            let mut tested = HashMap::new();
            for (k, fold) in folds.iter().enumerate() {
                for pair in fold.test_pairs().unwrap().iter() {
                    for sample in [pair.a, pair.b] {
                        let subject = catalog.subject_of(sample);
                        prop_assert_eq!(*tested.entry(subject).or_insert(k), k);
                        prop_assert!(fold.split().test().contains(&subject));
                        prop_assert!(!fold.split().train().contains(&subject));
                    }
                }
            }
        }
    }

    #[test]
    fn every_path_survives_printing_and_parsing(path in "\\PC{1,30}") {
        let protocol = Protocol::Lfw(PathBuf::from(path));
        prop_assert_eq!(protocol.to_string().parse::<Protocol>().unwrap(), protocol);
    }
}
