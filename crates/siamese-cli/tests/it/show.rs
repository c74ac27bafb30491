//! `recipes`, `inspect`, `doctor`, `completions`, and the rules that hold for every command.

use std::io::Read;
use std::process::Stdio;

use crate::faces::Place;

#[test]
fn recipes_are_listed_and_each_prints_a_text_that_is_a_recipe() {
    let place = Place::new();
    let list = place.siamese(&["recipes"]).done();
    let rows = place.siamese(&["recipes", "--json"]).done().json();
    let names: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    let of = |name: &str| &rows[names.iter().position(|found| *found == name).unwrap()]["purpose"];
    for (name, purpose) in [
        ("seed-literal", "reproduction"),
        ("koch2015", "reproduction"),
        ("orl-fast", "faces"),
        ("omniglot", "characters"),
        ("signatures", "signatures"),
        ("products", "products"),
    ] {
        assert_eq!(of(name), purpose);
        assert!(list.stdout.contains(purpose), "{list:?}");
    }
    for name in names {
        assert!(list.stdout.contains(name), "{list:?}");
        let text = place.siamese(&["recipes", name]).done().stdout;
        place.write("printed.toml", &text);
        let of_file = place
            .siamese(&["inspect", "printed.toml", "--json"])
            .done()
            .json();
        let of_name = place.siamese(&["inspect", name, "--json"]).done().json();
        assert_eq!(of_file, of_name);
        assert_eq!(
            of_file["recipe"],
            place.siamese(&["recipes", name, "--json"]).done().json()
        );
    }
}

#[test]
fn a_printed_recipe_trains_as_a_file() {
    let place = Place::new();
    let text = place.siamese(&["recipes", "seed"]).done().stdout;
    place.write("mine.toml", text);
    place
        .siamese(&[
            "train",
            "mine.toml",
            "--data",
            "faces",
            "--out",
            "out",
            "--set",
            "data.resize='none'",
            "--set",
            "encoder.input=[1, 16, 12]",
            "--set",
            "train.epochs=1",
            "--set",
            "pairs.per_kind=40",
        ])
        .done();
    assert!(place.path("out/figures.json").is_file());
}

#[test]
fn inspect_knows_a_model_a_checkpoint_and_a_recipe() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    for (what, kind, words) in [
        (
            "out",
            "model",
            ["genuine below distance", "on cpu by siamese"],
        ),
        (
            "out/model.safetensors",
            "model",
            ["SHA-256", "embeddings of 8 numbers"],
        ),
        (
            "out/checkpoint.safetensors",
            "checkpoint",
            ["3 of 3 epochs done", "batch_norm"],
        ),
        ("tiny.toml", "recipe", ["conv 4 3x3", "4x14x10"]),
    ] {
        let said = place.siamese(&["inspect", what]).done();
        assert!(
            said.stdout.starts_with(&match kind {
                "recipe" => "recipe tiny\n".to_owned(),
                _ => format!("{kind} of recipe tiny\n"),
            }),
            "{said:?}"
        );
        for word in words {
            assert!(said.stdout.contains(word), "{word}: {said:?}");
        }
        let report = place.siamese(&["inspect", what, "--json"]).done().json();
        assert_eq!(report["kind"], kind);
        let encoder = &report["encoders"][0];
        assert_eq!(encoder["embedding"], 8);
        let layers = encoder["layers"].as_array().unwrap();
        let sum: u64 = layers
            .iter()
            .map(|layer| layer["parameters"].as_u64().unwrap())
            .sum();
        assert_eq!(report["parameters"], sum);
    }
}

