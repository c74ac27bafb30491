//! A model small enough to write down.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use siamese_net::{
    ModelFile, Plan, Provenance, Recipe, TensorBytes, Threshold, WhitenSpec, network_prefix,
    whitening_prefix,
};

const RECIPE: &str = r#"
name = "small"
[encoder]
input = [1, 4, 3]
layers = ["flatten", { dense = 2 }, "relu"]
[loss]
kind = "contrastive"
[optimizer]
kind = "adam"
[train]
epochs = 1
"#;

pub(crate) fn recipe(sets: &[&str]) -> Recipe {
    Recipe::parse(RECIPE, "small.toml", sets).unwrap()
}

/// Writes the model of a recipe; each of its tensors is 0, 0.25, 0.5 and so on.
pub(crate) fn write(path: &Path, recipe: &Recipe) {
    let mut tensors = Vec::new();
    let mut add = |name: String, shape: Vec<usize>| {
        let values = (0..shape.iter().product::<usize>()).map(|i| 0.25 * i as f32);
        let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
        let bytes = bytes.into();
        tensors.push((name, TensorBytes { shape, bytes }));
    };
    let networks = recipe.members().unwrap();
    for (i, network) in networks.iter().enumerate() {
        let prefix = network_prefix(i, networks.len());
        let plan = Plan::new(&network.encoder).unwrap();
        for param in plan.params() {
            let shape = param.shape.iter().map(|&side| side as usize).collect();
            add(format!("{prefix}{}", param.name), shape);
        }
        let whiten = network.embedding.and_then(|embedding| embedding.whiten);
        let maps = whiten.map_or(0, |whiten: WhitenSpec| whiten.shares().len());
        for map in 0..maps {
            let name = format!("{prefix}{}", whitening_prefix(map, maps));
            add(format!("{name}mean"), vec![plan.embedding()]);
            add(format!("{name}weight"), vec![2, plan.embedding()]);
        }
    }
    let threshold = Threshold {
        value: 0.5,
        source: "a test".into(),
    };
    let provenance = Provenance {
        siamese: "0.1.0".into(),
        libtorch: "2.13.0".into(),
        device: "cpu".into(),
        epoch: 1,
        data_sha256: "of some images".into(),
        people_sha256: None,
        origin: None,
    };
    ModelFile::write(path, recipe, Some(&threshold), &provenance, &tensors).unwrap();
}
