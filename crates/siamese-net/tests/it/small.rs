//! A model small enough to write down.

use std::borrow::Cow;
use std::path::Path;

use siamese_net::{ModelFile, Plan, Provenance, Recipe, TensorBytes, Threshold};

pub(crate) const RECIPE: &str = r#"
name = "small"
seed = 3
[data]
mean = 0.5
[encoder]
input = [1, 2, 2]
layers = ["flatten", { dense = 3 }, "relu"]
[loss]
kind = "contrastive"
margin = 1.0
[optimizer]
kind = "adam"
[train]
epochs = 1
"#;

pub(crate) fn recipe(overrides: &[&str]) -> Recipe {
    Recipe::parse(RECIPE, "small.toml", overrides).unwrap()
}

/// The tensors of a recipe's only network: 0, 0.25, 0.5 and so on in each.
pub(crate) fn tensors(recipe: &Recipe) -> Vec<(String, TensorBytes<'static>)> {
    let plan = Plan::new(&recipe.encoder).unwrap();
    plan.params()
        .iter()
        .map(|param| {
            let shape: Vec<usize> = param.shape.iter().map(|&side| side as usize).collect();
            let values = (0..shape.iter().product::<usize>()).map(|i| 0.25 * i as f32);
            let bytes = values.flat_map(f32::to_le_bytes).collect();
            let bytes = Cow::Owned(bytes);
            (param.name.clone(), TensorBytes { shape, bytes })
        })
        .collect()
}

pub(crate) fn provenance() -> Provenance {
    Provenance {
        siamese: "0.1.0".into(),
        libtorch: "2.13.0".into(),
        device: "cpu".into(),
        epoch: 1,
        data_sha256: "of some images".into(),
        people_sha256: None,
        origin: None,
    }
}

/// Writes the model of a recipe.
pub(crate) fn write(path: &Path, recipe: &Recipe, threshold: Option<f64>) {
    let threshold = threshold.map(|value| Threshold {
        value,
        source: "a test".into(),
    });
    ModelFile::write(
        path,
        recipe,
        threshold.as_ref(),
        &provenance(),
        &tensors(recipe),
    )
    .unwrap();
}
