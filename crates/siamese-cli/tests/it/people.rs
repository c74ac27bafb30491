//! People in a gallery: `enroll`, `identify`, `gallery`, `forget` and `reembed`, with libtorch and without.

use std::fs;

use crate::faces::{HEIGHT, IMAGES, PEOPLE, Place, Said, WIDTH, pgm};
use crate::used::place;
use siamese_use::gallery::{SqliteStore, Store};

/// A place with a model and the first three pictures of all but the last two people in `staff/`.
fn with_staff() -> Place {
    let place = place(None);
    for person in 1..=PEOPLE - 2 {
        for image in 1..IMAGES {
            let bytes = place.bytes(&format!("faces/p{person}/{image}.pgm"));
            place.write(&format!("staff/p{person}/{image}.pgm"), bytes);
        }
    }
    place
}

const STAFF: usize = (PEOPLE - 2) * (IMAGES - 1);

/// A calibration whose threshold lies at this distance.
fn calibration(place: &Place, threshold: f64, interval: &str) {
    let text = format!(
        r#"{{"direction": "distance", "fusion": "best", "templates_per_subject": 3,
            "made": {{"how": "by hand", "subjects": 40}}, "comparisons": [{{"fmr": 0.001, "threshold": {threshold}}}],
            "searches": [{{"gallery_size": 6, "fpir": 0.05, "threshold": {threshold}, "threshold_interval": {interval}}}]}}"#
    );
    place.write("calibration.json", text);
    let args = [
        "gallery",
        "calibrate",
        "staff.db",
        "--calibration",
        "calibration.json",
    ];
    place.siamese(&args).done();
}

fn enroll(place: &Place, more: &[&str]) -> Said {
    place.siamese(&[&["enroll", "--gallery", "staff.db"], more].concat())
}

pub(crate) fn enrolled() -> Place {
    let place = with_staff();
    enroll(&place, &["--model", "model.safetensors", "staff"]).done();
    place
}

fn identify(place: &Place, more: &[&str]) -> Said {
    place.siamese(&[&["identify", "--gallery", "staff.db"], more].concat())
}

#[test]
fn a_folder_of_people_is_enrolled_once_and_the_gallery_keeps_its_model() {
    let place = with_staff();
    enroll(&place, &["staff"]).failed(1, &["no gallery at staff.db", "--model"]);
    let said = enroll(&place, &["--model", "model.safetensors", "staff", "--json"])
        .done()
        .json();
    assert_eq!(said["templates"], STAFF);
    assert_eq!(said["people"], PEOPLE - 2);
    assert_eq!(said["rejected"].as_array().unwrap().len(), 0);
    fs::remove_file(place.path("model.safetensors")).unwrap();
    let again = enroll(&place, &["staff", "--json"]).done().json();
    assert_eq!(
        (&again["templates"], &again["known"]),
        (&0.into(), &STAFF.into())
    );
    let info = place
        .siamese(&["gallery", "info", "staff.db", "--json"])
        .done()
        .json();
    assert_eq!(info["people"], PEOPLE - 2);
    assert_eq!(info["pictures_kept"], 0);
    assert_eq!(info["generations"][0]["model_kept"], true);
    place.siamese(&["gallery", "check", "staff.db"]).done();
}

