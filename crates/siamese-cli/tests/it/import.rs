//! A ready ONNX network from its file to a model in use, with libtorch and without.

use std::fs;
use std::path::Path;

use crate::faces::Place;

/// Networks that were exported from PyTorch; `make.py` beside them says how. `mobile-13` takes greys of 30x26, and gives
/// 6 numbers; `faces-18` takes colours of 24x24, and gives 10.
fn network(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../onnx-backbone/tests/networks");
    fs::read(folder.join(format!("{name}.onnx"))).unwrap()
}

pub(crate) fn place() -> Place {
    let place = Place::new();
    place.write("nets/mobile.onnx", network("mobile-13"));
    place.write("nets/faces.onnx", network("faces-18"));
    place
}

pub(crate) const SCALE: [&str; 4] = ["--mean", "127.5", "--sd", "127.5"];

/// The numbers in a `.npy` file of f32.
fn numbers(bytes: &[u8], count: usize) -> Vec<f32> {
    let (values, _) = bytes[bytes.len() - 4 * count..].as_chunks::<4>();
    values.iter().copied().map(f32::from_le_bytes).collect()
}

#[test]
fn an_imported_network_is_inspected_judged_and_used() {
    let place = place();
    let import = |more: &[&str]| {
        let args = [
            "import",
            "nets/mobile.onnx",
            "--out",
            "model/face.safetensors",
        ];
        place.siamese(&[&args[..], more].concat())
    };
    import(&[]).failed(1, &["nets/mobile.onnx", "--mean 127.5 --sd 127.5"]);
    import(&["--mean", "127.5"]).failed(2, &["--sd"]);
    let other = [&SCALE[..], &["--size", "112"]].concat();
    import(&other).failed(
        1,
        &["input: f32 [n, 1, 30, 26]", "make the images 1 x 30 x 26"],
    );
    fs::create_dir(place.path("model")).unwrap();
    let said = import(&[&SCALE[..], &["--json"]].concat()).done().json();
    assert_eq!(said["contract"]["dimension"], 6);
    assert_eq!(said["images"], serde_json::json!([1, 30, 26]));
    let kept = said["network"].as_str().unwrap();
    assert!(kept.starts_with("model/network-"), "{kept}");
    import(&SCALE).failed(1, &["--force"]);
    fs::remove_dir_all(place.path("nets")).unwrap();

    let model = "model/face.safetensors";
    let said = place.siamese(&["inspect", model]).done().stdout;
    for words in [
        "begins with the ONNX network model/network-",
        "without training",
        "numbers, compared by cosine",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let said = place.siamese(&["verify", model, "faces/p1/1.pgm", "faces/p1/2.pgm"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stdout.contains("NO DECISION"), "{said:?}");
    let said = place
        .siamese(&[
            "eval",
            model,
            "--data",
            "faces",
            "--protocol",
            "all",
            "--out",
            "report",
            "--threshold",
            "0.7",
        ])
        .done();
    assert!(said.stdout.contains("EER"), "{said:?}");
    let page = place.text("report/report.md");
    assert!(
        page.contains("raw-pixels") && !page.contains("untrained"),
        "{page}"
    );
    for threads in ["1", "3"] {
        let out = format!("{threads}.npy");
        place
            .siamese(&[
                "embed",
                model,
                "--data",
                "faces",
                "--out",
                &out,
                "--threads",
                threads,
            ])
            .done();
    }
    assert_eq!(place.bytes("1.npy"), place.bytes("3.npy"));
    place
        .siamese(&["export", model, "--onnx", "again.onnx"])
        .failed(1, &["begins with the ONNX network"]);

    fs::remove_file(place.path(kept)).unwrap();
    let alone = place.siamese(&["verify", model, "faces/p1/1.pgm", "faces/p1/1.pgm"]);
    alone.failed(1, &["put it beside the model as model/network-"]);
}

#[test]
fn inspect_says_what_an_onnx_file_holds_and_whether_it_can_be_used() {
    let place = place();
    let said = place.siamese(&["inspect", "nets/faces.onnx"]).done().stdout;
    for words in [
        "operator set 18, written by pytorch 2.13",
        "input input: f32 [1, 3, 24, 24]",
        "vectors of 10 numbers",
        "Conv ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // An operator that nobody knows, in the place of one.
    let mut bytes = network("faces-18");
    while let Some(at) = bytes.windows(5).position(|part| part == b"PRelu") {
        bytes[at..at + 5].copy_from_slice(b"PFoot");
    }
    place.write("odd.onnx", &bytes);
    let said = place.siamese(&["inspect", "odd.onnx"]).done().stdout;
    for words in ["cannot be encoder.onnx", "PFoot", "not supported"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let args = [
        &["import", "odd.onnx", "--out", "odd.safetensors"][..],
        &SCALE,
    ]
    .concat();
    place
        .siamese(&args)
        .failed(1, &["odd.onnx", "PFoot", "not supported"]);
    place.write("cut.onnx", &bytes[..bytes.len() / 2]);
    for command in [
        &["inspect", "cut.onnx"][..],
        &["import", "cut.onnx", "--out", "cut.safetensors"],
    ] {
        place
            .siamese(command)
            .failed(1, &["cut.onnx", "not a whole ONNX file"]);
    }
    assert!(!place.path("cut.safetensors").exists());
}

/// A model goes out as ONNX and comes back in as a ready network that takes bytes.
#[test]
fn an_exported_model_comes_back_in_with_the_same_embeddings() {
    let place = crate::used::place(None);
    let embed = |model: &str, out: &str| {
        place
            .siamese(&["embed", model, "--data", "faces", "--out", out])
            .done();
        numbers(&place.bytes(out), 32 * 8)
    };
    let expected = embed("model.safetensors", "before.npy");
    place
        .siamese(&["export", "model.safetensors", "--onnx", "model.onnx"])
        .done();
    let import = ["import", "model.onnx", "--out", "back.safetensors"];
    place
        .siamese(&[&import[..], &SCALE].concat())
        .failed(1, &["leave out --mean and --sd"]);
    place.siamese(&import).done();
    let found = embed("back.safetensors", "after.npy");
    for (found, expected) in found.chunks(8).zip(expected.chunks(8)) {
        // What was imported is scaled to length 1.
        let length = expected.iter().map(|x| x * x).sum::<f32>().sqrt();
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected / length).abs() < 2e-5,
                "{found} {expected}"
            );
        }
    }
}

#[cfg(feature = "train")]
const TRAIN: [&str; 7] = [
    "train",
    "ready.toml",
    "--data",
    "faces",
    "--out",
    "run",
    "--no-report",
];

/// The recipe `ready.toml` with a network in place of its first layers.
#[cfg(feature = "train")]
fn trainable(layers: &str, epochs: usize) -> Place {
    let place = place();
    let (before, rest) = crate::faces::RECIPE.split_once("[encoder]\n").unwrap();
    let (_, after) = rest.split_once("\n]\n").unwrap();
    let recipe = format!(
        "{before}[data]\nresize = {{ area = [30, 26] }}\nmean = 0.5\nsd = 0.5\n[encoder]\ninput = [1, 30, 26]\n\
         onnx = \"nets/mobile.onnx\"\nembedding = 6\nlayers = [{layers}]\n{after}"
    );
    place.write(
        "ready.toml",
        recipe.replace("epochs = 3", &format!("epochs = {epochs}")),
    );
    place
}

#[cfg(feature = "train")]
#[test]
fn layers_after_a_network_are_trained_and_libtorch_gives_what_the_engine_gives() {
    let place = trainable("{ dense = 5 }, 'tanh'", 3);
    place.siamese(&TRAIN).done();
    place
        .siamese(&[&TRAIN[..], &["--set", "encoder.trainable=true", "--force"]].concat())
        .failed(1, &["encoder.trainable = true is for encoder.torchscript"]);
    place
        .siamese(&["embed", "run", "--data", "faces", "--out", "e.npy"])
        .done();
    let vectors = numbers(&place.bytes("e.npy"), 32 * 5);
    // Distances by libtorch, of embeddings by the engine.
    let scores = [
        "eval",
        "run",
        "--data",
        "faces",
        "--protocol",
        "all",
        "--scores",
        "s.csv",
        "--no-report",
    ];
    place.siamese(&scores).done();
    let rows = place.text("e.csv");
    let names: Vec<&str> = rows
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    let vector = |name: &str| {
        let row = names.iter().position(|known| *known == name).unwrap();
        &vectors[5 * row..][..5]
    };
    let mut compared = 0;
    for line in place.text("s.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let apart = vector(cells[0]).iter().zip(vector(cells[1]));
        let distance = apart.map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
        let expected: f32 = cells[3].parse().unwrap();
        assert!((distance - expected).abs() < 1e-4, "{line}: {distance}");
        compared += 1;
    }
    assert_eq!(compared, 32 * 31 / 2);
}

#[cfg(feature = "train")]
#[test]
fn a_whitening_is_fitted_on_what_a_network_gives_without_training_it() {
    let place = trainable("", 0);
    let whitened = ["--set", "embedding.whiten={ kind = 'pca', components = 4 }"];
    place.siamese(&[&TRAIN[..], &whitened].concat()).done();
    let said = place.siamese(&["inspect", "run"]).done().stdout;
    assert!(said.contains("embeddings of 4 numbers"), "{said}");
    assert!(!said.contains("without training"), "{said}");
    let said = place
        .siamese(&[
            "crossval",
            "ready.toml",
            "--data",
            "faces",
            "--out",
            "folds",
        ])
        .done();
    assert!(said.stdout.contains("4 folds pooled"), "{said:?}");
    place
        .siamese(&[
            "train",
            "ready.toml",
            "--data",
            "faces",
            "--set",
            "train.epochs=2",
        ])
        .failed(1, &["nothing to train", "encoder.layers"]);
    place.write("nets/mobile.onnx", network("faces-18"));
    place
        .siamese(&[&TRAIN[..], &["--force"]].concat())
        .failed(1, &["nets/mobile.onnx", "make the images 3 x 24 x 24"]);
}
