//! What a cross-validation trains with is what there was at its beginning, whatever becomes of the files.

use std::fs;

use crate::faces::{Place, RECIPE};

fn list(folds: [usize; 8]) -> String {
    let lines = (1..).zip(folds);
    let lines: String = lines
        .map(|(person, fold)| format!("p{person},{fold}\n"))
        .collect();
    format!("subject,fold\n{lines}")
}

const ARGS: [&str; 11] = [
    "crossval",
    "mine.toml",
    "--data",
    "faces",
    "--jobs",
    "1",
    "--init",
    "base.safetensors",
    "--set",
    "pairs.per_kind=18",
    "--out",
];

/// A recipe, a list of people and a model that was trained on others.
fn place() -> Place {
    let place = Place::new();
    let recipe = RECIPE.replace("k-fold:4", "people.csv");
    place.write("mine.toml", recipe.replace("epochs = 3", "epochs = 40"));
    place.write("people.csv", list([0, 0, 0, 1, 1, 1, 2, 2]));
    for person in 0..8 {
        for image in 0..4 {
            let name = format!("others/q{person}/{image}.pgm");
            place.write(&name, crate::faces::face(person + 11, image));
        }
    }
    let base = ["train", "tiny.toml", "--data", "others", "--out"];
    for (seed, out) in [("1", "base"), ("2", "another")] {
        let args = [&base[..], &[out, "--seed", seed, "-q"]].concat();
        place.siamese(&args).done();
    }
    fs::copy(
        place.path("base/model.safetensors"),
        place.path("base.safetensors"),
    )
    .unwrap();
    place
}

#[test]
fn nothing_that_is_edited_meanwhile_changes_what_is_trained() {
    let place = place();
    let undisturbed = [&ARGS[..], &["undisturbed", "-q"]].concat();
    place.siamese(&undisturbed).done();

    // A program of its own, which is replaced as well.
    let program = place.path("siamese");
    fs::copy(env!("CARGO_BIN_EXE_siamese"), &program).unwrap();
    let mut command = std::process::Command::new(&program);
    command
        .args([&ARGS[..], &["cv"]].concat())
        .current_dir(place.path(""))
        .stdin(std::process::Stdio::null());
    let mut running = place.start_command(command, "cv");
    running.wait_for_epochs("cv/fold-0", 1);
    place.write("mine.toml", RECIPE.replace("lr = 0.003", "lr = 0.5"));
    place.write("people.csv", list([2, 1, 0, 2, 1, 0, 2, 1]));
    fs::copy(
        place.path("another/model.safetensors"),
        place.path("base.safetensors"),
    )
    .unwrap();
    if cfg!(target_os = "linux") {
        fs::remove_file(&program).unwrap();
        place.write("siamese", "a new version");
    }
    running.end().done();
    for fold in 0..3 {
        for file in [
            "model.safetensors",
            "scores.csv",
            "recipe.toml",
            "init.safetensors",
        ] {
            let [found, expected] =
                ["cv", "undisturbed"].map(|run| place.bytes(&format!("{run}/fold-{fold}/{file}")));
            assert!(found == expected, "{file} of fold {fold} differs");
        }
        assert!(!place.path(&format!("cv/fold-{fold}/begin")).exists());
    }
    let [found, expected] = ["cv", "undisturbed"]
        .map(|run| place.json(&format!("{run}/crossval.json"))["figures"].clone());
    assert_eq!(found, expected);
}

#[test]
fn a_list_that_changed_is_noticed_before_a_begun_fold_goes_on() {
    let place = place();
    let args = [&ARGS[..], &["cv"]].concat();
    place.siamese(&args).done();
    for fold in 0..3 {
        fs::remove_file(place.path(&format!("cv/fold-{fold}/figures.json"))).unwrap();
    }
    let before = place.bytes("cv/fold-0/checkpoint.safetensors");
    place.write("people.csv", list([2, 1, 0, 2, 1, 0, 2, 1]));
    place
        .siamese(&args)
        .failed(1, &["cv/fold-0", "divided in another way", "--force"]);
    assert!(before == place.bytes("cv/fold-0/checkpoint.safetensors"));
    place.write("people.csv", list([0, 0, 0, 1, 1, 1, 2, 2]));
    place.siamese(&args).done();
}

#[test]
fn two_cross_validations_do_not_write_into_one_folder_at_once() {
    let place = place();
    let args = [&ARGS[..], &["cv"]].concat();
    let mut running = place.start_with(&args, "cv");
    running.wait_for_epochs("cv/fold-0", 1);
    place
        .siamese(&args)
        .failed(1, &["another training is writing into cv"]);
    running.end().done();
}