#[test]
fn without_a_calibration_there_are_scores_and_no_decision() {
    let place = enrolled();
    let said = identify(&place, &["staff/p1/1.pgm", "--top", "2", "--json"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    let seen = &said.json()["images"][0];
    assert_eq!(seen["decision"], "none");
    assert_eq!(seen["candidates"].as_array().unwrap().len(), 2);
    assert_eq!(seen["candidates"][0]["person"], "p1");
    assert_eq!(seen["candidates"][0]["distance"], 0.0);
    assert_eq!(seen["gallery_size"], PEOPLE - 2);
    assert_eq!(seen["threshold"], serde_json::Value::Null);
    assert!(
        identify(&place, &["staff/p1/1.pgm"])
            .stdout
            .contains("no calibration")
    );
}

#[test]
fn identify_says_match_unknown_and_uncertain_by_its_exit_code() {
    let place = enrolled();
    calibration(&place, 1e-4, "null");
    let said = identify(&place, &["staff/p2/1.pgm", "--fpir", "5%"]).done();
    for words in [
        "Match: p2.",
        "6 people were searched",
        "5 %",
        "galleries of 6",
    ] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
    let stranger = format!("faces/p{PEOPLE}/1.pgm");
    let said = identify(&place, &[&stranger, "--fpir", "0.1%"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for words in ["Unknown", "0.1 % was asked for"] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
    // Of several the worst counts.
    let said = identify(&place, &["staff/p1/1.pgm", &stranger]);
    assert_eq!(said.code, Some(3), "{said:?}");
    let said = identify(&place, &[&stranger, "nobody.pgm", "--json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let error = said.json()["images"][1]["error"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(error.contains("check the path"), "{error}");
    place.write("flat.pgm", pgm(WIDTH, HEIGHT, vec![9; WIDTH * HEIGHT]));
    let said = identify(&place, &["flat.pgm"]);
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("one colour"), "{said:?}");

    calibration(&place, 1e-4, "[-1.0, 2e-4]");
    let said = identify(&place, &["staff/p2/1.pgm", "--fpir", "5%"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stdout.contains("Uncertain: perhaps p2."), "{said:?}");
    identify(&place, &["staff/p2/1.pgm", "--fpir", "2"]).failed(2, &["expected a rate"]);
}

#[test]
fn what_is_rejected_is_listed_and_the_exit_code_says_so() {
    let place = with_staff();
    place.write("staff/p1/empty.pgm", "P5 12 16 255 ");
    place.write(
        "staff/p1/flat.pgm",
        pgm(WIDTH, HEIGHT, vec![7; WIDTH * HEIGHT]),
    );
    place.write("staff/p1/notes.txt", "no image");
    let said = enroll(&place, &["--model", "model.safetensors", "staff", "--json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let document = said.json();
    assert_eq!(document["templates"], STAFF);
    let rejected = document["rejected"].as_array().unwrap();
    let reasons: Vec<&str> = rejected
        .iter()
        .map(|one| one["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[1].contains("one colour"), "{reasons:?}");
    let log = || {
        place
            .siamese(&["gallery", "list", "staff.db", "--rejected", "--json"])
            .done()
            .json()
    };
    let noted = log();
    assert_eq!(noted.as_array().unwrap().len(), 2);
    let said = enroll(&place, &["staff"]);
    assert_eq!(said.code, Some(1));
    for words in ["2 pictures rejected", "flat.pgm (p1)", "18 known before"] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
    assert_eq!(log(), noted, "noted once");
    let strict = ["staff/p2/1.pgm", "--person", "p9", "--min-size", "13"];
    let said = enroll(&place, &strict);
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("too small: 16x12"), "{said:?}");
}

#[test]
fn one_face_under_two_people_is_refused_unless_told() {
    let place = enrolled();
    let twice = ["staff/p1/1.pgm", "--person", "other"];
    let said = enroll(&place, &twice);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stdout
            .contains("the very same picture is enrolled for \"p1\""),
        "{said:?}"
    );
    assert_eq!(
        place
            .siamese(&["gallery", "info", "staff.db", "--json"])
            .json()["people"],
        PEOPLE - 2
    );
    let said = enroll(&place, &[&twice[..], &["--on-duplicate", "warn"]].concat()).done();
    assert!(
        said.stdout.contains("enrolled for \"other\", though"),
        "{said:?}"
    );
    // Told once.
    enroll(&place, &twice).done();

    // By the score: the same face in another picture, where the calibration shows a rate so small.
    let mut darker = place.bytes("staff/p3/1.pgm");
    let begin = darker.len() - WIDTH * HEIGHT;
    darker[begin] ^= 1;
    place.write("darker.pgm", darker);
    calibration(&place, 0.2, "null");
    let said = enroll(&place, &["darker.pgm", "--person", "p3b"]);
    assert!(said.stdout.contains("it looks like \"p3\""), "{said:?}");
    assert_eq!(said.code, Some(1), "{said:?}");
    enroll(
        &place,
        &["darker.pgm", "--person", "p3b", "--on-duplicate", "allow"],
    )
    .done();
}

#[test]
fn a_list_gives_names_expiry_metadata_and_boxes() {
    let place = with_staff();
    let mut samples = vec![0; 3 * WIDTH * 2 * HEIGHT];
    let face = place.bytes("staff/p1/1.pgm");
    let pixels = &face[face.len() - WIDTH * HEIGHT..];
    for (y, row) in pixels.chunks_exact(WIDTH).enumerate() {
        samples[(y + 5) * 3 * WIDTH + 7..][..WIDTH].copy_from_slice(row);
    }
    place.write("pictures/group.pgm", pgm(3 * WIDTH, 2 * HEIGHT, samples));
    place.write("pictures/2.pgm", place.bytes("staff/p2/1.pgm"));
    let list = "id,path,name,expires,room,x,y,width,height\n\
                ada,group.pgm,Ada L.,2001-01-01,12,7,5,12,16\n\
                grace,2.pgm,,,,,,,\n";
    place.write("pictures/list.csv", list);
    enroll(
        &place,
        &["--model", "model.safetensors", "pictures/list.csv"],
    )
    .done();
    let people = place
        .siamese(&["gallery", "list", "staff.db", "--json"])
        .done()
        .json();
    assert_eq!(people[0]["name"], "Ada L.");
    assert_eq!(people[0]["metadata"]["room"], "12");
    assert_eq!(people[0]["expires_ms"], 978_307_200_000_i64);
    // Whoever has expired is not found, and the pixels in the box are the picture.
    let seen =
        |args: &[&str]| identify(&place, &[args, &["--json"]].concat()).json()["images"][0].clone();
    assert_eq!(
        seen(&["staff/p1/1.pgm"])["candidates"][0]["person"],
        "grace"
    );
    enroll(
        &place,
        &[
            "staff/p1/1.pgm",
            "--person",
            "ada",
            "--expires",
            "2999-12-31",
        ],
    )
    .done();
    let found = seen(&["pictures/group.pgm", "--box", "7,5,12,16"]);
    assert_eq!(found["candidates"][0]["person"], "ada");
    assert_eq!(found["candidates"][0]["distance"], 0.0);
    assert_eq!(found["candidates"][0]["name"], "Ada L.");
    // Among the people of one room alone.
    let found = seen(&["staff/p2/1.pgm", "--among", "room=12"]);
    assert_eq!(
        (&found["gallery_size"], &found["candidates"][0]["person"]),
        (&1.into(), &"ada".into())
    );
    let said = identify(&place, &["staff/p2/1.pgm", "--among", "room=13"]);
    assert!(
        said.stderr
            .contains("nobody who is searched in it has room=13"),
        "{said:?}"
    );
    let whole = identify(&place, &["pictures/group.pgm"]);
    whole.failed(1, &[]);

    place.write("bad.csv", "id,path\nada,1.pgm\n,2.pgm\n");
    enroll(&place, &["bad.csv"]).failed(1, &["bad.csv, line 3", "id is empty"]);
    place.write("bad.csv", "person,path\nada,1.pgm\n");
    enroll(&place, &["bad.csv"]).failed(1, &["bad.csv, line 1", "no column id"]);
    place.write("bad.csv", "id,path,expires\nada,1.pgm,soon\n");
    enroll(&place, &["bad.csv"]).failed(1, &["line 2", "2027-01-31", "soon"]);
    place.write(
        "boxes.csv",
        "path,x,y,width,height\nelsewhere.pgm,0,0,1,1\n",
    );
    let boxes = ["staff", "--boxes", "boxes.csv"];
    enroll(&place, &boxes).failed(1, &["boxes.csv", "elsewhere.pgm"]);
    place.write(
        "other-boxes.csv",
        "path,x,y,width,height\nstaff/p1/1.pgm,0,0,9,9\nstaff/p1/2.pgm,0,0,9,9\n",
    );
    identify(&place, &["staff/p1/1.pgm", "--boxes", "other-boxes.csv"])
        .failed(1, &["other-boxes.csv", "staff/p1/2.pgm"]);
    enroll(&place, &["staff", "--box", "0,0,1,1"]).failed(2, &["--boxes"]);
    enroll(&place, &["staff/p1/1.pgm"]).failed(2, &["--person"]);
    enroll(&place, &["staff", "staff"]).failed(2, &["--person"]);
}

#[test]
fn forgetting_leaves_no_byte() {
    let place = enrolled();
    let args = [
        "faces/p7/1.pgm",
        "--person",
        "somebody-else",
        "--name",
        "Nobody Atall",
    ];
    enroll(&place, &[&args[..], &["--keep-pictures"]].concat()).done();
    let picture = place.bytes("faces/p7/1.pgm");
    let file = || place.bytes("staff.db");
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    let traces = [&b"somebody-else"[..], b"Nobody Atall", &picture];
    // Somebody else with the same picture: what is noted must not name the first.
    enroll(&place, &["faces/p7/1.pgm", "--person", "p1"]).failed(1, &[]);
    place.siamese(&["gallery", "compact", "staff.db"]).done();
    assert!(traces.iter().all(|trace| holds(&file(), trace)));
    place
        .siamese(&["forget", "--gallery", "staff.db", "somebody-else"])
        .done();
    assert!(!traces.iter().any(|trace| holds(&file(), trace)));
    for entry in fs::read_dir(place.path(".")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with("staff.db-"), "{name} is left");
    }
    let forget =
        |more: &[&str]| place.siamese(&[&["forget", "--gallery", "staff.db"], more].concat());
    forget(&["somebody-else"]).failed(1, &["somebody-else"]);
    // The others are forgotten all the same.
    let said = forget(&["p6", "somebody-else", "nobody-either"]);
    let said = said.failed(1, &["somebody-else", "nobody-either"]);
    assert!(said.stdout.contains("Forgotten: p6."), "{said:?}");
    let store = SqliteStore::open(&place.path("staff.db")).unwrap();
    let mut once = true;
    let read = store.each_template(1, &mut |_| {
        if std::mem::take(&mut once) {
            forget(&["p4", "p5"]).failed(1, &["p4", "p5", "compact"]);
        }
        Ok(())
    });
    read.unwrap();
    let list = place.siamese(&["gallery", "list", "staff.db"]).done();
    assert!(
        !list.stdout.contains("p4") && !list.stdout.contains("p5"),
        "{list:?}"
    );
    forget(&[]).failed(2, &["Usage"]);
    enroll(
        &place,
        &[
            "staff/p1/1.pgm",
            "--person",
            "p1",
            "--expires",
            "2001-01-01",
        ],
    )
    .done();
    let said = forget(&["--expired", "--json"]).done().json();
    assert_eq!(said["forgotten"], serde_json::json!(["p1"]));
}

#[test]
fn what_was_rejected_is_forgotten_with_its_person() {
    let place = enrolled();
    let flat =
        |path: &str, grey: u8| place.write(path, pgm(WIDTH, HEIGHT, vec![grey; WIDTH * HEIGHT]));
    let noted = || {
        let list = ["gallery", "list", "staff.db", "--rejected", "--json"];
        let notes = place.siamese(&list).done().json();
        let people = notes.as_array().unwrap().iter();
        people
            .map(|note| note["person"].clone())
            .collect::<Vec<_>>()
    };
    let forget = |who: &str| place.siamese(&["forget", "--gallery", "staff.db", who, "--json"]);
    // Noted before the person is there, in one enrolment and in an earlier one.
    flat("new/p7/0.pgm", 7);
    place.write("new/p7/1.pgm", place.bytes("faces/p7/1.pgm"));
    enroll(&place, &["new"]).failed(1, &[]);
    assert_eq!(noted(), ["p7"]);
    forget("p7").done();
    assert_eq!(noted(), [""; 0]);
    enroll(&place, &["new/p7/0.pgm", "--person", "p7"]).failed(1, &[]);
    assert_eq!(noted(), [serde_json::Value::Null]);
    enroll(&place, &["new"]).failed(1, &[]);
    assert_eq!(noted(), ["p7"]);
    // Of somebody who never came.
    flat("flat.pgm", 9);
    enroll(&place, &["flat.pgm", "--person", "nobody"]).failed(1, &[]);
    assert_eq!(forget("--rejections").done().json()["rejections"], 1);
    assert_eq!(noted(), ["p7"]);
}

#[test]
fn an_export_is_imported_as_it_was() {
    let place = enrolled();
    let list = |gallery: &str| place.siamese(&["gallery", "list", gallery]).done().stdout;
    place
        .siamese(&["gallery", "export", "staff.db", "out"])
        .done();
    place
        .siamese(&["gallery", "export", "staff.db", "out"])
        .failed(1, &["out", "exists"]);
    place
        .siamese(&["gallery", "import", "out", "copy.db"])
        .done();
    assert_eq!(list("copy.db"), list("staff.db"));
    let args = ["identify", "--gallery", "copy.db", "staff/p3/2.pgm"];
    assert!(place.siamese(&args).stdout.contains("p3  0.0000"));
    place
        .siamese(&["gallery", "info", "none.db"])
        .failed(1, &["none.db"]);
}

/// The same recipe with other weights.
pub(crate) fn another_model(place: &Place) {
    let other = crate::used::place_of_seed(77);
    place.write("other.safetensors", other.bytes("model.safetensors"));
}

#[test]
fn another_model_is_refused_with_the_command_that_moves_the_gallery() {
    let place = enrolled();
    another_model(&place);
    let words = [
        "staff.db",
        "other.safetensors",
        "siamese reembed --gallery staff.db --model other.safetensors",
    ];
    enroll(&place, &["--model", "other.safetensors", "staff"]).failed(1, &words);
    let calibrate = [
        "gallery",
        "calibrate",
        "staff.db",
        "--model",
        "other.safetensors",
    ];
    place.siamese(&calibrate).failed(1, &words);
}

#[test]
fn a_gallery_moves_to_a_new_model_and_back() {
    let place = enrolled();
    another_model(&place);
    enroll(
        &place,
        &["faces/p7/1.pgm", "--person", "p7", "--keep-pictures"],
    )
    .done();
    let reembed = |model: &str, more: &[&str]| {
        place.siamese(
            &[
                &["reembed", "--gallery", "staff.db", "--model", model],
                more,
            ]
            .concat(),
        )
    };
    // All but one picture are missing.
    let said = reembed("other.safetensors", &[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stdout.contains("goes on with its old model"),
        "{said:?}"
    );
    assert!(
        identify(&place, &["staff/p1/1.pgm"])
            .stdout
            .contains("p1  0.0000")
    );
    // In a folder, under other names.
    for (at, image) in fs::read_dir(place.path("staff")).unwrap().enumerate() {
        fs::rename(image.unwrap().path(), place.path(&format!("staff/{at}"))).unwrap();
    }
    calibration(&place, 1e-4, "null");
    let said = reembed("other.safetensors", &["--pictures", "staff", "--json"])
        .done()
        .json();
    assert_eq!(said["templates"], STAFF);
    assert_eq!(said["known"], 1);
    assert_eq!(
        said["calibrated"], false,
        "a calibration belongs to its model"
    );
    fs::remove_file(place.path("other.safetensors")).unwrap();
    let said = identify(&place, &["faces/p1/1.pgm", "faces/p7/1.pgm"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    for words in ["p1  0.0000", "p7  0.0000"] {
        assert!(said.stdout.contains(words), "{said:?}");
    }
    // Back, with nothing to be made, and the calibration is there.
    let said = reembed("model.safetensors", &["--prune", "--json"])
        .done()
        .json();
    assert_eq!(
        (&said["templates"], &said["calibrated"]),
        (&0.into(), &true.into())
    );
    assert_eq!(said["pruned_generations"], serde_json::json!([2]));
    let info = place
        .siamese(&["gallery", "info", "staff.db", "--json"])
        .json();
    assert_eq!(info["generations"].as_array().unwrap().len(), 1);
}

#[test]
fn whoever_has_no_picture_for_the_new_model_stays_without_a_template() {
    let place = enrolled();
    another_model(&place);
    enroll(
        &place,
        &["faces/p7/1.pgm", "--person", "p7", "--keep-pictures"],
    )
    .done();
    let args = [
        "reembed",
        "--gallery",
        "staff.db",
        "--model",
        "other.safetensors",
        "--leave-out",
        "--json",
    ];
    let said = place.siamese(&args).done().json();
    assert_eq!(said["missing"].as_array().unwrap().len(), STAFF);
    assert_eq!(said["without"].as_array().unwrap().len(), PEOPLE - 2);
    let people = place
        .siamese(&["gallery", "list", "staff.db", "--json"])
        .json();
    assert_eq!(people.as_array().unwrap().len(), PEOPLE - 1);
}

#[test]
fn a_calibration_comes_with_the_model_or_is_taken_over_later() {
    let place = with_staff();
    let calibrate = |out: &str, fusion: &str| {
        let args = [
            "calibrate",
            "model.safetensors",
            "--data",
            "faces",
            "--templates",
            "3",
        ];
        place
            .siamese(&[&args[..], &["--fusion", fusion, "--out", out]].concat())
            .done();
    };
    calibrate("best.safetensors", "best");
    calibrate("mean.safetensors", "mean");
    let generation = || {
        let info = place
            .siamese(&["gallery", "info", "staff.db", "--json"])
            .done()
            .json();
        let active = info["active"].as_u64().unwrap() as usize;
        info["generations"][active - 1].clone()
    };
    enroll(&place, &["--model", "model.safetensors", "staff"]).done();
    assert_eq!(generation()["calibration"], serde_json::Value::Null);
    let take = |model: &str| place.siamese(&["gallery", "calibrate", "staff.db", "--model", model]);
    take("model.safetensors").failed(1, &["holds no calibration", "siamese calibrate"]);
    take("best.safetensors").done();
    assert_eq!(generation()["calibration"]["made"]["subjects"], PEOPLE);
    let decided = identify(&place, &["staff/p1/1.pgm", "--fpir", "10%", "--json"]).json();
    assert!(
        decided["images"][0]["candidates"][0]["fmr_at_score"].is_number(),
        "{decided}"
    );
    assert!(
        identify(&place, &["staff/p1/1.pgm"])
            .stdout
            .contains("strangers as close")
    );

    // Another fusion: the same templates, copied.
    take("mean.safetensors").failed(1, &["fusion Mean", "siamese reembed"]);
    let args = [
        "reembed",
        "--gallery",
        "staff.db",
        "--model",
        "mean.safetensors",
        "--json",
    ];
    let said = place.siamese(&args).done().json();
    assert_eq!(
        (&said["templates"], &said["calibrated"]),
        (&STAFF.into(), &true.into())
    );
    assert_eq!(generation()["fusion"], "mean");
    // Somebody with fewer templates than people had in the calibration.
    let warned = "somebody has 1 here: more strangers";
    let said = identify(&place, &["staff/p1/1.pgm"]);
    assert!(!said.stdout.contains(warned), "{said:?}");
    let said = enroll(
        &place,
        &[
            "faces/p7/1.pgm",
            "--person",
            "p7",
            "--on-duplicate",
            "allow",
        ],
    )
    .done();
    assert!(said.stdout.contains(warned), "{said:?}");
    let said = identify(&place, &["staff/p1/1.pgm"]);
    assert!(said.stdout.contains(warned), "{said:?}");
    take("mean.safetensors").done();

    // A newer calibration of a model that the gallery has.
    let args = [
        "calibrate",
        "model.safetensors",
        "--data",
        "staff",
        "--templates",
        "2",
        "--out",
        "newer.safetensors",
    ];
    place.siamese(&args).done();
    let args = [
        "reembed",
        "--gallery",
        "staff.db",
        "--model",
        "newer.safetensors",
    ];
    place.siamese(&args).done();
    assert_eq!(generation()["fusion"], "best");
    assert_eq!(generation()["calibration"]["made"]["subjects"], PEOPLE - 2);

    fs::remove_file(place.path("staff.db")).unwrap();
    enroll(&place, &["--model", "mean.safetensors", "staff"]).done();
    assert_eq!(
        (&generation()["number"], &generation()["fusion"]),
        (&1.into(), &"mean".into())
    );
    assert_eq!(generation()["calibration"]["made"]["subjects"], PEOPLE);
}

#[test]
fn a_model_by_whose_metric_no_gallery_searches_is_refused() {
    let place = Place::new();
    let text = "name = 'small'\n[encoder]\ninput = [1, 16, 12]\nlayers = ['flatten']\n[loss]\nkind = 'contrastive'\n\
                distance = 'l1'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 1";
    let recipe = siamese_net::Recipe::parse::<&str>(text, "small.toml", &[]).unwrap();
    let provenance = siamese_net::Provenance::default();
    let path = place.path("l1.safetensors");
    siamese_net::ModelFile::write(&path, &recipe, None, &provenance, &[]).unwrap();
    enroll(&place, &["--model", "l1.safetensors", "faces"]).failed(1, &["l1 distance", "verify"]);
    assert!(!place.path("staff.db").exists());
}

#[cfg(feature = "postgres")]
#[test]
fn a_password_in_an_address_that_is_refused_is_not_shown() {
    let place = Place::new();
    for address in [
        "postgres://ada:secret@example.org/faces?gallery=a&sslmode=prefer",
        "postgres://ada:secret@localhost/faces?galery=a",
    ] {
        let said = place.siamese(&["gallery", "info", address]);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(
            said.stderr.contains("PostgreSQL") && !said.stderr.contains("secret"),
            "{said:?}"
        );
    }
}
