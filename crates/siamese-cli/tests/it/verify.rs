//! `siamese verify`: decisions at a measured error rate, and what none is made on.

use siamese_net::{Calibration, ModelFile};
use verification_figures::{Direction, FmrPoint, Fusion, Made};

use crate::faces::{HEIGHT, Place, WIDTH, pgm};
use crate::used::place;

/// Distances of the images that the tests compare.
struct Distances {
    genuine: f64,
    impostor: f64,
}

fn verify(place: &Place, more: &[&str]) -> crate::faces::Said {
    let args = ["verify", "model.safetensors", "faces/p1/1.pgm"];
    place.siamese(&[&args[..], more].concat())
}

fn distances(place: &Place) -> Distances {
    let of = |image: &str| {
        let said = verify(place, &[image, "--json"]);
        said.json()["distance"].as_f64().unwrap()
    };
    Distances {
        genuine: of("faces/p1/2.pgm"),
        impostor: of("faces/p2/1.pgm"),
    }
}

/// Thresholds between the two distances, whichever is smaller: at FMR 1 % only the smaller passes, at 10 % both do.
fn calibrated(fusion: Fusion, templates: u32, interval: Option<(f64, f64)>) -> (Place, [f64; 2]) {
    let place = place(Some(1e-3));
    let Distances { genuine, impostor } = distances(&place);
    let (low, high) = (genuine.min(impostor), genuine.max(impostor));
    let mut made = Made::new("made up", 40);
    made.impostor = 1000;
    let mut calibration = Calibration::new(Direction::Distance, fusion, templates, made);
    let mut strict = FmrPoint::new(0.01, (low + high) / 2.0);
    strict.fnmr = Some(0.05);
    strict.threshold_interval =
        interval.map(|(below, above)| (strict.threshold - below, strict.threshold + above));
    calibration.comparisons = vec![FmrPoint::new(0.1, 2.0 * high), strict];
    calibration.impostor_tail = vec![(low, 0.01), (2.0 * high, 0.1)];
    let path = place.path("model.safetensors");
    let file = ModelFile::read(&path).unwrap();
    file.write_calibrated(&path, Some(&calibration)).unwrap();
    (place, [low, high])
}

/// The image of p1's that is as near as the smaller, and the other.
fn near_and_far(place: &Place) -> [&'static str; 2] {
    let Distances { genuine, impostor } = distances(place);
    let images = ["faces/p1/2.pgm", "faces/p2/1.pgm"];
    match genuine < impostor {
        true => images,
        false => [images[1], images[0]],
    }
}

#[test]
fn a_decision_is_made_at_the_rate_asked_for_and_says_how_it_is_known() {
    let (place, [low, high]) = calibrated(Fusion::Best, 1, None);
    let [near, far] = near_and_far(&place);
    let said = verify(&place, &[near]).done();
    for words in [
        "MATCH",
        "FMR 1 %",
        "FNMR 5 %",
        "40 subjects (made up)",
        "at most 1 %",
    ] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
    let said = verify(&place, &[far]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stdout.contains("NO MATCH"), "{said:?}");
    verify(&place, &[far, "--fmr", "10%"]).done();
    // Beyond what was measured: at the smallest rate that was, and both are said.
    let beyond = verify(&place, &[near, "--fmr", "0.01%"]).done();
    for words in [
        "the smallest that the calibration supports",
        "asked for was 0.01 %",
    ] {
        assert!(beyond.stdout.contains(words), "{words}: {beyond:?}");
    }
    let document = verify(&place, &[far, "--fmr", "0.05", "--json"]).json();
    assert_eq!(document["decision"], "non-match");
    assert_eq!(
        (&document["fmr"], &document["target_fmr"]),
        (&0.01.into(), &0.05.into())
    );
    assert_eq!(document["fmr_at_score"], 0.1);
    assert!((document["distance"].as_f64().unwrap() - high).abs() < 1e-6);
    let threshold = document["threshold"].as_f64().unwrap();
    assert!(low < threshold && threshold < high);
    assert_eq!(document["bare_threshold"]["below"], false);
    verify(&place, &[near, "--fmr", "0"]).failed(2, &["--fmr"]);
}

#[test]
fn between_the_bounds_of_the_threshold_it_is_uncertain() {
    let (place, _) = calibrated(Fusion::Best, 1, Some((1e3, 1e3)));
    let [near, _] = near_and_far(&place);
    let said = verify(&place, &[near]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stdout.contains("UNCERTAIN"), "{said:?}");
}

#[test]
fn several_images_of_a_person_are_one_decision() {
    let (place, [low, high]) = calibrated(Fusion::Mean, 2, None);
    let [near, far] = near_and_far(&place);
    let document = verify(&place, &[near, far, "--json", "--fmr", "10%"])
        .done()
        .json();
    assert_eq!(document["compared"].as_array().unwrap().len(), 2);
    let distance = document["distance"].as_f64().unwrap();
    assert!((distance - (low + high) / 2.0).abs() < 1e-6);
    let said = verify(&place, &[near, far, "--fmr", "10%"]).done();
    assert!(
        said.stdout.contains("their mean") && !said.stdout.contains("Mind"),
        "{said:?}"
    );
    let said = verify(&place, &[near, "--fmr", "10%"]).done();
    assert!(
        said.stdout
            .contains("measured with 2 images of each subject, and here are 1 image"),
        "{said:?}"
    );
}

