//! One picture under two people, nested sets and alike names: found before training, named, and told of in the report.

use std::fs;

use crate::faces::{IMAGES, Place, face};

/// Faces in which a picture of p1 is also p2's.
fn shared() -> Place {
    let place = Place::new();
    fs::copy(
        place.path("faces/p1/1.pgm"),
        place.path("faces/p2/copy.pgm"),
    )
    .unwrap();
    place
}

#[test]
fn a_picture_under_two_people_is_refused_by_all_who_train_unless_it_is_allowed() {
    let place = shared();
    let named = &["faces/p1/1.pgm and faces/p2/copy.pgm", "--allow-duplicates"];
    place.train("run", &[]).failed(1, named);
    assert!(!place.path("run").exists());
    let crossval = [
        "crossval",
        "tiny.toml",
        "--data",
        "faces",
        "--protocol",
        "k-fold:4",
        "--out",
        "cv",
    ];
    place.siamese(&crossval).failed(1, named);
    assert!(!place.path("cv").exists());
    place.sweep(&[]).failed(1, named);

    place.train("run", &["--allow-duplicates"]).done();
    let report = place.text("run/report.md");
    assert!(
        report.contains("one picture under two subjects"),
        "{report}"
    );
    // The children are allowed what the command is.
    place
        .siamese(&[&crossval[..], &["--allow-duplicates"]].concat())
        .done();
}

#[test]
fn leak_check_of_one_set_tells_people_from_repeats() {
    let place = Place::new();
    fs::copy(
        place.path("faces/p1/1.pgm"),
        place.path("faces/p1/again.pgm"),
    )
    .unwrap();
    let said = place.siamese(&["leak-check", "faces"]).done();
    assert!(
        said.stdout.contains("pictures under two subjects: none"),
        "{said:?}"
    );
    assert!(said.stdout.contains("faces/p1/again.pgm"), "{said:?}");

    fs::copy(place.path("faces/p1/2.pgm"), place.path("faces/p3/x.pgm")).unwrap();
    let said = place.siamese(&["leak-check", "faces"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(
        said.stdout
            .contains("faces/p1/2.pgm and faces/p3/x.pgm (equal)"),
        "{said:?}"
    );
}

#[test]
fn a_nested_set_is_offered_a_layout_and_trains_with_it() {
    let place = Place::new();
    for person in 0..8 {
        for image in 0..IMAGES {
            let group = ["a", "b"][person % 2];
            place.write(
                &format!("nested/{group}/p{person}/{image}.pgm"),
                face(person, image),
            );
        }
    }
    let train = ["train", "tiny.toml", "--data", "nested", "--out", "run"];
    place
        .siamese(&train)
        .failed(1, &["depth 2", "{group}/{subject}/*"]);
    place
        .siamese(&[&train[..], &["--depth", "2"]].concat())
        .done();
}

#[test]
fn a_set_in_parts_is_offered_its_own_protocol_and_trains_by_it() {
    let place = Place::new();
    for person in 0..8 {
        for image in 0..IMAGES {
            let part = ["train", "train", "val", "test"][person / 2];
            place.write(
                &format!("parts/{part}/p{person}/{image}.pgm"),
                face(person, image),
            );
        }
    }
    let train = ["train", "tiny.toml", "--data", "parts", "--out", "run"];
    place
        .siamese(&train)
        .failed(1, &["{part}/{subject}/*", "protocol `folders`"]);
    let in_parts = [
        "--layout",
        "{part}/{subject}/*",
        "--set",
        "protocol.name=folders",
        "--set",
        "pairs.per_kind=8",
    ];
    place.siamese(&[&train[..], &in_parts].concat()).done();

    place.write("parts/test/p0/0.pgm", face(0, 9));
    let pairs = [
        &["pairs", "tiny.toml", "--data", "parts"][..],
        &["--layout", "{part}/{subject}/*"],
        &["--set", "pairs.per_kind=8"],
    ]
    .concat();
    let said = place.siamese(&pairs).done();
    for part in ["test/p0 and train/p0", "*/{subject}/*"] {
        assert!(said.stderr.contains(part), "{part}: {said:?}");
    }
}
