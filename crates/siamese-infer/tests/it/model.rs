//! What a model says of itself, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array3;
use siamese_infer::{Instructions, Model};
use siamese_net::{
    EmbeddingModel, Error, ImageStack, ModelFile, Plan, Provenance, Recipe, TensorBytes, Threshold,
    initial_stream, initial_values,
};
use tempfile::TempDir;

/// The model file of a recipe as its training begins.
pub(crate) fn written(folder: &Path, recipe: &Recipe) -> PathBuf {
    let plan = Plan::new(&recipe.encoder).unwrap();
    let mut rng = initial_stream(recipe.seed);
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
    let threshold = Threshold {
        value: 0.5,
        source: "made up".into(),
    };
    let provenance = Provenance {
        siamese: "0".into(),
        libtorch: "0".into(),
        device: "cpu".into(),
        epoch: 3,
        data_sha256: String::new(),
        people_sha256: None,
        origin: None,
    };
    let path = folder.join("model.safetensors");
    ModelFile::write(&path, recipe, Some(&threshold), &provenance, &tensors).unwrap();
    path
}

fn seed() -> Recipe {
    Recipe::builtin::<&str>("seed", &[]).unwrap()
}

fn image(number: usize) -> Array3<u8> {
    Array3::from_shape_fn((1, 56, 46), |(_, y, x)| ((y * number + x * 7) % 256) as u8)
}

#[test]
fn a_model_compares_images_and_says_what_it_is() {
    let folder = TempDir::new().unwrap();
    let model = Model::load(&written(folder.path(), &seed())).unwrap();
    assert_eq!(model.dimension(), 50);
    assert_eq!(model.instructions(), Instructions::best());
    assert_eq!(model.engine().name, "siamese-infer");
    assert_eq!(model.provenance().epoch, 3);
    let (a, b) = (image(3), image(11));
    let same = model.compare(&a, &a).unwrap();
    assert!(same.distance < 1e-5 && same.is_below_bare_threshold() == Some(true));
    let other = model.compare(&a, &b).unwrap();
    assert!(other.distance > same.distance);
    // As whatever judges models asks for it.
    let stack = ImageStack::of_planes(ndarray::stack![ndarray::Axis(0), a, b]).unwrap();
    let distances = model.distances(&stack, &[0, 0], &[0, 1]).unwrap();
    assert_eq!(f64::from(distances[1]), other.distance);
    // Fresh weights are those that a training begins with.
    let began = model.untrained().unwrap().unwrap();
    assert_eq!(
        began.distances(&stack, &[0, 0], &[0, 1]).unwrap(),
        distances
    );
}

#[test]
fn images_of_another_size_are_refused() {
    let folder = TempDir::new().unwrap();
    let model = Model::load(&written(folder.path(), &seed())).unwrap();
    let small = Array3::zeros((1, 20, 20));
    let error = model.embed(&small).unwrap_err();
    assert!(matches!(error, Error::Geometry { .. }), "{error}");
    let stack = ImageStack::of_planes(small.insert_axis(ndarray::Axis(0))).unwrap();
    let error = model.embed_stack(&stack).unwrap_err();
    assert!(matches!(error, Error::Geometry { .. }), "{error}");
}

#[test]
fn a_file_that_is_cut_or_lacks_a_tensor_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let path = written(folder.path(), &seed());
    let whole = fs::read(&path).unwrap();
    for length in [0, 7, 500, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = Model::load(&path).unwrap_err().to_string();
        assert!(error.contains("model.safetensors"), "{length}: {error}");
    }
    // Another network's tensors.
    let wider = Recipe::builtin("seed", &["encoder.layers=['flatten', { dense = 3 }]"]).unwrap();
    let file = ModelFile::read(&written(folder.path(), &wider)).unwrap();
    let tensors = file.card.tensors.iter().map(|(name, _)| {
        let tensor = file.tensor(name).unwrap();
        (name.clone(), tensor)
    });
    let tensors: Vec<_> = tensors.collect();
    ModelFile::write(&path, &seed(), None, &file.card.provenance, &tensors).unwrap();
    let error = Model::load(&path).unwrap_err().to_string();
    assert!(error.contains("layers.1.weight"), "{error}");
}

#[test]
fn a_torchscript_program_is_refused_with_what_it_takes() {
    let folder = TempDir::new().unwrap();
    let sha256 = "0123456789abcdef".repeat(4);
    let recipe = Recipe::parse::<&str>(
        &format!(
            "name = 'program'\n[encoder]\ninput = [1, 8, 8]\ntorchscript = 'script-{}.pt'\nsha256 = '{sha256}'\n\
             embedding = 4\n[loss]\nkind = 'contrastive'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 0\n",
            &sha256[..16]
        ),
        "program.toml",
        &[],
    )
    .unwrap();
    let error = Model::load(&written(folder.path(), &recipe))
        .unwrap_err()
        .to_string();
    for words in [
        "model.safetensors",
        "TorchScript program",
        "libtorch",
        "feature train",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}
