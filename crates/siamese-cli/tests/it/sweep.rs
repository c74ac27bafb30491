//! `sweep`: points set beside each other.

use std::collections::BTreeSet;

use crate::faces::{PEOPLE, Place};
use serde_json::Value;

/// Of the tiny recipe's protocol.
const FOLDS: usize = 4;

#[test]
fn points_are_sorted_by_eer_and_the_first_is_what_others_are_set_beside() {
    let place = Place::hard();
    let grid = [
        "--grid",
        "train.epochs=1,3",
        "--grid",
        "optimizer.lr=1e-3,1e-2",
    ];
    let seeds = ["--seeds", "2", "--json"];
    let document = place.sweep(&[&grid[..], &seeds].concat()).done().json();
    assert_eq!(document, place.json("out/sweep.json"));
    assert_eq!(document["seeds"], serde_json::json!([3, 4]));
    assert_eq!(document["folds"], FOLDS);
    let points = document["points"].as_array().unwrap();
    let names: BTreeSet<&str> = points.iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 4);
    assert!(
        names.contains("train.epochs=3 optimizer.lr=1e-2"),
        "{names:?}"
    );

    let eers: Vec<f64> = points
        .iter()
        .map(|point| point["figures"]["eer"]["mean"].as_f64().unwrap())
        .collect();
    assert!(eers.is_sorted(), "{eers:?}");
    assert!(eers[0] < eers[3], "the points are alike: {eers:?}");
    assert!(points[0]["above_first"].is_null());
    let eer = |point: &Value| {
        point["figures"]["eer_of_all_seeds"]["value"]
            .as_f64()
            .unwrap()
    };
    for point in &points[1..] {
        let above = &point["above_first"];
        let value = above["eer"]["value"].as_f64().unwrap();
        assert!((value - (eer(point) - eer(&points[0]))).abs() < 1e-12);
        if let Some(ends) = above["eer"]["interval"].as_array() {
            let [low, high] = [0, 1].map(|end| ends[end].as_f64().unwrap());
            assert_eq!(above["resolved"], low > 0.0 || high < 0.0, "{above}");
        }
    }
    let page = place.text("out/sweep.md");
    for word in ["| point | EER % |", "optimistic", "--inside", "mean +- sd"] {
        assert!(page.contains(word), "{page}");
    }
    assert_eq!(
        page.lines()
            .filter(|l| l.starts_with("| train.epochs="))
            .count(),
        4
    );
}

