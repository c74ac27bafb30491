//! Models that begin with a ready ONNX network.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array3;
use onnx_backbone::Backbone;
use siamese_infer::Model;
use siamese_net::{EmbeddingModel, ImageStack, ModelFile, Recipe};
use tempfile::TempDir;

use crate::model::written;

/// A network of images [3, 24, 24] to 10 numbers.
fn network() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../onnx-backbone/tests/networks/faces-11.onnx")
}

/// The recipe of a model of it.
fn recipe(overrides: &[&str]) -> Recipe {
    let text = "name = 'ready'\n[data]\nmean = 0.5\nsd = 0.5\n[encoder]\ninput = [3, 24, 24]\nonnx = 'faces-11.onnx'\n\
                embedding = 10\n[loss]\nkind = 'contrastive'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 0\n";
    let recipe = Recipe::parse(text, "ready.toml", overrides).unwrap();
    let recipe = recipe.relative_to(network().parent().unwrap());
    recipe.unwrap().pin().unwrap()
}

/// A model of this recipe, with its network beside it.
fn model(folder: &TempDir, recipe: &Recipe) -> PathBuf {
    written(folder.path(), &recipe.keep_programs(folder.path()).unwrap())
}

fn image(number: usize) -> Array3<u8> {
    Array3::from_shape_fn((3, 24, 24), |(c, y, x)| {
        ((c * 50 + y * number + x * 7) % 256) as u8
    })
}

/// What the network alone makes of an image, whose channels come in this order.
fn alone(image: &Array3<u8>, order: [usize; 3]) -> Vec<f32> {
    let backbone = Backbone::load(fs::read(network()).unwrap(), [3, 24, 24]).unwrap();
    let see = |_, planes: &mut [f32]| {
        for (plane, channel) in planes.chunks_exact_mut(24 * 24).zip(order) {
            let pixels = image.index_axis(ndarray::Axis(0), channel);
            for (x, &pixel) in plane.iter_mut().zip(pixels) {
                *x = (f32::from(pixel) / 255.0 - 0.5) / 0.5;
            }
        }
    };
    backbone.run(1, see).unwrap()
}

fn near(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
}

#[test]
fn a_ready_network_gets_what_the_recipe_makes_of_an_image() {
    let folder = TempDir::new().unwrap();
    let plain = Model::load(&model(&folder, &recipe(&[]))).unwrap();
    let one = image(3);
    let rgb = plain.embed(&one).unwrap();
    assert!(near(&rgb, &alone(&one, [0, 1, 2])));
    let bgr = Model::load(&model(&folder, &recipe(&["encoder.channel_order=bgr"]))).unwrap();
    let turned = bgr.embed(&one).unwrap();
    assert!(near(&turned, &alone(&one, [2, 1, 0])) && !near(&turned, &rgb));

    // Views, layers after it, several at once, and what training begins with.
    let sets = [
        "embedding.flip=true",
        "encoder.layers=[{ dense = 4 }, 'relu', { dense = 5 }]",
        "train.epochs=1",
    ];
    let layered = Model::load(&model(&folder, &recipe(&sets))).unwrap();
    assert_eq!(layered.dimension(), 5);
    let images: Vec<Array3<u8>> = (1..8).map(image).collect();
    let views: Vec<_> = images.iter().map(|image| image.view()).collect();
    let stack = ndarray::stack(ndarray::Axis(0), &views).unwrap();
    let all = layered
        .embed_stack(&ImageStack::of_planes(stack).unwrap())
        .unwrap();
    for (row, image) in all.rows().into_iter().zip(&images) {
        assert_eq!(row.to_vec(), layered.embed(image).unwrap());
    }
    let began = layered.untrained().unwrap().unwrap();
    assert_eq!(began.recipe(), &layered.recipe().clone());
}

#[test]
fn a_network_that_is_missing_or_another_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    // No other test has this one in use, so that its file is read.
    let recipe = |more: &[&str]| recipe(&[&["encoder.onnx=faces-18.onnx"], more].concat());
    let path = model(&folder, &recipe(&[]));
    let kept = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let kept = kept.filter(|path| path.extension().is_some_and(|e| e == "onnx"));
    let [kept] = &kept.collect::<Vec<_>>()[..] else {
        panic!("one network is kept")
    };
    let refused = || Model::load(&path).unwrap_err().to_string();
    let mut bytes = fs::read(kept).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(kept, &bytes).unwrap();
    assert!(refused().contains("its SHA-256 is"), "{}", refused());
    fs::write(kept, b"PK\x03\x04").unwrap();
    assert!(
        refused().contains("not an ONNX network, but an archive"),
        "{}",
        refused()
    );
    fs::remove_file(kept).unwrap();
    assert!(
        refused().contains("ONNX network that is not here"),
        "{}",
        refused()
    );

    let other = recipe(&["encoder.embedding=12"]);
    let error = Model::load(&model(&folder, &other))
        .unwrap_err()
        .to_string();
    assert!(error.contains("set encoder.embedding = 10"), "{error}");
}

#[test]
fn a_model_that_holds_its_network_needs_no_other_file() {
    let folder = TempDir::new().unwrap();
    let path = model(&folder, &recipe(&["embedding.flip=true"]));
    let file = ModelFile::read(&path).unwrap();
    let (contract, tensors) = (file.contract(&path).unwrap(), file.card.tensors.clone());
    let expected = Model::load(&path).unwrap().embed(&image(3)).unwrap();
    assert!(!file.holds_networks());

    let held = file.with_networks(&path).unwrap();
    assert!(held.holds_networks());
    let alone = TempDir::new().unwrap();
    let path = alone.path().join("alone.safetensors");
    fs::write(&path, held.bytes()).unwrap();
    assert!(
        held.bytes()
            .windows(12)
            .any(|part| part == br#"\"format\":6"#)
    );
    let read = ModelFile::read(&path).unwrap();
    assert_eq!(read.contract(&path).unwrap(), contract);
    assert_eq!(read.card.tensors, tensors);
    let model = Model::load(&path).unwrap();
    assert_eq!(model.embed(&image(3)).unwrap(), expected);
    assert!(model.untrained().unwrap().is_some());
    drop(model);

    // Another calibration changes no byte of it.
    let again = alone.path().join("again.safetensors");
    read.write_calibrated(&again, None).unwrap();
    assert_eq!(fs::read(&again).unwrap(), fs::read(&path).unwrap());
    let again = ModelFile::read(&again).unwrap().with_networks(&path);
    assert_eq!(again.unwrap().bytes(), read.bytes());
}

#[test]
fn a_network_that_was_changed_within_a_model_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = model(&folder, &recipe(&[]));
    let held = ModelFile::read(&path)
        .unwrap()
        .with_networks(&path)
        .unwrap();
    let mut bytes = held.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let changed = ModelFile::of_bytes(bytes, &path).unwrap();
    let error = Model::of_file(&changed, &path).unwrap_err().to_string();
    assert!(
        error.contains("the ONNX network in the model has the SHA-256"),
        "{error}"
    );
}