#[test]
fn inspect_shows_the_layers_of_networks_that_differ() {
    let place = Place::new();
    let said = place.siamese(&["inspect", "orl-best"]).done();
    for line in [
        "networks 1, 2, 3, 4, 5",
        "network 6",
        "lbp 2 in 7x7 cells",
        "6 networks judge together, of ",
    ] {
        assert!(said.stdout.contains(line), "{line}: {said:?}");
    }
    let report = place
        .siamese(&["inspect", "orl-best", "--json"])
        .done()
        .json();
    let encoders = report["encoders"].as_array().unwrap();
    let sum: u64 = encoders
        .iter()
        .map(|encoder| {
            let networks = encoder["networks"].as_array().unwrap().len() as u64;
            networks * encoder["parameters"].as_u64().unwrap()
        })
        .sum();
    assert_eq!(report["parameters"], sum);
}

/// A model is a model under any name, as after a download.
#[test]
fn inspect_and_eval_go_by_content_not_by_name() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    place.write("faces.model", place.bytes("out/model.safetensors"));
    let said = place.siamese(&["inspect", "faces.model"]).done();
    assert!(said.stdout.starts_with("model of recipe tiny"), "{said:?}");
    place
        .siamese(&["eval", "faces.model", "--data", "faces"])
        .done();
}

#[test]
fn doctor_names_versions_threads_and_devices() {
    let place = Place::new();
    let said = place.siamese(&["doctor"]).done();
    for word in ["siamese", "libtorch", "threads", "cores"] {
        assert!(said.stdout.contains(word), "{said:?}");
    }
    assert!(
        said.stdout.contains("cuda:0") || said.stdout.contains("CUDA      none: "),
        "{said:?}"
    );
    let beside = place.siamese(&["doctor", "--compare", "cpu"]).done();
    assert!(
        beside.stdout.contains("cpu keeps to all bounds"),
        "{beside:?}"
    );
    let report = place.siamese(&["doctor", "--json"]).done().json();
    assert!(report["threads"].as_u64().unwrap() >= 1);
    let path = report["libtorch_path"].as_str().unwrap();
    assert!(std::path::Path::new(path).is_file(), "{path}");
}

#[test]
fn completions_exist_for_every_shell_and_name_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = place.siamese(&["completions", shell]).done();
        assert!(
            said.stdout.contains("embed") && said.stdout.contains("inspect"),
            "{shell}"
        );
    }
    place.siamese(&["completions", "csh"]).failed(2, &["csh"]);
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_right() {
    let place = Place::new();
    for (args, word) in [
        ([].as_slice(), "Usage"),
        (&["tain"], "train"),
        (&["train"], "<RECIPE>"),
        (&["train", "seed", "--resume", "out"], "cannot be used with"),
        (
            &["train", "--resume", "out", "--force"],
            "cannot be used with",
        ),
        (
            &["train", "seed", "--device", "gpu"],
            "auto, cpu, cuda or cuda:N",
        ),
        (&["train", "seed", "--threads", "0"], "--threads"),
        // Regression: as many threads as a machine cannot start panicked, or hung.
        (&["train", "seed", "--threads", "65535"], "256"),
        (&["train", "seed", "--seed", "-1"], "-1"),
        (&["train", "seed", "--epochs", "3"], "--epochs"),
        (&["eval"], "<MODEL>"),
        (&["eval", "out", "--threshold", "near"], "near"),
        (&["embed", "out"], "--out"),
        (&["pairs", "seed", "--part", "train"], "fit"),
    ] {
        place.siamese(args).failed(2, &[word]);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let place = Place::new();
    let help = place.siamese(&["--help"]).done();
    for word in ["train", "Exit codes", "130"] {
        assert!(help.stdout.contains(word), "{help:?}");
    }
    let version = place.siamese(&["--version"]).done();
    assert!(version.stdout.starts_with("siamese "), "{version:?}");
}

/// As in `siamese completions bash | head -1`: the reader is gone before all is written.
#[test]
fn a_reader_that_has_gone_is_no_error() {
    let place = Place::new();
    let mut child = place
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    assert_eq!(said, "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_an_error() {
    let place = Place::new();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = place.command(&["recipes"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("standard output") && said.contains("No space left"),
        "{said}"
    );
}
