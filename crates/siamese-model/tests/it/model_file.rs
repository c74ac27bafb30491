//! The model file: what goes in comes out, and whatever else is refused by name.

use std::fs;

use ndarray::Array3;
use siamese_model::{Device, Embedder, Encoder, Model, Provenance, Recipe, Threshold};

fn model() -> Model {
    let recipe = Recipe::builtin("seed", &["seed=3"]).unwrap();
    let encoder = Encoder::new(&recipe.encoder, &recipe.data, recipe.seed, Device::Cpu).unwrap();
    let threshold = Some(Threshold {
        value: 0.5,
        source: "the recipe's".into(),
    });
    let provenance = Provenance {
        siamese: "0.1.0".into(),
        libtorch: "2.13.0".into(),
        device: "cpu".into(),
        epoch: 0,
        data_sha256: "0".into(),
        people_sha256: None,
        origin: None,
    };
    Model {
        recipe,
        embedder: Embedder::of(encoder),
        threshold,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance,
    }
}

fn images() -> Array3<u8> {
    Array3::from_shape_fn((300, 56, 46), |(i, y, x)| {
        ((i * 31 + y * 7 + x * 3) % 256) as u8
    })
}

#[test]
fn a_model_embeds_the_same_after_a_round_trip_and_saves_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (
        folder.path().join("one.safetensors"),
        folder.path().join("two.safetensors"),
    );
    let model = model();
    model.save(&one).unwrap();
    let loaded = Model::load(&one, Device::Cpu).unwrap();
    loaded.save(&two).unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
    assert_eq!(loaded.recipe, model.recipe);
    assert_eq!(loaded.threshold, model.threshold);
    assert_eq!(loaded.provenance, model.provenance);
    let embeddings = model.embed(images().view()).unwrap();
    assert_eq!(embeddings.dim(), (300, 50));
    assert_eq!(embeddings, loaded.embed(images().view()).unwrap());
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "temporary files were left behind"
    );
}

#[test]
fn an_embedding_depends_on_its_image_alone() {
    let model = model();
    let all = model.embed(images().view()).unwrap();
    let images = images();
    let one = model
        .embed(images.slice(ndarray::s![299.., .., ..]))
        .unwrap();
    let difference = (&all.slice(ndarray::s![299.., ..]) - &one)
        .iter()
        .fold(0.0f32, |most, d| most.max(d.abs()));
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn a_damaged_or_foreign_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model().save(&path).unwrap();
    let whole = fs::read(&path).unwrap();
    let refusal = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let shown = Model::load(&path, Device::Cpu).unwrap_err().to_string();
        assert!(shown.starts_with(&path.display().to_string()), "{shown}");
        shown
    };
    for cut in [0, 4, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        let shown = refusal(&whole[..cut]);
        assert!(
            shown.contains("not a whole .safetensors file") || shown.contains("damaged"),
            "{cut}: {shown}"
        );
    }
    refusal(b"PK\x03\x04 surely no model file");
    let header = whole.windows(7).position(|w| w == b"conv = ").unwrap();
    let mut other = whole.clone();
    other[header + 7] = b'7';
    assert!(
        refusal(&other).contains("has the shape"),
        "the recipe inside was changed"
    );
    let name = whole
        .windows(15)
        .position(|w| w == b"layers.1.weight")
        .unwrap();
    let mut other = whole.clone();
    other[name..name + 15].copy_from_slice(b"layers.1.wrongt");
    assert!(refusal(&other).contains("it has no tensor layers.1.weight"));
    // The document is JSON inside JSON, so its quotes are escaped.
    let key: &[u8] = br#"format\":4"#;
    let format = whole.windows(key.len()).position(|w| w == key).unwrap();
    let mut other = whole.clone();
    other[format + key.len() - 1] = b'9';
    assert!(refusal(&other).contains("the model file has format 9"));
}

#[test]
fn initial_weights_follow_the_seed_alone() {
    let weights = |seed| -> Vec<f32> {
        let recipe = Recipe::builtin::<&str>("seed", &[]).unwrap();
        let encoder = Encoder::new(&recipe.encoder, &recipe.data, seed, Device::Cpu).unwrap();
        let first = encoder.named_tensors().next().unwrap().1.contiguous();
        Vec::try_from(first.flatten(0, -1)).unwrap()
    };
    assert_eq!(weights(1), weights(1));
    assert_ne!(weights(1), weights(2));
    // Pinned: a model of the same seed must begin the same in every version.
    assert_eq!(weights(0)[..3], [-0.1418849, -0.17108494, -0.07400977]);
}

#[test]
fn two_images_are_compared_as_their_embeddings_are_and_the_bare_threshold_decides_nothing() {
    let model = model();
    let images = images();
    let [a, b] = [3, 77].map(|i| images.slice(ndarray::s![i..=i, .., ..]));
    let found = model.compare(a, b).unwrap();
    let both = ndarray::concatenate(ndarray::Axis(0), &[a, b]).unwrap();
    let embeddings = model.embed(both.view()).unwrap();
    let difference = &embeddings.row(0) - &embeddings.row(1);
    let expected = f64::from(difference.dot(&difference).sqrt());
    assert!((found.distance - expected).abs() < 1e-5, "{found:?}");
    assert_eq!(found.similarity, 1.0 / (1.0 + found.distance));
    assert!(found.decision.is_none());
    assert_eq!(found.bare_threshold, model.threshold);
    assert!(model.compare(a, a).unwrap().distance < 1e-5);
    let small = Array3::<u8>::zeros((1, 5, 5));
    let error = model.compare(a, small.view()).unwrap_err().to_string();
    assert!(error.contains("56x46") && error.contains("5x5"), "{error}");
}

#[test]
fn the_contract_in_memory_is_that_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut model = model();
    model.save(&path).unwrap();
    let of_file = siamese_model::ModelFile::read(&path).unwrap();
    let of_file = of_file.contract(&path).unwrap();
    assert_eq!(model.contract().unwrap(), of_file);
    assert_eq!(of_file.dimension, 50);
    model.threshold = None;
    assert_eq!(model.contract().unwrap(), of_file);
    model.recipe.data.mean = siamese_model::ByChannel::All(0.25);
    assert_ne!(model.contract().unwrap(), of_file);
}

#[cfg(feature = "images")]
#[test]
fn two_files_are_compared_as_their_pixels_are() {
    let folder = tempfile::tempdir().unwrap();
    let model = model();
    let write = |name: &str, pixel: fn(usize) -> u8| {
        let mut bytes = b"P5 92 112 255 ".to_vec();
        bytes.extend((0..92 * 112).map(pixel));
        std::fs::write(folder.path().join(name), &bytes).unwrap();
        (folder.path().join(name), bytes)
    };
    let (a, _) = write("a.pgm", |i| (i % 251) as u8);
    let (_, b) = write("b.pgm", |i| (i / 92 * 2) as u8);
    let found = model.compare(&a, &b).unwrap();
    // The recipe keeps every second row and column.
    let pixels = |of: fn(usize) -> u8| {
        Array3::from_shape_fn((1, 56, 46), |(_, y, x)| of(2 * y * 92 + 2 * x))
    };
    let (a, b) = (pixels(|i| (i % 251) as u8), pixels(|i| (i / 92 * 2) as u8));
    assert_eq!(found, model.compare(&a, &b).unwrap());
    assert!(found.distance > 0.0);
    let error = model.compare(&a, "nowhere.jpg").unwrap_err().to_string();
    assert!(error.contains("nowhere.jpg"), "{error}");
}
