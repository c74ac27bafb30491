//! A ready TorchScript program from its first judgement to a fine-tuned model.

use std::fs;
use std::path::{Path, PathBuf};

use crate::faces::{Place, RECIPE};

/// A network of images [1, 16, 12] to 8 numbers; see `make.py` beside it.
fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../siamese-model/tests/scripts/{name}.pt"))
}

/// The recipe `recipes/ready.toml` with the program `nets/backbone.pt` in place of its layers, and no training.
fn place() -> Place {
    let place = Place::new();
    place.write("nets/backbone.pt", fs::read(program("good")).unwrap());
    let (before, rest) = RECIPE.split_once("layers = [\n").unwrap();
    let (_, after) = rest.split_once("\n]\n").unwrap();
    let ready = format!("{before}torchscript = \"../nets/backbone.pt\"\nembedding = 8\n{after}");
    place.write(
        "recipes/ready.toml",
        ready.replace("epochs = 3", "epochs = 0"),
    );
    place
}

fn run<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = [
        command,
        "recipes/ready.toml",
        "--data",
        "faces",
        "--out",
        "out",
    ];
    [&args, more].concat()
}

/// The program that a run keeps.
fn kept(place: &Place, run: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.path(run)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "pt"))
        .collect()
}

#[test]
fn a_model_of_a_program_is_not_exported() {
    let place = place();
    place
        .siamese(&run("train", &["--no-report", "--quiet"]))
        .done();
    let words = ["model.safetensors", "TorchScript", "torch.onnx.export"];
    place
        .siamese(&["export", "out", "--onnx", "model.onnx"])
        .failed(1, &words);
    assert!(!place.path("model.onnx").exists());
}

#[test]
fn a_ready_program_is_judged_on_unseen_people_without_training() {
    let place = place();
    let said = place.siamese(&run("crossval", &[])).done();
    assert!(said.stdout.contains("4 folds pooled"), "{said:?}");
    let report = place.json("out/report.json");
    let names: Vec<&str> = report["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| method["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"eigenfaces") && !names.contains(&"untrained"),
        "{names:?}"
    );
    let text = place.text("out/report.md");
    assert!(text.contains("the ready program, used as it is"), "{text}");
    assert!(
        !text.contains("way of training") && !text.contains("history.jsonl"),
        "{text}"
    );
    assert!(!place.path("out/fold-0/checkpoint.safetensors").exists());
    assert_eq!(kept(&place, "out/fold-0").len(), 1);

    // It goes on with what is there, and knows a program that was changed.
    let said = place.siamese(&run("crossval", &[])).done();
    assert_eq!(said.stderr.matches("already there").count(), 4, "{said:?}");
    place.siamese(&["report", "out/fold-1"]).done();
    place.write("nets/backbone.pt", fs::read(program("frozen")).unwrap());
    place
        .siamese(&run("crossval", &[]))
        .failed(1, &["of another recipe", "--force"]);
    place.siamese(&run("crossval", &["--force"])).done();
    assert_eq!(kept(&place, "out/fold-0").len(), 1);
}

#[test]
fn a_model_with_its_program_is_used_wherever_both_lie() {
    let place = place();
    place.siamese(&run("train", &["--no-report"])).done();
    let judged =
        |model: &str| place.siamese(&["eval", model, "--data", "faces", "--no-report", "--json"]);
    let own = judged("out").done().json();
    place.write(
        "alone/model.safetensors",
        place.bytes("out/model.safetensors"),
    );
    judged("alone").failed(
        1,
        &[
            "alone/model.safetensors",
            "put it beside the model as alone/script-",
        ],
    );
    let said = place.siamese(&["inspect", "alone"]).done().stdout;
    assert!(
        said.contains("which is not there") && said.contains("sha256 = "),
        "{said}"
    );
    let program = &kept(&place, "out")[0];
    let name = program.file_name().unwrap().to_str().unwrap();
    place.write(&format!("alone/{name}"), fs::read(program).unwrap());
    assert_eq!(judged("alone").done().json(), own);
    place
        .siamese(&["embed", "alone", "--data", "faces", "--out", "e.npy"])
        .done();
    place.write(&format!("alone/{name}"), b"#!/bin/sh");
    judged("alone").failed(1, &[name, "not a TorchScript program"]);
}

#[test]
fn fine_tuning_goes_on_where_it_was_interrupted() {
    let place = place();
    let tuned = [
        "--no-report",
        "--set",
        "encoder.trainable=true",
        "--set",
        "train.epochs=60",
    ];
    let mut args = run("train", &tuned);
    args[5] = "part";
    let mut part = place.start_with(&args, "part");
    part.wait_for_epochs("part", 2);
    part.signal("INT");
    let said = part.end();
    assert_eq!(said.code, Some(130), "{said:?}");
    // The program that the run keeps is enough.
    fs::remove_dir_all(place.path("nets")).unwrap();
    let said = place.siamese(&["inspect", "part"]).done().stdout;
    assert!(said.contains("checkpoint of recipe tiny"), "{said}");
    place
        .siamese(&[
            "train",
            "--resume",
            "part",
            "--data",
            "faces",
            "--no-report",
            "--quiet",
        ])
        .done();
    let said = place.siamese(&["inspect", "part"]).done().stdout;
    assert!(said.contains("holds 187 fine-tuned parameters"), "{said}");
}

#[test]
fn a_program_that_cannot_be_used_is_refused_before_anything_begins() {
    let place = place();
    for (name, words) in [
        (
            "state_dict",
            &["not a TorchScript program", "torch.jit.script"][..],
        ),
        (
            "of_the_batch",
            &["alone than beside others", "model.eval()"],
        ),
        ("raises", &["five channels are needed", "encoder.input"]),
        (
            "missing",
            &["there is no such file", "relative to the recipe's folder"],
        ),
    ] {
        let other = format!("encoder.torchscript=../nets/{name}.pt");
        if name != "missing" {
            place.write(&format!("nets/{name}.pt"), fs::read(program(name)).unwrap());
        }
        for command in ["train", "crossval"] {
            let file = format!("nets/{name}.pt");
            let words = [&[&file[..]], words].concat();
            place
                .siamese(&run(command, &["--set", &other]))
                .failed(1, &words);
            assert!(!place.path("out").exists(), "{command} {name}");
        }
    }
    place
        .siamese(&run("train", &["--set", "train.epochs=5"]))
        .failed(
            1,
            &[
                "recipes/ready.toml",
                "nothing to train",
                "encoder.trainable = true",
            ],
        );
}

/// Layers after a program mean nothing after another, however well their shapes fit.
#[test]
fn layers_are_not_taken_over_from_another_program() {
    let place = place();
    let head = [
        "--set",
        "train.epochs=1",
        "--set",
        "encoder.layers=[{ dense = 4 }]",
    ];
    place.siamese(&run("train", &head)).done();
    fs::rename(place.path("out"), place.path("base")).unwrap();
    let tuned = [&head[..], &["--init", "base", "--set", "protocol.fold=0"]].concat();
    place.siamese(&run("train", &tuned)).done();
    // The program itself may learn from here on.
    let on = [&tuned[..], &["--force", "--set", "encoder.trainable=true"]].concat();
    place.siamese(&run("train", &on)).done();
    place.write("nets/backbone.pt", fs::read(program("frozen")).unwrap());
    let again = [&tuned[..], &["--force"]].concat();
    place
        .siamese(&run("train", &again))
        .failed(1, &["base", "another program", "encoder.torchscript"]);
}
