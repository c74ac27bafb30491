//! One-shot tests: runs of trials as folders.
use std::fs;
use std::path::Path;

use pairgen::{Catalog, Error, OneShotRuns, PairKind, Protocol};
use tempfile::TempDir;

use crate::tree::tree;

/// Two runs of three classes and two items.
fn runs() -> TempDir {
    let files = ["run1", "run2"].iter().flat_map(|run| {
        [
            "training/a.png",
            "training/b.png",
            "training/c.png",
            "test/1.png",
            "test/2.png",
        ]
        .map(|file| format!("{run}/{file}"))
    });
    let files: Vec<String> = files.collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let root = tree(&files);
    label(
        root.path(),
        "run1",
        "run1/test/1.png run1/training/b.png\nrun1/test/2.png run1/training/a.png\n",
    );
    label(
        root.path(),
        "run2",
        "test/1.png\ttraining/c.png\ntest/2.png\ttraining/c.png\n",
    );
    root
}

fn label(root: &Path, run: &str, lines: &str) {
    fs::write(root.join(run).join("class_labels.txt"), lines).unwrap();
}

fn background() -> Catalog {
    Catalog::from_counts([("Greek/alpha", 3), ("Latin/a", 2), ("zeta/z", 2)]).unwrap()
}

fn protocol() -> Protocol {
    "one-shot:runs".parse().unwrap()
}

#[test]
fn the_runs_test_and_everybody_else_trains() {
    let root = runs();
    let catalog = background()
        .with_runs(&OneShotRuns::read(root.path()).unwrap())
        .unwrap();
    assert_eq!((catalog.subjects(), catalog.len()), (9, 17));
    assert_eq!(protocol().to_string(), "one-shot:runs");
    let folds = protocol().folds(&catalog, 0).unwrap();
    assert_eq!((folds.len(), protocol().fold_count().unwrap()), (1, 1));
    let name = |&subject: &u32| catalog.subject_name(subject);
    let train: Vec<&str> = folds[0].split().train().iter().map(name).collect();
    assert_eq!(train, ["Greek/alpha", "Latin/a", "zeta/z"]);

    let trials = folds[0].trials().unwrap();
    let of_run: Vec<_> = trials
        .runs()
        .iter()
        .map(|run| (&*run.name, run.ways, run.trials))
        .collect();
    assert_eq!(of_run, [("run1", 3, 2), ("run2", 3, 2)]);
    assert_eq!(
        (
            trials.len(),
            trials.is_empty(),
            trials.runs()[0].group.is_some()
        ),
        (4, false, false)
    );
    // Each trial: the item with every class of its run, once with its own.
    let pairs = folds[0].test_pairs().unwrap();
    let own = [1, 0, 2, 2];
    assert_eq!(pairs.len(), 12);
    for (trial, own) in own.into_iter().enumerate() {
        for way in 0..3 {
            let pair = pairs.get(3 * trial + way);
            let kind = if way == own {
                PairKind::Genuine
            } else {
                PairKind::Impostor
            };
            assert_eq!(pair.kind, kind);
            let class = catalog.path(pair.b).file_stem().unwrap();
            assert_eq!(class, ["a", "b", "c"][way]);
            assert_eq!(
                catalog.path(pair.a).parent().unwrap().file_name().unwrap(),
                "test"
            );
        }
    }
}

#[test]
fn runs_are_groups_where_subjects_have_groups() {
    let root = runs();
    let grouped = background().with_groups(|name| name.split('/').next().unwrap().to_owned());
    let catalog = grouped
        .with_runs(&OneShotRuns::read(root.path()).unwrap())
        .unwrap();
    let group = |name: &str| {
        let subject = catalog.subject_by_name(name).unwrap();
        catalog.group_name(catalog.group_of(subject).unwrap())
    };
    assert_eq!([group("Latin/a"), group("run2/c")], ["Latin", "run2"]);
}

