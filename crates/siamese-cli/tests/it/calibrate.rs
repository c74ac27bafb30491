//! `siamese calibrate`: thresholds on subjects that the model does not know.

use std::fs;

use siamese_net::{Fingerprints, ImageStack, ModelCard, ModelFile, ModelParts};

use crate::faces::{IMAGES, PEOPLE};
use crate::used::place;

const CALIBRATE: [&str; 4] = ["calibrate", "model.safetensors", "--data", "faces"];

#[test]
fn a_picture_under_two_subjects_is_refused_unless_it_is_allowed() {
    let place = place(Some(0.5));
    let copy = place.path("faces/p2/copy.pgm");
    fs::copy(place.path("faces/p1/1.pgm"), copy).unwrap();
    let named = ["faces/p1/1.pgm and faces/p2/copy.pgm", "--allow-duplicates"];
    place.siamese(&CALIBRATE).failed(1, &named);
    let allowed = [&CALIBRATE[..], &["--allow-duplicates"]].concat();
    let said = place.siamese(&allowed).done().stderr;
    assert!(said.contains("one picture under two subjects"), "{said}");
}

#[test]
fn a_model_is_calibrated_as_far_as_the_comparisons_support() {
    let place = place(Some(0.5));
    let before = ModelFile::read(&place.path("model.safetensors")).unwrap();
    let said = place
        .siamese(&[&CALIBRATE[..], &["--json"]].concat())
        .done();
    let document = said.json();
    let calibration = &document["calibration"];
    assert_eq!(document["checked"], "not-checked");
    assert_eq!(calibration["made"]["how"], "images in faces");
    assert_eq!(
        calibration["made"]["genuine"],
        PEOPLE * IMAGES * (IMAGES - 1) / 2
    );
    let impostor = PEOPLE * (PEOPLE - 1) / 2 * IMAGES * IMAGES;
    assert_eq!(calibration["made"]["impostor"], impostor);
    // 448 comparisons show 1 % and not 0.1 %, and eight people alone would show neither.
    let rates: Vec<_> = calibration["comparisons"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(rates.len(), 2);
    assert_eq!(
        (rates[1]["fmr"].as_f64(), rates[1]["weak"].as_bool()),
        (Some(0.01), Some(true))
    );
    assert_eq!(
        calibration["searches"].as_array().unwrap().len(),
        0,
        "32 probes show no 10 %?"
    );

    let after = ModelFile::read(&place.path("model.safetensors")).unwrap();
    let path = place.path("model.safetensors");
    assert_eq!(
        after.contract(&path).unwrap(),
        before.contract(&path).unwrap()
    );
    let stored = after.card.calibration.unwrap();
    assert_eq!(serde_json::to_value(&stored).unwrap(), *calibration);

    let shown = place
        .siamese(&["inspect", "model.safetensors"])
        .done()
        .stdout;
    for words in [
        "calibrated on 8 subjects",
        "FMR",
        "weak",
        "genuine below distance",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // Exported, it is in the metadata.
    place
        .siamese(&["export", "model.safetensors", "--onnx", "m.onnx"])
        .done();
    let onnx = place.bytes("m.onnx");
    let how: &[u8] = b"\"how\":\"images in faces\"";
    assert!(onnx.windows(how.len()).any(|part| part == how));
    // Again: said, and the same bytes.
    let first = place.bytes("model.safetensors");
    let again = place.siamese(&CALIBRATE).done();
    assert!(
        again.stdout.contains("It replaces one on 8 subjects"),
        "{again:?}"
    );
    assert!(again.stdout.contains("cannot be checked"), "{again:?}");
    assert_eq!(place.bytes("model.safetensors"), first);
}

#[test]
fn rates_that_nothing_shows_are_refused_with_the_number_of_people_needed() {
    let place = place(None);
    let before = place.bytes("model.safetensors");
    let said = place.siamese(&[&CALIBRATE[..], &["--fmr", "0.1%"]].concat());
    said.failed(
        1,
        &[
            "--fmr 0.1 %",
            "448 impostor comparisons",
            "0.67 %",
            "about 20 subjects",
            "3000",
        ],
    );
    assert_eq!(place.bytes("model.safetensors"), before);
    place
        .siamese(&[&CALIBRATE[..], &["--fmr", "0.8%"]].concat())
        .done();
    place
        .siamese(&[&CALIBRATE[..], &["--fmr", "2"]].concat())
        .failed(2, &["--fmr"]);
    place
        .siamese(&["calibrate", "model.safetensors"])
        .failed(2, &["--data"]);
}

#[test]
fn people_whom_the_model_has_learnt_from_are_refused() {
    let place = place(None);
    let path = place.path("model.safetensors");
    let file = ModelFile::read(&path).unwrap();
    let recipe = &file.card.recipe;
    let learnt = ["faces/p3/1.pgm", "faces/p3/2.pgm", "faces/p5/4.pgm"].map(|name| {
        siamese_net::Picture::from(&place.path(name))
            .planes(recipe)
            .unwrap()
    });
    let views = learnt.each_ref().map(|image| image.view());
    let stack = ImageStack::of_planes(ndarray::stack(ndarray::Axis(0), &views).unwrap()).unwrap();
    let known = Fingerprints::of_images(&stack, &[0, 1, 2]).unwrap();
    let tensors: Vec<_> = file
        .card
        .tensors
        .iter()
        .map(|(name, _)| (name.clone(), file.tensor(name).unwrap()))
        .collect();
    let parts = ModelParts {
        recipe,
        threshold: None,
        calibration: None,
        fingerprints: known.as_ref(),
        domain: None,
        provenance: &file.card.provenance,
    };
    parts.write(&path, &tensors).unwrap();
    let words = ["3 of these images", "2 of 8 subjects (p3, p5)"];
    place.siamese(&CALIBRATE).failed(1, &words);
    for person in ["p3", "p5"] {
        fs::remove_dir_all(place.path("faces").join(person)).unwrap();
    }
    let said = place.siamese(&CALIBRATE).done();
    assert!(said.stdout.contains("No image of theirs"), "{said:?}");
    let shown = place.siamese(&["inspect", "model.safetensors"]).done();
    assert!(
        shown.stdout.contains("fingerprints of 3 images"),
        "{shown:?}"
    );
}

#[test]
fn nearly_equal_training_pictures_are_refused() {
    let place = place(None);
    fs::create_dir_all(place.path("learnt/x")).unwrap();
    fs::copy(
        place.path("faces/p2/1.pgm"),
        place.path("learnt/x/another-name.pgm"),
    )
    .unwrap();
    let said = place.siamese(&[&CALIBRATE[..], &["--training-data", "learnt"]].concat());
    said.failed(1, &["learnt", "another-name.pgm", "p2"]);
}

#[test]
fn groups_come_from_a_column_of_the_list() {
    let place = place(None);
    let mut list = "path,subject,light\n".to_owned();
    for person in 1..=PEOPLE {
        for image in 1..=IMAGES {
            let light = if person <= 4 { "day" } else { "night" };
            list.push_str(&format!("faces/p{person}/{image}.pgm,p{person},{light}\n"));
        }
    }
    place.write("list.csv", &list);
    let calibrate = |more: &[&str]| {
        let args = ["calibrate", "model.safetensors", "--data", "list.csv"];
        place.siamese(&[&args[..], more].concat())
    };
    let document = calibrate(&["--group", "light", "--json"]).done().json();
    let groups = &document["calibration"]["groups"];
    assert_eq!(
        (&groups[0]["name"], &groups[1]["name"]),
        (&"day".into(), &"night".into())
    );
    let day = &groups[0]["at"][0];
    assert_eq!(day["fmr"]["comparisons"], 6 * IMAGES * IMAGES);
    assert_eq!(day["fnmr"]["comparisons"], 4 * IMAGES * (IMAGES - 1) / 2);
    calibrate(&["--group", "sex"]).failed(1, &["list.csv", "no column sex", "path,subject,light"]);
    place.write(
        "list.csv",
        list.replace("p1/2.pgm,p1,day", "p1/2.pgm,p1,night"),
    );
    calibrate(&["--group", "light"]).failed(1, &["line 3", "p1", "a subject has one group"]);
    let folder = [&CALIBRATE[..], &["--group", "light"]].concat();
    place.siamese(&folder).failed(1, &["faces is no list"]);
}

#[test]
fn scores_that_are_there_already_give_the_same_thresholds() {
    let place = place(Some(0.5));
    let eval = [
        "eval",
        "model.safetensors",
        "--data",
        "faces",
        "--protocol",
        "all",
    ];
    let more = ["--scores", "scores.csv", "--no-report"];
    place.siamese(&[&eval[..], &more].concat()).done();
    let of_scores = ["calibrate", "model.safetensors", "--scores", "scores.csv"];
    let from = |args: &[&str]| {
        let said = place.siamese(&[args, &["--json"]].concat()).done();
        said.json()["calibration"]["comparisons"].clone()
    };
    let of = |points: &serde_json::Value| -> Vec<f64> {
        let points = points.as_array().unwrap().iter();
        points
            .map(|point| point["threshold"].as_f64().unwrap())
            .collect()
    };
    let (one, other) = (of(&from(&of_scores)), of(&from(&CALIBRATE)));
    assert_eq!((one.len(), other.len()), (2, 2));
    for (one, other) in one.iter().zip(&other) {
        assert!((one - other).abs() < 1e-4, "{one} {other}");
    }
    let wrong = place
        .text("scores.csv")
        .replacen(",genuine,", ",impostor,", 1);
    place.write("scores.csv", wrong);
    place
        .siamese(&of_scores)
        .failed(1, &["scores.csv, line", "subject_a"]);
    place.write("scores.csv", "subject_a,subject_b,distance\na,b,near\n");
    place
        .siamese(&of_scores)
        .failed(1, &["line 2", "`near` is no distance"]);
}

#[test]
fn the_calibrated_model_may_be_another_file() {
    let place = place(None);
    let before = place.bytes("model.safetensors");
    let out = [&CALIBRATE[..], &["--out", "new.safetensors"]].concat();
    place.siamese(&out).done();
    assert_eq!(place.bytes("model.safetensors"), before);
    let card = ModelCard::read(&place.path("new.safetensors")).unwrap();
    assert!(card.calibration.is_some());
    place
        .siamese(&out)
        .failed(1, &["new.safetensors", "--force"]);
    place.siamese(&[&out[..], &["--force"]].concat()).done();
}

#[test]
fn templates_are_fused_and_the_calibration_says_so() {
    let place = place(None);
    let more = ["--templates", "2", "--fusion", "mean", "--json"];
    let document = place
        .siamese(&[&CALIBRATE[..], &more].concat())
        .done()
        .json();
    let calibration = &document["calibration"];
    assert_eq!(calibration["templates_per_subject"], 2);
    assert_eq!(calibration["fusion"], "mean");
    // In each of two turns the two images that are no template are compared once with each of eight people.
    assert_eq!(calibration["made"]["genuine"], 2 * 2 * PEOPLE);
    assert_eq!(
        calibration["made"]["impostor"],
        2 * 2 * PEOPLE * (PEOPLE - 1)
    );
}

#[test]
fn people_may_have_unlike_numbers_of_images() {
    let place = place(None);
    for person in 2..=PEOPLE {
        let last = format!("faces/p{person}/{IMAGES}.pgm");
        fs::remove_file(place.path(&last)).unwrap();
    }
    place.siamese(&CALIBRATE).done();
}
