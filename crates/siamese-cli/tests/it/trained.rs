//! `--trained`: what comes after the training, for networks that are there.

use crate::faces::Place;

const FLIP: [&str; 2] = ["--set", "embedding.flip=true"];
const WCCN: [&str; 2] = ["--set", "embedding.whiten={ kind = \"wccn\" }"];

fn taken_over<'a>(from: &'a str, sets: &[&'a str]) -> Vec<&'a str> {
    [&["--no-report", "--trained", from], sets].concat()
}

#[test]
fn networks_that_are_there_give_the_bytes_of_a_training() {
    let place = Place::new();
    for (name, members) in [("one", "members=[]"), ("two", "members=[{}, {}]")] {
        let sets = [&FLIP[..], &["--set", members]].concat();
        let changed = [&sets[..], &WCCN, &["--set", "decision.threshold=0.5"]].concat();
        let run = |kind: &str| format!("{name}-{kind}");
        let (base, direct, taken) = (run("base"), run("direct"), run("taken"));
        place
            .train(&base, &[&sets[..], &["--no-report"]].concat())
            .done();
        place
            .train(&direct, &[&changed[..], &["--no-report"]].concat())
            .done();
        place.train(&taken, &taken_over(&base, &changed)).done();
        for file in ["model.safetensors", "model-last.safetensors", "scores.csv"] {
            let [found, expected] =
                [&taken, &direct].map(|run| place.bytes(&format!("{run}/{file}")));
            assert!(found == expected, "{name}: {file}");
        }
        assert_ne!(
            place.bytes(&format!("{taken}/model.safetensors")),
            place.bytes(&format!("{base}/model.safetensors"))
        );
        let epochs = |run: &str| place.json(&format!("{run}/figures.json"))["epochs"].clone();
        assert_eq!(epochs(&taken), epochs(&direct));
    }
}

#[test]
fn networks_that_would_be_others_are_refused() {
    let place = Place::new();
    place
        .train("base", &[&FLIP[..], &["--no-report"]].concat())
        .done();
    for (sets, words) in [
        (
            &[
                "--set",
                "embedding.flip=true",
                "--set",
                "optimizer.lr=0.004",
            ][..],
            &["base", "trains other networks", "embedding.whiten"][..],
        ),
        (&[], &["trains other networks"]),
        (
            &["--set", "embedding.flip=true", "--set", "members=[{}, {}]"],
            &["it holds 1 networks, and this recipe trains 2"],
        ),
    ] {
        place
            .train("out", &taken_over("base", sets))
            .failed(1, words);
        assert!(!place.path("out").exists());
    }
    std::fs::remove_file(place.path("base/checkpoint.safetensors")).unwrap();
    place
        .train("out", &taken_over("base", &FLIP))
        .failed(1, &["base", "no checkpoints"]);
    std::fs::remove_file(place.path("base/figures.json")).unwrap();
    place
        .train("out", &taken_over("base", &FLIP))
        .failed(1, &["base holds no finished run", "--resume base"]);
}

#[test]
fn a_sweep_trains_points_that_are_alike_once() {
    let place = Place::new();
    let variants = [
        "--variant",
        "pca: embedding.whiten={ kind = \"pca\" }",
        "--variant",
        "wccn: embedding.whiten={ kind = \"wccn\" }",
        "--variant",
        "longer: train.epochs=4",
    ];
    let said = place.sweep(&[&FLIP[..], &variants].concat()).done();
    let words = "8 trainings, and 8 that take over the networks of another";
    assert!(said.stderr.contains(words), "{said:?}");
    let args = [
        "--protocol",
        "k-fold:4",
        "--data",
        "faces",
        "--out",
        "direct",
    ];
    let sets = [&FLIP[..], &WCCN].concat();
    place
        .siamese(&[&["crossval", "tiny.toml"], &args[..], &sets].concat())
        .done();
    let folders = std::fs::read_dir(place.path("out")).unwrap();
    let mut names = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.find(|name| name.starts_with("wccn")).unwrap();
    for fold in 0..4 {
        let [found, expected] = [format!("out/{name}/s3"), "direct".to_owned()]
            .map(|run| place.bytes(&format!("{run}/fold-{fold}/scores.csv")));
        assert!(found == expected, "fold {fold}");
    }
}