#[test]
fn omniglots_runs_lie_beside_the_set_and_are_twenty() {
    let omniglot: Protocol = "omniglot-runs".parse().unwrap();
    let beside = omniglot.runs(Path::new("omniglot/images_background_small1"));
    assert_eq!(beside.unwrap(), Path::new("omniglot/all_runs"));
    for (data, runs) in [
        ("small1", "all_runs"),
        (".", "./../all_runs"),
        ("sets/..", "sets/../../all_runs"),
    ] {
        assert_eq!(omniglot.runs(Path::new(data)).unwrap(), Path::new(runs));
    }
    assert_eq!(Protocol::KFold(2).runs(Path::new("faces")), None);
    let root = runs();
    let catalog = background()
        .with_runs(&OneShotRuns::read(root.path()).unwrap())
        .unwrap();
    let said = omniglot.folds(&catalog, 0).unwrap_err().to_string();
    for word in [
        "20 runs of 20 classes",
        "2 runs with 4 items",
        "one-shot:DIR",
    ] {
        assert!(said.contains(word), "{said}");
    }
    let said = omniglot.folds(&background(), 0).unwrap_err();
    assert!(matches!(said, Error::ProtocolMismatch { .. }), "{said}");
}

#[test]
fn omniglots_runs_are_paired_by_alphabet() {
    let files = (1..=20).flat_map(|run| {
        (1..=20).flat_map(move |n| {
            [
                format!("run{run:02}/training/class{n:02}.png"),
                format!("run{run:02}/test/item{n:02}.png"),
            ]
        })
    });
    let files: Vec<String> = files.collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let root = tree(&files);
    for run in 1..=20 {
        let line = |n| {
            format!(
                "run{run:02}/test/item{n:02}.png run{run:02}/training/class{:02}.png\n",
                21 - n
            )
        };
        label(
            root.path(),
            &format!("run{run:02}"),
            &(1..=20).map(line).collect::<String>(),
        );
    }
    let catalog = background()
        .with_runs(&OneShotRuns::read(root.path()).unwrap())
        .unwrap();
    let fold = Protocol::OmniglotRuns
        .fold(&catalog, 0, 0)
        .unwrap()
        .unwrap();
    let trials = fold.trials().unwrap();
    assert_eq!(trials.len(), 400);
    let groups: Vec<&str> = trials
        .runs()
        .iter()
        .map(|run| run.group.as_deref().unwrap())
        .collect();
    assert_eq!(
        groups[..3],
        ["runs 1 and 2", "runs 1 and 2", "runs 3 and 4"]
    );
    assert_eq!(groups[19], "runs 19 and 20");
}

#[test]
fn faults_are_named_with_their_line() {
    let root = runs();
    let read = || OneShotRuns::read(root.path()).unwrap_err().to_string();
    for (lines, words) in [
        (
            "run1/test/1.png\n",
            "line 1: expected the path of an item and the path of its class",
        ),
        (
            "run1/test/9.png run1/training/a.png\n",
            "no such file: `run1/test/9.png`",
        ),
        (
            "run1/test/1.png run1/training/z.png\n",
            "expected a class, an image in the run's folder `training`",
        ),
        (
            "run1/test/1.png run2/training/a.png\n",
            "expected a class, an image in the run's folder `training`",
        ),
        (
            "test/1.png training/a.png\n\ntest/1.png training/b.png\n",
            "line 3: expected each item once",
        ),
        (
            "training/b.png training/a.png\n",
            "expected an item that is no class's own image",
        ),
        ("\n", "no line in its class_labels.txt"),
    ] {
        label(root.path(), "run1", lines);
        let said = read();
        assert!(said.contains(words), "{lines:?}: {said}");
    }
    label(root.path(), "run1", "test/1.png training/a.png\n");
    for class in ["a", "b"] {
        fs::remove_file(root.path().join(format!("run1/training/{class}.png"))).unwrap();
    }
    assert!(read().contains("one image in its folder `training`"));
    let empty = tree(&["notes/README"]);
    let said = OneShotRuns::read(empty.path()).unwrap_err().to_string();
    assert!(
        said.contains("class_labels.txt") && said.contains("`training`"),
        "{said}"
    );
    assert!(matches!(
        OneShotRuns::read(empty.path().join("x")),
        Err(Error::Io { .. })
    ));
}

#[test]
fn a_class_called_like_a_subject_is_refused() {
    let root = runs();
    let runs = OneShotRuns::read(root.path()).unwrap();
    let clash = Catalog::from_counts([("run1/a", 3), ("b", 2)]).unwrap();
    let said = clash.with_runs(&runs).unwrap_err();
    assert!(
        matches!(&said, Error::SubjectTwice { name } if name == "run1/a"),
        "{said}"
    );
}