#[test]
fn a_points_figures_are_those_of_its_cross_validations() {
    let place = Place::hard();
    let grid = [
        "--grid",
        "train.epochs=2,3",
        "--seeds",
        "2",
        "--jobs",
        "2",
        "--json",
    ];
    let document = place.sweep(&grid).done().json();
    let points = document["points"].as_array().unwrap();
    let point = points
        .iter()
        .find(|p| p["name"] == "train.epochs=2")
        .unwrap();
    let mut eers = Vec::new();
    let (mut seconds, mut trainings) = (0.0, 0.0);
    for seed in [3, 4] {
        let out = format!("cv{seed}");
        let seed = format!("seed={seed}");
        let args = [
            "crossval",
            "tiny.toml",
            "--data",
            "faces",
            "--jobs",
            "2",
            "--out",
            &out,
        ];
        let set = ["--set", "train.epochs=2", "--set", &seed, "--json"];
        let single = place.siamese(&[&args[..], &set].concat()).done().json();
        eers.push(single["figures"]["pooled"]["eer"].as_f64().unwrap());
        for fold in 0..FOLDS {
            let own = format!("out/train.epochs=2/s{}/fold-{fold}", &seed[5..]);
            let scores = place.bytes(&format!("{own}/scores.csv"));
            assert!(scores == place.bytes(&format!("{out}/fold-{fold}/scores.csv")));
            seconds += place.json(&format!("{own}/figures.json"))["seconds"]
                .as_f64()
                .unwrap();
            trainings += 1.0;
        }
    }
    let mean = (eers[0] + eers[1]) / 2.0;
    let sd = (eers[0] - eers[1]).abs() / 2f64.sqrt();
    let figures = &point["figures"];
    assert!((figures["eer"]["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    assert!((figures["eer"]["sd"].as_f64().unwrap() - sd).abs() < 1e-12);
    assert!((figures["seconds_a_fold"].as_f64().unwrap() - seconds / trainings).abs() < 1e-9);
    assert_eq!(figures["people"], PEOPLE);

    // With one seed every figure is that of the cross-validation's report.
    let alone = [
        "sweep",
        "tiny.toml",
        "--data",
        "faces",
        "--out",
        "one",
        "--jobs",
        "2",
        "--json",
    ];
    let document = place.siamese(&alone).done().json();
    let figures = &document["points"][0]["figures"];
    place.siamese(&["report", "one/unchanged/s3"]).done();
    let report = place.json("one/unchanged/s3/report.json");
    let judged = &report["methods"][0]["outcome"]["figures"];
    assert!(judged["eer"]["value"].as_f64().unwrap() > 0.0);
    let same = |own: &Value, reported: &Value, what: &str| {
        let own = own.as_f64().unwrap();
        assert!((own - reported.as_f64().unwrap()).abs() < 1e-12, "{what}");
    };
    same(&figures["eer"]["mean"], &judged["eer"]["value"], "EER");
    same(&figures["rank_1"], &judged["rank_1"]["value"], "rank-1");
    assert_eq!(figures["eer_of_all_seeds"], judged["eer"]);
    // 4 folds of 2 people with 4 images: 64 impostor comparisons support an FMR of 10 %, and not one of 1 %.
    let [tenth, hundredth] = [0, 1].map(|place| &figures["fnmr_at_fmr"][place]);
    assert!(tenth["refused"].is_null() && tenth["fnmr"].is_number());
    assert!(hundredth["refused"].is_string() && hundredth["fnmr"].is_null());
    assert!(place.text("one/sweep.md").contains("refused"));
}

#[test]
fn variants_stand_below_the_recipe_as_it_is() {
    let place = Place::hard();
    place.write(
        "more.toml",
        "\"no norm\" = ['encoder.layers=[\"flatten\", { dense = 8 }]']\n",
    );
    let variants = [
        "--variant",
        "longer: train.epochs=9 optimizer.lr=1e-2",
        "--variants",
        "more.toml",
    ];
    let document = place
        .sweep(&[&variants[..], &["--json"]].concat())
        .done()
        .json();
    let points = document["points"].as_array().unwrap();
    let names: Vec<&str> = points
        .iter()
        .map(|point| point["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[0], "unchanged");
    assert_eq!(
        names[1..].iter().collect::<BTreeSet<_>>(),
        ["longer", "no norm"].iter().collect()
    );
    let recipe = format!(
        "out/{}/s3/fold-0/recipe.toml",
        points[2]["folder"].as_str().unwrap()
    );
    assert!(place.path(&recipe).exists(), "{points:?}");
    assert!(
        place
            .text("out/longer/s3/fold-1/recipe.toml")
            .contains("epochs = 9")
    );
}

#[test]
fn what_cannot_be_swept_is_refused_before_anything_is_trained() {
    let place = Place::new();
    place.write("list.toml", "a = \"train.epochs=2\"");
    place.write("empty.toml", "");
    for (more, words) in [
        (
            &["--grid", "train.epoch=1,2"][..],
            &["train.epoch=1", "Did you mean `epochs`"][..],
        ),
        (
            &["--grid", "train.epochs=1,two"],
            &["train.epochs=two", "whole number"],
        ),
        (&["--grid", "train.epochs"], &["KEY=VALUE,VALUE"]),
        (&["--grid", "train.epochs="], &["value 1 is empty"]),
        (&["--grid", "train.epochs=1,,2"], &["value 2 is empty"]),
        (
            &["--grid", "data.resize={ area = [16, 12]"],
            &["`}` is missing"],
        ),
        (
            &["--grid", "optimizer.lr=1e-3,0.001"],
            &["same recipe", "optimizer.lr=1e-3"],
        ),
        (
            &["--grid", "train.epochs=1", "--grid", "train.epochs=2"],
            &["given twice"],
        ),
        (&["--grid", "name=a,b"], &["same recipe"]),
        (
            &["--set", "fine_tune.layers=2", "--grid", "seed=1"],
            &["[fine_tune]", "siamese crossval --init"],
        ),
        (&["--grid", "seed=4,5"], &["--seeds"]),
        (&["--grid", "protocol.fold=1,2"], &["--protocol"]),
        (
            &["--grid", "protocol={ validation_people = 2 }"],
            &["single keys"],
        ),
        (
            &["--variant", "same: train.epochs=3"],
            &["unchanged and same are the same recipe"],
        ),
        (
            &[
                "--variant",
                "a: train.epochs=1",
                "--variant",
                "A: train.epochs=2",
            ],
            &["have the same folder"],
        ),
        (&["--variant", "nothing:"], &["changes nothing"]),
        (
            &["--variants", "list.toml"],
            &["list.toml", "`a` must be a list"],
        ),
        (&["--variants", "empty.toml"], &["names no variants"]),
        (&["--variants", "none.toml"], &["none.toml"]),
        (
            &["--protocol", "seed-pairs"],
            &["does not divide subjects into folds"],
        ),
        (&["--protocol", "k-fold:9"], &["8 subjects"]),
        (&["--inside"], &["at least two"]),
        (
            &["--grid", "train.epochs=1,2", "--inside"],
            &["6 training subjects", "--inner-folds"],
        ),
    ] {
        place.sweep(more).failed(1, words);
        assert!(!place.path("out").exists(), "{more:?}");
    }
    place
        .sweep(&["--inner-folds", "3"])
        .failed(2, &["--inside"]);
    // Inside there are fewer people, and too few pairs of them.
    let inside = [
        "--grid",
        "train.epochs=1,2",
        "--inside",
        "--inner-folds",
        "3",
    ];
    place
        .sweep(&inside)
        .failed(1, &["inside fold 0", "genuine pairs"]);
    assert!(!place.path("out/inside.json").exists());
}
