//! The model in `assets/`: what README shows of it, on the AT&T faces where they have been fetched.

#![allow(
    clippy::print_stdout,
    reason = "a test that is not run says so by name"
)]
use std::path::Path;

use crate::faces::Place;

/// A file of the repository.
fn of_repository(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join(path).to_str().unwrap().to_owned()
}

#[test]
fn the_demonstration_model_takes_any_faces() {
    let place = Place::new();
    let model = of_repository("assets/demo.safetensors");
    // It is not calibrated, so it decides nothing.
    let said = place.siamese(&["verify", &model, "faces/p1/1.pgm", "faces/p1/2.pgm"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    let said = place
        .siamese(&["embed", &model, "--data", "faces", "--out", "faces.npy"])
        .done();
    assert!(said.stdout.contains("of 48 numbers"), "{said:?}");
    place
        .siamese(&["export", &model, "--onnx", "demo.onnx"])
        .done();
    let said = place.siamese(&["inspect", &model]).done();
    assert!(said.stdout.contains("name = \"demo\""), "{said:?}");
}

/// Its figures on people whom it never saw, as `assets/README.md` has them.
#[test]
fn the_demonstration_model_tells_strangers_apart() {
    let faces = of_repository("datasets/orl_faces");
    if !Path::new(&faces).join("s1").is_dir() {
        println!(
            "NOT RUN: the_demonstration_model_tells_strangers_apart: the AT&T faces are not in datasets/orl_faces; \
             scripts/fetch_orl.py fetches them"
        );
        return;
    }
    let place = Place::new();
    let model = of_repository("assets/demo.safetensors");
    let [first, second, other] =
        ["s36/1.pgm", "s36/2.pgm", "s37/2.pgm"].map(|image| format!("{faces}/{image}"));
    // Calibrated on strangers, it tells the two apart at an error rate of 10 %.
    let list: String = (36..=40)
        .flat_map(|s| (1..=10).map(move |i| (s, i)))
        .map(|(s, i)| format!("{faces}/s{s}/{i}.pgm,s{s}\n"))
        .collect();
    place.write("strangers.csv", format!("path,subject\n{list}"));
    let data = ["--data", "strangers.csv", "--out", "demo.safetensors"];
    let calibrate = [&["calibrate", &model][..], &data].concat();
    place.siamese(&calibrate).done();
    let verify = |other: &str| {
        let verify = ["verify", "demo.safetensors", &first, other, "--fmr", "10%"];
        place.siamese(&verify)
    };
    verify(&second).done();
    let said = verify(&other);
    assert_eq!(said.code, Some(3), "{said:?}");

    let eval = ["eval", &model, "--data", &faces, "--out", "eval"];
    let judged = [&eval[..], &["--protocol", "chopra-35-5", "--json"]].concat();
    let document = place.siamese(&judged).done().json();
    let eer = document["eer"].as_f64().unwrap();
    assert!((0.04..0.06).contains(&eer), "{eer}");
}
