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
    let verify = ["verify", &model, "faces/p1/1.pgm", "faces/p1/2.pgm"];
    let said = place.siamese(&verify);
    assert!(matches!(said.code, Some(0 | 3 | 4)), "{said:?}");
    assert!(said.stdout.contains("measured on 30 subjects"), "{said:?}");
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
    // At the error rate that thirty people support.
    let verify = |a: &str, b: &str| {
        let images = [a, b].map(|image| format!("{faces}/{image}"));
        place.siamese(&["verify", &model, &images[0], &images[1], "--fmr", "10%"])
    };
    verify("s36/1.pgm", "s36/2.pgm").done();
    let said = verify("s36/1.pgm", "s37/2.pgm");
    assert_eq!(said.code, Some(3), "{said:?}");

    let strangers: String = (31..=40)
        .flat_map(|s| (1..=10).map(move |i| (s, i)))
        .map(|(s, i)| format!("{faces}/s{s}/{i}.pgm,s{s}\n"))
        .collect();
    place.write("strangers.csv", format!("path,subject\n{strangers}"));
    let eval = ["eval", &model, "--data", "strangers.csv", "--out", "eval"];
    let judged = [&eval[..], &["--protocol", "all", "--json"]].concat();
    let document = place.siamese(&judged).done().json();
    let eer = document["eer"].as_f64().unwrap();
    assert!((0.09..0.14).contains(&eer), "{eer}");
}
