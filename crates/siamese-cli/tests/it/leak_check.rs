//! `leak-check`: what two sets share, by name and by pixels.

use std::fs;

use crate::faces::Place;

/// People `from..to` of the faces in a folder of their own.
fn some_people(place: &Place, folder: &str, people: std::ops::Range<usize>) {
    for person in people {
        for image in 0..crate::faces::IMAGES {
            let file = format!("{folder}/p{}/{}.pgm", person + 1, image + 1);
            place.write(&file, crate::faces::face(person, image));
        }
    }
}

#[test]
fn sets_that_share_nothing_pass_and_sets_that_share_people_do_not() {
    let place = Place::new();
    some_people(&place, "a", 0..4);
    some_people(&place, "b", 4..8);
    let said = place.siamese(&["leak-check", "a", "b"]).done();
    for word in [
        "subjects: none shared",
        "images by name: none shared",
        "by their pixels: none shared",
        "nothing shared was found",
    ] {
        assert!(said.stdout.contains(word), "{said:?}");
    }

    some_people(&place, "c", 3..6);
    let said = place.siamese(&["leak-check", "a", "c"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for word in [
        "subjects: 1 shared",
        "  p4",
        "images by name: 4 shared",
        "p4/1",
        "by their pixels: 4 shared",
        "(equal)",
    ] {
        assert!(said.stdout.contains(word), "{said:?}");
    }
    assert_eq!(said.stderr, "");
    let document = place.siamese(&["leak-check", "a", "c", "--json"]).json();
    assert_eq!(document["leaks"], true);
    assert_eq!(document["shared_people"][0], "p4");
    assert_eq!(document["alike"].as_array().unwrap().len(), 4);
}

#[test]
fn an_image_under_another_name_is_found_by_its_pixels() {
    let place = Place::new();
    some_people(&place, "a", 0..4);
    some_people(&place, "b", 4..8);
    fs::copy(place.path("a/p2/3.pgm"), place.path("b/p7/renamed.pgm")).unwrap();
    let said = place.siamese(&["leak-check", "a", "b"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for word in [
        "subjects: none shared",
        "a/p2/3.pgm and b/p7/renamed.pgm (equal)",
    ] {
        assert!(said.stdout.contains(word), "{said:?}");
    }
    place
        .siamese(&["leak-check", "a", "b", "--names-only"])
        .done();
}

#[test]
fn lists_are_compared_without_any_image() {
    let place = Place::new();
    place.write("train.csv", "subject,part\nann,train\nbob,train\n");
    place.write(
        "pairs.csv",
        "a,b,kind\nbob/1.png,bob/2.png,genuine\nbob/1.png,cyd/1.png,impostor\n",
    );
    let said = place.siamese(&["leak-check", "train.csv", "pairs.csv"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for word in [
        "subjects: 1 shared",
        "  bob",
        "one side names subjects only",
    ] {
        assert!(said.stdout.contains(word), "{said:?}");
    }

    place.write("dev.txt", "1\nann\t1\t2\nann\t1\tdan\t1\n");
    let said = place
        .siamese(&["leak-check", "dev.txt", "pairs.csv"])
        .done();
    assert!(said.stdout.contains("pairs: none shared"), "{said:?}");
    assert!(said.stdout.contains("--images"), "{said:?}");
}

#[test]
fn sets_that_cannot_be_read_are_named() {
    let place = Place::new();
    place.write("wrong.csv", "who,what\nann,1\n");
    place.write("a/p1/1.pgm", b"P5 3 3 255\nxx");
    place.write("a/p1/2.pgm", crate::faces::face(0, 0));
    for (args, words) in [
        (["faces", "nowhere"], &["nowhere"][..]),
        (["wrong.csv", "faces"], &["wrong.csv", "who,what"]),
    ] {
        place
            .siamese(&[&["leak-check"], &args[..]].concat())
            .failed(1, words);
    }
    // An image that cannot be read hides nothing that the names tell.
    let said = place.siamese(&["leak-check", "a", "faces"]);
    assert!(said.stdout.contains("subjects: 1 shared"), "{said:?}");
    said.failed(1, &["a/p1/1.pgm", "pixels could not be"]);
}

#[test]
fn what_cannot_be_read_is_left_out_when_asked() {
    let place = Place::new();
    place.write("faces/p1/cut.pgm", b"P5 4 4 255 abc");
    let check = ["leak-check", "faces"];
    let said = place.siamese(&check).failed(1, &["cut.pgm"]);
    assert!(
        said.stdout
            .contains("not compared, because some could not be read"),
        "{said:?}"
    );

    let skipping = [&check[..], &["--skip-bad"]].concat();
    let said = place.siamese(&skipping).done();
    for part in [
        "cannot be read and are left out: 1",
        "faces/p1/cut.pgm",
        "pictures under two subjects: none",
    ] {
        assert!(said.stdout.contains(part), "{part}: {said:?}");
    }
    let both = ["leak-check", "faces", "faces", "--skip-bad", "--json"];
    let said = place.siamese(&both);
    assert_eq!(said.code, Some(3), "{said:?}");
    let small = [&check[..], &["--max-pixels", "9"]].concat();
    place.siamese(&small).failed(1, &["--max-pixels"]);
}
