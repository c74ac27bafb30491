//! The command built without libtorch.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use siamese_net::{ModelFile, Provenance, Recipe};

use crate::faces::Place;

fn siamese(args: &[&str]) -> (bool, String, String) {
    let output = Command::cargo_bin("siamese")
        .unwrap()
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn what_trains_says_in_one_sentence_what_it_needs() {
    for command in [
        "train",
        "crossval",
        "refit",
        "sweep",
        "augment-preview",
        "reproduce",
    ] {
        let (done, _, said) = siamese(&[command, "orl-best", "--threads", "2"]);
        assert!(!done, "{command}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        for word in ["--no-default-features", "scripts/setup.sh", "LIBTORCH"] {
            assert!(said.contains(word), "{command}: {said}");
        }
    }
}

#[test]
fn doctor_says_what_computes() {
    let (done, printed, said) = siamese(&["doctor"]);
    assert!(done, "{said}");
    for words in [
        "engine    siamese-infer",
        "none: this build does not train",
        "threads",
    ] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
}

#[test]
fn a_gpu_is_refused_with_what_it_takes() {
    let (done, _, said) = siamese(&["verify", "m", "a", "b", "--device", "cuda"]);
    assert!(!done);
    for words in ["without libtorch", "--device"] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn what_needs_no_libtorch_is_there() {
    for args in [
        &["recipes"][..],
        &["recipes", "seed"],
        &["inspect", "seed"],
        &["doctor"],
        &["completions", "bash"],
        &["export", "--help"],
        &["new-recipe", "--help"],
        &["pairs", "--help"],
    ] {
        let (done, printed, said) = siamese(args);
        assert!(done, "{args:?}: {said}");
        assert!(!printed.is_empty(), "{args:?}");
    }
}

#[test]
fn a_model_is_exported_without_libtorch() {
    let text = "name = 'small'\n[encoder]\ninput = [1, 2, 2]\nlayers = ['flatten']\n[loss]\nkind = 'contrastive'\n\
                [optimizer]\nkind = 'adam'\n[train]\nepochs = 1";
    let recipe = Recipe::parse::<&str>(text, "small.toml", &[]).unwrap();
    let provenance = Provenance::default();
    let folder = tempfile::tempdir().unwrap();
    let [model, onnx] = ["m.safetensors", "m.onnx"].map(|name| folder.path().join(name));
    ModelFile::write(&model, &recipe, None, &provenance, &[]).unwrap();
    let names = [&model, &onnx].map(|path| path.to_str().unwrap());
    let (done, printed, said) = siamese(&["export", names[0], "--onnx", names[1]]);
    assert!(done, "{said}");
    assert!(printed.contains("embeddings f32 [n, 4]"), "{printed}");
    assert!(onnx.exists());
}

/// What `siamese train tiny.toml --data faces --out trained --threads 1 --no-report` wrote in a [`Place::hard`], without
/// checkpoint, scores and plots, and with the images' path made relative.
const TRAINED: [&str; 5] = [
    "figures.json",
    "history.jsonl",
    "model.safetensors",
    "recipe.toml",
    "run.json",
];

#[test]
fn a_run_that_was_trained_elsewhere_is_judged_and_used() {
    let place = Place::hard();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/trained_run");
    for file in TRAINED {
        place.write(
            &format!("trained/{file}"),
            fs::read(kept.join(file)).unwrap(),
        );
    }
    let figures = place.json("trained/figures.json");
    let said = place.siamese(&["report", "trained"]).done().stdout;
    assert!(said.contains("report: trained/report.html"), "{said}");
    let report = place.json("trained/report.json");
    let methods = report["methods"].as_array().unwrap();
    let names: Vec<&str> = methods
        .iter()
        .filter_map(|method| method["name"].as_str())
        .collect();
    assert_eq!(names[..3], ["tiny", "untrained", "raw-pixels"]);
    let found = &methods[0]["outcome"]["figures"];
    for (found, expected) in [
        (&found["eer"]["value"], &figures["figures"]["eer"]),
        (&found["auc"]["value"], &figures["figures"]["auc"]),
    ] {
        let [found, expected] = [found, expected].map(|value| value.as_f64().unwrap());
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    assert!(place.text("trained/report.html").contains("<svg"));

    let eval = ["eval", "trained", "--data", "faces", "--json"];
    let eval = place.siamese(&eval).done().json();
    assert_eq!(eval["eer"], figures["figures"]["eer"], "{eval}");
    let said = place.siamese(&["inspect", "trained"]).done().stdout;
    assert!(said.contains("name = \"tiny\""), "{said}");
    place
        .siamese(&["export", "trained", "--onnx", "tiny.onnx"])
        .done();
    assert!(place.path("tiny.onnx").exists());
    place
        .siamese(&["embed", "trained", "faces/p1", "--out", "p1.npy"])
        .done();
}
