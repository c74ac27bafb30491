//! A model file in use, with libtorch and without: `embed`, `eval` and `inspect`.

use std::fs;

use siamese_net::{
    ModelFile, Plan, Provenance, Recipe, TensorBytes, Threshold, initial_stream, initial_values,
};

use crate::faces::{IMAGES, PEOPLE, Place};

/// A place with `model.safetensors`, whose weights are those that the training of `tiny.toml` begins with.
pub(crate) fn place(threshold: Option<f64>) -> Place {
    with_model(threshold, None)
}

/// The same with the weights of another seed.
pub(crate) fn place_of_seed(seed: u64) -> Place {
    with_model(None, Some(seed))
}

fn with_model(threshold: Option<f64>, seed: Option<u64>) -> Place {
    let place = Place::new();
    let recipe = Recipe::parse::<&str>(&place.text("tiny.toml"), "tiny.toml", &[]).unwrap();
    let plan = Plan::new(&recipe.encoder).unwrap();
    let mut rng = initial_stream(seed.unwrap_or(recipe.seed));
    let tensors = plan.params().iter().map(|param| {
        let values = initial_values(param, recipe.encoder.init, &mut rng);
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let tensor = TensorBytes {
            shape: param.shape.iter().map(|&side| side as usize).collect(),
            bytes: bytes.into(),
        };
        (param.name.clone(), tensor)
    });
    let tensors: Vec<_> = tensors.collect();
    let threshold = threshold.map(|value| Threshold {
        value,
        source: "made up".to_owned(),
    });
    let provenance = Provenance {
        siamese: "0".into(),
        libtorch: "0".into(),
        device: "cpu".into(),
        epoch: 1,
        data_sha256: String::new(),
        people_sha256: None,
        origin: None,
    };
    let path = place.path("model.safetensors");
    ModelFile::write(&path, &recipe, threshold.as_ref(), &provenance, &tensors).unwrap();
    place
}

#[test]
fn embed_takes_folders_of_subjects_files_and_flat_folders() {
    let place = place(None);
    let embed = |args: &[&str]| place.siamese(&[&["embed", "model.safetensors"], args].concat());
    embed(&["--data", "faces", "--out", "all.npy"]).done();
    let all = place.bytes("all.npy");
    let rows = place.text("all.csv");
    assert!(rows.starts_with("path,subject\n"), "{rows}");
    assert_eq!(rows.lines().count(), 1 + PEOPLE * IMAGES);

    embed(&["faces/p2", "faces/p1/3.pgm", "--out", "some.npy"]).done();
    let rows = place.text("some.csv");
    let expected =
        "path\nfaces/p1/3.pgm\nfaces/p2/1.pgm\nfaces/p2/2.pgm\nfaces/p2/3.pgm\nfaces/p2/4.pgm\n";
    assert_eq!(rows, expected);
    // The same vectors, wherever they stand: eight numbers of four bytes, after the head.
    let vector = |bytes: &[u8], row: usize, of: usize| {
        let begin = bytes.len() - (of - row) * 32;
        bytes[begin..begin + 32].to_vec()
    };
    let some = place.bytes("some.npy");
    assert_eq!(vector(&some, 0, 5), vector(&all, 2, PEOPLE * IMAGES));
    assert_eq!(vector(&some, 4, 5), vector(&all, 7, PEOPLE * IMAGES));

    embed(&["faces", "--out", "none.npy"]).failed(1, &["faces", "holds no images", "--data"]);
    embed(&["nobody.png", "--out", "none.npy"]).failed(1, &["nobody.png", "does not exist"]);
    embed(&["faces/p1", "--data", "faces", "--out", "none.npy"]).failed(2, &["--data"]);
}

#[test]
fn threads_change_no_byte_of_embeddings() {
    let place = place(None);
    for threads in ["1", "2", "5"] {
        let out = format!("{threads}.safetensors");
        let args = ["--data", "faces", "--out", &out, "--threads", threads];
        place
            .siamese(&[&["embed", "model.safetensors"], &args[..]].concat())
            .done();
        assert_eq!(
            place.bytes(&out),
            place.bytes("1.safetensors"),
            "{threads} threads"
        );
    }
}

#[test]
fn eval_judges_and_writes_a_report() {
    let place = place(Some(0.5));
    let eval = [
        "eval",
        "model.safetensors",
        "--data",
        "faces",
        "--protocol",
        "all",
    ];
    let said = place.siamese(
        &[
            &eval[..],
            &["--json", "--scores", "scores.csv", "--out", "report"],
        ]
        .concat(),
    );
    let document = said.done().json();
    assert_eq!(document["genuine"], PEOPLE * IMAGES * (IMAGES - 1) / 2);
    let lines = place.text("scores.csv").lines().count();
    assert_eq!(lines, 1 + PEOPLE * IMAGES * (PEOPLE * IMAGES - 1) / 2);
    let page = place.text("report/report.html");
    for words in ["untrained", "raw-pixels"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn inspect_shows_layers_and_threshold() {
    let place = place(Some(0.5));
    let said = place.siamese(&["inspect", "model.safetensors"]).done();
    for words in [
        "conv 4 3x3",
        "genuine below distance 0.5000 (made up)",
        "contract ",
    ] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
}

#[test]
fn a_damaged_model_file_is_refused_by_name() {
    let place = place(None);
    let whole = place.bytes("model.safetensors");
    for (length, words) in [
        (0, "model.safetensors"),
        (whole.len() / 2, "model.safetensors"),
    ] {
        fs::write(place.path("model.safetensors"), &whole[..length]).unwrap();
        place
            .siamese(&[
                "verify",
                "model.safetensors",
                "faces/p1/1.pgm",
                "faces/p1/2.pgm",
            ])
            .failed(1, &[words]);
    }
}