#[test]
fn without_a_calibration_there_are_distances_and_no_decision() {
    for threshold in [None, Some(1e3)] {
        let place = place(threshold);
        let said = verify(&place, &["faces/p1/2.pgm"]);
        assert_eq!(said.code, Some(4), "{said:?}");
        assert!(said.stdout.contains("NO DECISION"), "{said:?}");
        assert_eq!(
            said.stdout.contains("below the threshold in its file"),
            threshold.is_some()
        );
        let document = verify(&place, &["faces/p1/2.pgm", "--json"]).json();
        assert_eq!(document["decision"], serde_json::Value::Null);
        assert_eq!(document["bare_threshold"].is_null(), threshold.is_none());
    }
}

#[test]
fn what_nothing_can_be_said_of_is_refused() {
    let (place, _) = calibrated(Fusion::Best, 1, None);
    verify(&place, &["faces/p1/1.pgm"]).failed(1, &["faces/p1/1.pgm", "pixel for pixel"]);
    place.write("grey.pgm", pgm(WIDTH, HEIGHT, vec![128; WIDTH * HEIGHT]));
    verify(&place, &["grey.pgm"]).failed(1, &["grey.pgm", "of one colour"]);
    verify(&place, &["faces/p1/9.pgm"]).failed(1, &["faces/p1/9.pgm"]);
    verify(&place, &[]).failed(2, &["Usage"]);
    place.write("small.pgm", pgm(3, 2, vec![0, 1, 2, 3, 4, 5]));
    verify(&place, &["small.pgm"]).failed(1, &["small.pgm", "16x12", "2x3"]);
}

#[test]
fn a_list_of_pairs_is_decided_line_by_line() {
    let (place, _) = calibrated(Fusion::Best, 1, None);
    let [near, far] = near_and_far(&place).map(|image| image.trim_start_matches("faces/"));
    let verify = |more: &[&str]| {
        let args = ["verify", "model.safetensors", "--pairs", "faces/pairs.csv"];
        place.siamese(&[&args[..], more].concat())
    };
    place.write("faces/pairs.csv", format!("a,b\np1/1.pgm,{near}\n"));
    let said = verify(&["--out", "decided.csv"]).done();
    assert!(said.stdout.contains("1 pairs: 1 match"), "{said:?}");
    assert!(place.text("decided.csv").contains(",match,"), "{said:?}");
    verify(&["--out", "decided.csv"]).failed(1, &["decided.csv", "--force"]);

    place.write(
        "faces/pairs.csv",
        format!("a,b\np1/1.pgm,{near}\np1/1.pgm,{far}\n"),
    );
    let said = verify(&[]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_eq!(said.stdout.lines().count(), 3, "{said:?}");
    assert!(said.stderr.contains("1 match, 1 no match"), "{said:?}");

    place.write(
        "faces/pairs.csv",
        format!("a,b\np1/1.pgm,p1/1.pgm\np1/1.pgm,{near}\n"),
    );
    let said = verify(&["--json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let document = said.json();
    assert_eq!(
        (&document["failed"], &document["matches"]),
        (&1.into(), &1.into())
    );
    assert!(
        document["pairs"][0]["error"]
            .as_str()
            .unwrap()
            .contains("pixel for pixel")
    );

    place.write("faces/pairs.csv", "x,y\n1,2\n");
    verify(&[]).failed(1, &["pairs.csv", "expected the columns a and b"]);
}

#[test]
fn a_relative_distance_is_less_how_far_apart_the_references_are() {
    let (place, [low, high]) = calibrated(Fusion::Relative, 2, None);
    let apart = place.siamese(&[
        "verify",
        "model.safetensors",
        "faces/p1/2.pgm",
        "faces/p2/1.pgm",
        "--json",
    ]);
    let apart = apart.json()["distance"].as_f64().unwrap();
    let both = ["faces/p1/2.pgm", "faces/p2/1.pgm"];
    let document = verify(&place, &[&both[..], &["--json"]].concat()).json();
    let distance = document["distance"].as_f64().unwrap();
    assert!((distance - ((low + high) / 2.0 - apart)).abs() < 1e-6);
    assert_eq!(document["decision"], "match");
    let said = verify(&place, &both).done();
    assert!(
        said.stdout.contains("of the templates from each other"),
        "{said:?}"
    );
    // Of one reference nothing can be taken.
    let document = verify(&place, &[both[0], "--json"]).json();
    assert!(document["decision"].is_null(), "{document}");
    let said = verify(&place, &[both[0]]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stdout.contains("Give two or more"), "{said:?}");
    let alone = document["distance"].as_f64().unwrap();
    assert!((alone - low).abs() < 1e-6 || (alone - high).abs() < 1e-6);
    // Galleries have no such fusion, and say what to do.
    let enroll = [
        "enroll",
        "--gallery",
        "g.db",
        "--model",
        "model.safetensors",
        "faces",
    ];
    place.siamese(&enroll).failed(1, &["--fusion mean"]);
}
