//! `siamese train`: what it leaves, what it says, and that it leaves the same twice.

use std::collections::BTreeSet;
use std::fs;

use crate::faces::{HELD_OUT, Place};

/// The names in a folder.
fn names(place: &Place, folder: &str) -> BTreeSet<String> {
    fs::read_dir(place.path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_run_folder_holds_all_of_the_run_and_nothing_else() {
    let place = Place::new();
    let said = place.train("out", &[]).done();
    let expected = [
        "checkpoint.safetensors",
        "figures.json",
        "history.jsonl",
        "loss.png",
        "loss.svg",
        "model-last.safetensors",
        "model.safetensors",
        "plots",
        "recipe.toml",
        "report.html",
        "report.json",
        "report.md",
        "run.json",
        "scores.csv",
    ];
    assert_eq!(
        names(&place, "out"),
        expected.map(str::to_owned).into_iter().collect()
    );
    for word in ["EER", "FMR", "2 people", "out"] {
        assert!(said.stdout.contains(word), "{said:?}");
    }
    // One line an epoch where nobody watches a terminal.
    for word in ["32 images of 8 subjects", "epoch 1/3", "epoch 3/3"] {
        assert!(said.stderr.contains(word), "{said:?}");
    }

    let history = place.text("out/history.jsonl");
    let epochs: Vec<serde_json::Value> = history
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(epochs.len(), 3);
    for (i, epoch) in epochs.iter().enumerate() {
        assert_eq!(epoch["epoch"], i + 1);
        for key in ["loss", "validation_loss", "learning_rate", "seconds"] {
            assert!(epoch[key].as_f64().is_some_and(f64::is_finite), "{epoch}");
        }
    }

    // Two people of four images: every pair of theirs, 2 x 6 genuine and 4 x 4 impostor.
    let scores = place.text("out/scores.csv");
    assert!(scores.starts_with("a,b,kind,distance\n"), "{scores}");
    assert_eq!(scores.lines().count(), 1 + 12 + 16);
    assert_eq!(scores.matches(",genuine,").count(), 12);
    assert!(scores.lines().skip(1).all(|line| {
        let distance: f32 = line.rsplit(',').next().unwrap().parse().unwrap();
        distance.is_finite() && distance >= 0.0
    }));

    let svg = place.text("out/loss.svg");
    assert!(svg.contains("tiny, seed 3") && svg.trim_end().ends_with("</svg>"));
    assert!(place.bytes("out/loss.png").starts_with(b"\x89PNG\r\n"));

    let figures: serde_json::Value =
        serde_json::from_slice(&place.bytes("out/figures.json")).unwrap();
    assert_eq!(figures["recipe"], "tiny");
    assert_eq!(figures["epochs"], 3);
    assert_eq!(figures["data_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(figures["figures"]["genuine"], 12);
    assert_eq!(figures["figures"]["leaks_people"], false);
}

#[test]
fn json_is_one_document_and_the_same_as_the_figures_file() {
    let place = Place::new();
    let said = place.train("out", &["--json"]).done();
    assert_eq!(said.stderr, "");
    let file: serde_json::Value = serde_json::from_slice(&place.bytes("out/figures.json")).unwrap();
    assert_eq!(said.json(), file);
    assert_eq!(file["run"], "out");
}

#[test]
fn quiet_says_nothing_on_the_way() {
    let place = Place::new();
    let said = place.train("out", &["-q"]).done();
    assert_eq!(said.stderr, "");
    assert!(said.stdout.contains("EER"), "{said:?}");
}

#[test]
fn two_runs_give_the_same_bytes_and_another_seed_gives_others() {
    let place = Place::new();
    place.train("a", &[]).done();
    place.train("b", &[]).done();
    place.train("c", &["--seed", "4"]).done();
    for file in [
        "model.safetensors",
        "model-last.safetensors",
        "checkpoint.safetensors",
        "scores.csv",
        "recipe.toml",
        "loss.svg",
        "loss.png",
    ] {
        let bytes = place.bytes(&format!("a/{file}"));
        assert!(bytes == place.bytes(&format!("b/{file}")), "{file} differs");
        assert!(
            bytes != place.bytes(&format!("c/{file}")),
            "{file} is equal"
        );
    }
}

#[test]
fn the_saved_recipe_trains_to_the_same_model() {
    let place = Place::new();
    place
        .train(
            "a",
            &["--set", "train.epochs=2", "--set", "protocol.fold=1"],
        )
        .done();
    place
        .siamese(&["train", "a/recipe.toml", "--data", "faces", "--out", "b"])
        .done();
    assert!(place.bytes("a/model.safetensors") == place.bytes("b/model.safetensors"));
}

#[test]
fn the_weights_not_kept_lie_beside_the_model_under_their_name() {
    let place = Place::new();
    place.train("out", &["--set", "train.keep=last"]).done();
    let names = names(&place, "out");
    assert!(names.contains("model-best.safetensors"), "{names:?}");
    assert!(!names.contains("model-last.safetensors"), "{names:?}");
}

#[test]
fn without_out_the_run_is_named_after_recipe_fold_and_seed() {
    let place = Place::new();
    place
        .siamese(&[
            "train",
            "tiny.toml",
            "--data",
            "faces",
            "--set",
            "protocol.fold=2",
        ])
        .done();
    assert!(place.path("runs/tiny-k-fold-4-2-s3/figures.json").is_file());
}

#[test]
fn a_finished_run_is_replaced_only_with_force_and_nothing_foreign_is_touched() {
    let place = Place::new();
    place.train("out", &[]).done();
    place.write("out/notes.txt", "mine");
    let model = place.bytes("out/model.safetensors");
    place
        .train("out", &["--seed", "9"])
        .failed(1, &["out holds a finished run", "--force"]);
    assert!(model == place.bytes("out/model.safetensors"));
    place
        .siamese(&["train", "--resume", "out", "--data", "faces"])
        .failed(1, &["out is finished", "nothing to resume"]);
    place.train("out", &["--seed", "9", "--force"]).done();
    assert!(model != place.bytes("out/model.safetensors"));
    assert_eq!(place.text("out/notes.txt"), "mine");
}

#[test]
fn training_makes_the_loss_fall_and_tells_people_apart() {
    let place = Place::new();
    let said = place
        .train("out", &["--json", "--set", "train.epochs=30"])
        .done();
    let eer = said.json()["figures"]["eer"].as_f64().unwrap();
    assert!(eer < 0.3, "{eer}");
    let history = place.text("out/history.jsonl");
    let losses: Vec<f64> = history
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["loss"]
                .as_f64()
                .unwrap()
        })
        .collect();
    assert!(losses[29] < 0.5 * losses[0], "{losses:?}");
}

#[test]
fn a_csv_list_trains_to_the_same_model_as_the_folders_it_lists() {
    let place = Place::new();
    let mut list = String::from("path,subject\r\n");
    for person in 1..=crate::faces::PEOPLE {
        for image in 1..=crate::faces::IMAGES {
            list.push_str(&format!("p{person}/{image}.pgm,p{person}\r\n"));
        }
    }
    place.write("faces/list.csv", list);
    place.train("a", &[]).done();
    place
        .siamese(&[
            "train",
            "tiny.toml",
            "--data",
            "faces/list.csv",
            "--out",
            "b",
        ])
        .done();
    assert!(place.bytes("a/model.safetensors") == place.bytes("b/model.safetensors"));
    assert_eq!(place.text("a/scores.csv"), place.text("b/scores.csv"));
}

#[test]
fn what_was_left_out_of_the_data_is_said() {
    let place = Place::new();
    place.write("faces/.hidden", "");
    place.write("faces/p1/notes.txt", "not an image");
    place.write("faces/readme.txt", "outside");
    let said = place.train("out", &[]).done();
    for word in ["1 hidden", "1 not images", "1 outside a subject's folder"] {
        assert!(said.stderr.contains(word), "{said:?}");
    }
}

#[test]
fn a_recipe_with_windows_line_ends_and_a_byte_order_mark_trains() {
    let place = Place::new();
    let text = format!("\u{feff}{}", crate::faces::RECIPE.replace('\n', "\r\n"));
    place.write("tiny.toml", text);
    place.train("out", &[]).done();
}

#[test]
fn a_training_is_calibrated_on_held_out_people_and_notes_what_it_learnt_from() {
    let place = Place::new();
    let held_out = [&HELD_OUT[..], &["--no-report"]].concat();
    place.train("out", &held_out).done();
    let inspect = |run: &str| place.siamese(&["inspect", run, "--json"]).done().json();
    let found = inspect("out");
    let made = &found["calibration"]["made"];
    // Three people of four images: 48 impostor comparisons show 10 %.
    assert_eq!(
        (&made["subjects"], &made["impostor"]),
        (&3.into(), &48.into())
    );
    assert_eq!(found["calibration"]["comparisons"][0]["fmr"], 0.1);
    assert_eq!(
        made["how"],
        "held-out people of the training, k-fold:4, fold 0"
    );
    assert_eq!(found["fingerprints"], 3 * 4);
    // Three of the eight people were learnt from, so all of them together are refused.
    let calibrate = |run: &str| place.siamese(&["calibrate", run, "--data", "faces"]);
    calibrate("out").failed(1, &["12 of these images", "3 of 8 subjects"]);

    // Where nobody is held out there is no calibration; and who does not want fingerprints has none.
    place
        .train("other", &["--no-report", "--no-fingerprints"])
        .done();
    let found = inspect("other");
    assert!(found["calibration"].is_null() && found["fingerprints"].is_null());
    assert!(
        place
            .text("other/recipe.toml")
            .contains("fingerprints = false")
    );
    let said = calibrate("other").done();
    assert!(said.stdout.contains("cannot be checked"), "{said:?}");
}

/// A model knows what the model knew that its training began with.
#[test]
fn fingerprints_are_handed_on() {
    let place = Place::new();
    let few = [&HELD_OUT[..], &["--no-report"]].concat();
    place.train("first", &few).done();
    let count = |run: &str| {
        let found = place.siamese(&["inspect", run, "--json"]).done().json();
        found["fingerprints"].as_u64()
    };
    let init = ["--no-report", "--init", "first", "--set", "train.epochs=1"];
    place.train("second", &init).done();
    // All six training people; three of them were known before.
    assert_eq!((count("first"), count("second")), (Some(12), Some(24)));
    place
        .train("unknown", &[&few[..], &["--no-fingerprints"]].concat())
        .done();
    let init = [
        "--no-report",
        "--init",
        "unknown",
        "--set",
        "train.epochs=1",
    ];
    place.train("third", &init).done();
    assert_eq!(count("third"), None);
}
