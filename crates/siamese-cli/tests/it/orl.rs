//! The real set, AT&T faces: counts, checksums and that the classic recipe learns on it. Where the set has not been
//! fetched, each test says so by name and ends.

#![allow(
    clippy::print_stdout,
    reason = "a test that is not run says so by name"
)]
use std::collections::BTreeSet;
use std::path::Path;

use crate::faces::Place;

/// Of every second row and column of the 400 repaired images, in natural order: what the seed recipe sees.
const DATA_SHA256: &str = "f92ade36aa2423ecfd14778466a93de861a534bbee6d4f1ae7549bb221cf493b";

/// The folder of the set, or nothing and a line that says which test was not run.
fn orl(test: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/orl_faces");
    if folder.join("s1").is_dir() {
        return Some(folder.to_str().unwrap().to_owned());
    }
    println!(
        "NOT RUN: {test}: the AT&T faces are not in datasets/orl_faces; scripts/fetch_orl.py fetches them"
    );
    None
}

#[test]
fn the_seed_recipes_pairs_have_the_published_counts_and_leak() {
    let Some(data) = orl("the_seed_recipes_pairs_have_the_published_counts_and_leak") else {
        return;
    };
    let place = Place::new();
    let report = place
        .siamese(&["pairs", "seed", "--data", &data, "--json"])
        .done()
        .json();
    let count = |part: &str| {
        report[part]["genuine"].as_u64().unwrap() + report[part]["impostor"].as_u64().unwrap()
    };
    assert_eq!(
        [count("fit"), count("validation"), count("test")],
        [11_250, 3_750, 5_000]
    );
    assert_eq!(report["leaks_people"], true);
    assert_eq!(report["test_images_unseen"], 0);
    let again = report["test_genuine_also_in_fit"].as_u64().unwrap();
    let genuine = report["test"]["genuine"].as_u64().unwrap();
    assert!(again * 10 > genuine * 9, "{again} of {genuine}");
}

#[test]
fn one_epoch_of_the_seed_recipe_learns_and_sees_the_pinned_pixels() {
    let Some(data) = orl("one_epoch_of_the_seed_recipe_learns_and_sees_the_pinned_pixels") else {
        return;
    };
    let place = Place::new();
    let train = |out: &str, set: &[&str]| {
        let mut args = vec!["train", "seed", "--data", &data, "--out", out, "--json"];
        args.extend(set.iter().flat_map(|set| ["--set", set]));
        place.siamese(&args).done().json()
    };
    // A rate of almost nothing leaves the network as it was drawn.
    let untrained = train(
        "untrained",
        &[
            "train.epochs=1",
            "optimizer.lr=1e-12",
            "pairs.per_kind=1000",
        ],
    );
    let trained = train("trained", &["train.epochs=1"]);
    let loss = |out: &str| {
        let text = place.text(&format!("{out}/history.jsonl"));
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        line["validation_loss"].as_f64().unwrap()
    };
    assert!(
        loss("trained") < 0.9 * loss("untrained"),
        "{} against {}",
        loss("trained"),
        loss("untrained")
    );
    let eer = |report: &serde_json::Value| report["figures"]["eer"].as_f64().unwrap();
    assert!(
        eer(&trained) < 0.3,
        "{} against {}",
        eer(&trained),
        eer(&untrained)
    );
    assert_eq!(trained["data_sha256"], DATA_SHA256);
    assert_eq!(untrained["data_sha256"], DATA_SHA256);
}

#[test]
fn the_last_of_eight_folds_tests_the_last_five_people_only() {
    let Some(data) = orl("the_last_of_eight_folds_tests_the_last_five_people_only") else {
        return;
    };
    let place = Place::new();
    let people = |part: &str| -> BTreeSet<String> {
        place
            .siamese(&[
                "pairs",
                "seed",
                "--data",
                &data,
                "--set",
                "protocol.name=subjects-8-fold",
                "--set",
                "protocol.fold=7",
                "--part",
                part,
                "--out",
                "pairs.csv",
                "--force",
            ])
            .done();
        let list = place.text("pairs.csv");
        list.lines()
            .skip(1)
            .flat_map(|line| line.split(',').take(2))
            .map(|path| path.split('/').next().unwrap().to_owned())
            .collect()
    };
    let named = |numbers: std::ops::RangeInclusive<usize>| -> BTreeSet<String> {
        numbers.map(|n| format!("s{n}")).collect()
    };
    assert_eq!(people("test"), named(36..=40));
    assert_eq!(people("fit"), named(1..=35));
    assert!(people("validation").is_subset(&named(1..=35)));
}
