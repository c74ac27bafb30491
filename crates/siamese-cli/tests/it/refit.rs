//! `refit`: one model that learnt from everybody, with what its cross-validation measured.

use std::fs;

use crate::faces::{HELD_OUT, IMAGES, PEOPLE, Place, Said};

const FOLDS: usize = 4;

fn crossval(place: &Place, more: &[&str]) {
    let args = ["crossval", "tiny.toml", "--data", "faces", "--out", "cv"];
    place.siamese(&[&args[..], more].concat()).done();
}

fn refit(place: &Place, more: &[&str]) -> Said {
    place.siamese(&[&["refit", "cv", "--out", "all.safetensors"][..], more].concat())
}

/// The distances of a kind that the folds' trainings wrote down, ascending.
fn distances(place: &Place, wanted: &str) -> Vec<f64> {
    let lists = (0..FOLDS).map(|fold| place.text(&format!("cv/fold-{fold}/scores.csv")));
    let mut found: Vec<f64> = Vec::new();
    for list in lists {
        let rows = list.lines().skip(1).map(|line| line.split(',').collect());
        let rows = rows.filter(|cells: &Vec<&str>| cells[2] == wanted);
        found.extend(rows.map(|cells| cells[3].parse::<f64>().unwrap()));
    }
    found.sort_by(f64::total_cmp);
    found
}

#[test]
fn everybody_is_learnt_from_and_thresholds_are_those_of_strangers_to_the_folds() {
    let place = Place::hard();
    crossval(&place, &[]);
    let document = refit(&place, &["--json"]).done().json();
    assert_eq!(document["subjects"], PEOPLE);
    assert_eq!(document["images"], PEOPLE * IMAGES);
    let calibration = &document["calibration"];
    let made = &calibration["made"];
    assert_eq!(
        made["how"],
        "out of fold, 4 folds of k-fold:4, searched among training subjects"
    );
    assert_eq!(made["subjects"], PEOPLE);

    let (genuine, impostor) = (distances(&place, "genuine"), distances(&place, "impostor"));
    assert_eq!(made["genuine"], genuine.len());
    assert_eq!(made["impostor"], impostor.len());
    // 64 impostor comparisons show 10 % and not 1 %: the seventh of them is the first to be rejected.
    let points = calibration["comparisons"].as_array().unwrap();
    assert_eq!(points.len(), 1);
    assert_eq!(points[0]["fmr"], 0.1);
    let threshold = points[0]["threshold"].as_f64().unwrap();
    assert!((threshold - impostor[impostor.len() / 10]).abs() < 1e-4);
    let rejected = genuine
        .iter()
        .filter(|&&distance| distance > threshold + 1e-4);
    let fnmr = points[0]["fnmr"].as_f64().unwrap();
    assert!((fnmr - rejected.count() as f64 / genuine.len() as f64).abs() < 0.03);
    assert_eq!(points[0]["weak"], true);

    // The model knows all of them.
    let eval = [
        "eval",
        "all.safetensors",
        "--data",
        "faces",
        "--protocol",
        "all",
    ];
    let judged = place.siamese(&[&eval[..], &["--no-report", "--json"]].concat());
    assert_eq!(judged.done().json()["leaks_people"], true);
}

#[test]
fn a_second_refit_gives_the_same_bytes_and_replaces_nothing_unasked() {
    let place = Place::new();
    crossval(&place, &[]);
    let first = refit(&place, &[]).done();
    for word in [
        "all 8 subjects",
        "out of fold, 4 folds of k-fold:4",
        "calibrated on 8 subjects",
    ] {
        assert!(first.stdout.contains(word), "{first:?}");
    }
    let model = place.bytes("all.safetensors");
    refit(&place, &[]).failed(1, &["all.safetensors", "--force"]);
    refit(&place, &["--force"]).done();
    assert!(place.bytes("all.safetensors") == model);

    // Trained again from its beginning, it has the same bytes as well.
    fs::remove_dir_all(place.path("cv/refit")).unwrap();
    refit(&place, &["--force"]).done();
    assert!(place.bytes("all.safetensors") == model);
}

#[cfg(unix)]
#[test]
fn an_interrupted_refit_goes_on_to_the_same_bytes() {
    let place = Place::new();
    crossval(&place, &["--set", "train.epochs=300"]);
    let args = ["refit", "cv", "--out", "all.safetensors"];
    let mut running = place.start_with(&args, "all");
    running.wait_for_epochs("cv/refit", 2);
    running.signal("INT");
    running.end().failed(130, &["Run the same command again"]);
    assert!(!place.path("all.safetensors").exists());
    refit(&place, &[]).done();
    let model = place.bytes("all.safetensors");
    fs::remove_dir_all(place.path("cv/refit")).unwrap();
    refit(&place, &["--force"]).done();
    assert!(place.bytes("all.safetensors") == model);
}

#[test]
fn who_watched_the_folds_is_learnt_from_as_long_as_these_took() {
    let place = Place::new();
    crossval(&place, &HELD_OUT);
    let mut chosen: Vec<u64> = (0..FOLDS)
        .map(|fold| {
            let history = place.text(&format!("cv/fold-{fold}/history.jsonl"));
            let lines = history
                .lines()
                .map(serde_json::from_str::<serde_json::Value>);
            let mut lines = lines.map(Result::unwrap);
            let best = lines.rfind(|line| line["best"] == true).unwrap();
            best["epoch"].as_u64().unwrap()
        })
        .collect();
    chosen.sort_unstable();
    refit(&place, &[]).done();
    let recipe = place.text("cv/refit/recipe.toml");
    for line in [
        "name = \"everybody\"".to_owned(),
        "validation_people = 0".to_owned(),
        format!("epochs = {}", chosen[FOLDS / 2]),
        "keep = \"last\"".to_owned(),
    ] {
        assert!(recipe.contains(&line), "{line} is not in {recipe}");
    }
}

#[test]
fn what_cannot_be_refitted_is_refused_with_the_reason() {
    let place = Place::new();
    let missing = place.siamese(&["refit", "faces", "--out", "all.safetensors"]);
    missing.failed(1, &["faces holds no cross-validation", "siamese crossval"]);
    crossval(&place, &[]);
    let ending = place.siamese(&["refit", "cv", "--out", "all.onnx"]);
    ending.failed(1, &["must end in .safetensors"]);

    // Other images.
    let image = place.bytes("faces/p1/1.pgm");
    place.write("faces/p1/1.pgm", place.bytes("faces/p1/2.pgm"));
    refit(&place, &[]).failed(1, &["cv/fold-0", "images"]);
    place.write("faces/p1/1.pgm", image);
    fs::rename(place.path("faces"), place.path("elsewhere")).unwrap();
    refit(&place, &[]).failed(1, &["faces", "--data"]);
    refit(&place, &["--data", "elsewhere"]).done();

    // A fold is gone, or the cross-validation never ended.
    let record = place.text("cv/crossval.json");
    let begun: String = record.split(",\n  \"figures\"").next().unwrap().to_owned() + "\n}\n";
    place.write("cv/crossval.json", begun);
    refit(&place, &["--data", "elsewhere", "--force"]).failed(1, &["not finished", "crossval"]);
    place.write("cv/crossval.json", record);
    fs::remove_dir_all(place.path("cv/fold-2")).unwrap();
    refit(&place, &["--data", "elsewhere", "--force"]).failed(1, &["fold 2", "crossval"]);

    // The protocol is the refit's alone.
    let everybody = place.siamese(&[
        "train",
        "tiny.toml",
        "--data",
        "elsewhere",
        "--out",
        "out",
        "--set",
        "protocol.name=everybody",
    ]);
    everybody.failed(1, &["everybody tests nobody", "siamese refit"]);
}

#[test]
fn a_refit_is_calibrated_for_as_many_templates_as_people_will_have() {
    let place = Place::hard();
    crossval(&place, &[]);
    let document = refit(&place, &["--templates", "2", "--fusion", "mean", "--json"])
        .done()
        .json();
    let calibration = &document["calibration"];
    assert_eq!(calibration["templates_per_subject"], 2);
    assert_eq!(calibration["fusion"], "mean");
    // In each of the turns every image that is no template is compared once with each of the fold's subjects.
    let turns = IMAGES / 2;
    let probes = PEOPLE * (IMAGES - 2) * turns;
    assert_eq!(calibration["made"]["genuine"], probes);
    assert_eq!(
        calibration["made"]["impostor"],
        probes * (PEOPLE / FOLDS - 1)
    );

    let too_many = IMAGES.to_string();
    refit(&place, &["--templates", &too_many, "--force"])
        .failed(1, &["nothing is left", "--templates"]);
}
