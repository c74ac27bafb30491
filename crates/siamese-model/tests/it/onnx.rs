//! Exported graphs give the embeddings of the model they were made from: run by rten, against libtorch.

use std::path::Path;

use ndarray::{Array2, Array4};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use siamese_model::{
    Device, ImageStack, Model, ModelFile, Plan, Provenance, Recipe, TensorBytes, WhitenSpec,
    network_prefix, whitening_prefix,
};
use siamese_onnx::OnnxModel;

/// The largest difference allowed in a component of a unit vector.
const TOLERANCE: f32 = 2e-5;

/// A recipe with these layers and further keys.
fn recipe(input: &str, layers: &str, sets: &[&str]) -> Recipe {
    let text = format!(
        "name = 'exported'\n[encoder]\ninput = {input}\nlayers = [{layers}]\n[loss]\nkind = 'contrastive'\n\
         [optimizer]\nkind = 'adam'\n[train]\nepochs = 1"
    );
    Recipe::parse(&text, "exported.toml", sets).unwrap()
}

/// Random numbers in `-1..1`, always the same.
struct Noise(pairgen::Stream);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0.below(20_001) as f32 / 10_000.0 - 1.0
    }

    fn bytes(&mut self, count: usize, value: impl Fn(f32) -> f32) -> Vec<u8> {
        let values = (0..count).map(|_| value(self.next()));
        values.flat_map(f32::to_le_bytes).collect()
    }
}

/// Writes a model of this recipe with random tensors, running figures and whitening maps included.
fn write_model(path: &Path, recipe: &Recipe) {
    let mut noise = Noise(pairgen::stream(7, "onnx", 0));
    let mut tensors = Vec::new();
    let networks = recipe.members().unwrap();
    for (i, network) in networks.iter().enumerate() {
        let prefix = network_prefix(i, networks.len());
        let mut add = |name: String, shape: Vec<usize>, value: &dyn Fn(f32) -> f32| {
            let bytes = noise.bytes(shape.iter().product(), value).into();
            tensors.push((format!("{prefix}{name}"), TensorBytes { shape, bytes }));
        };
        let plan = Plan::new(&network.encoder).unwrap();
        for param in plan.params() {
            let shape: Vec<usize> = param.shape.iter().map(|&side| side as usize).collect();
            let fan_in: usize = shape.iter().skip(1).product();
            let width = (3.0 / fan_in as f32).sqrt();
            let name = param.name.clone();
            let part = name.rsplit('.').next().unwrap();
            match (part, shape.len()) {
                ("weight", 2 | 4) => add(name, shape, &|x| width * x),
                ("weight" | "running_var", _) => add(name, shape, &|x| 1.0 + 0.5 * x),
                _ => add(name, shape, &|x| 0.3 * x),
            }
        }
        let whiten = network.embedding.and_then(|embedding| embedding.whiten);
        let maps = whiten.map_or_else(Vec::new, WhitenSpec::shares).len();
        let d = plan.embedding();
        for map in 0..maps {
            let name = whitening_prefix(map, maps);
            add(format!("{name}mean"), vec![d], &|x| 0.1 * x);
            add(format!("{name}weight"), vec![d.min(5 + map), d], &|x| x);
        }
    }
    let provenance = Provenance::default();
    ModelFile::write(path, recipe, None, &provenance, &tensors).unwrap();
}

/// Images with light, texture and noise.
fn images(count: usize, [c, h, w]: [usize; 3]) -> Array4<u8> {
    let mut noise = Noise(pairgen::stream(8, "onnx", 0));
    Array4::from_shape_fn((count, c, h, w), |(i, c, y, x)| {
        let wave = (y as f32 * (0.2 + 0.1 * i as f32)).sin() + (x as f32 * 0.3 + c as f32).cos();
        (128.0 + 40.0 * wave + 40.0 * noise.next()) as u8
    })
}

/// What rten makes of the images with the exported graph.
fn by_rten(path: &Path, images: &Array4<u8>) -> Array2<f32> {
    let exported = OnnxModel::export(path).unwrap();
    let model = rten::Model::load(exported.bytes).unwrap();
    let (n, c, h, w) = images.dim();
    let pixels = NdTensor::from_data([n, c, h, w], images.iter().copied().collect::<Vec<_>>());
    let found = model.run_one(pixels.into(), None).unwrap();
    let found: Tensor<f32> = found.try_into().unwrap();
    assert_eq!(found.shape(), [n, exported.dimension]);
    Array2::from_shape_vec((n, exported.dimension), found.to_vec()).unwrap()
}

/// Compares what the two make of images, by the largest difference in a component of vectors of this length at most.
#[track_caller]
fn check(recipe: &Recipe, count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write_model(&path, recipe);
    let images = images(count, recipe.images());
    let model = Model::load(&path, Device::Cpu).unwrap();
    let stack = ImageStack::of_planes(images.clone()).unwrap();
    let expected = model.embed_stack(&stack).unwrap();
    let found = by_rten(&path, &images);
    assert_eq!(found.dim(), expected.dim());
    let length = |row: ndarray::ArrayView1<'_, f32>| row.dot(&row).sqrt();
    for (i, (expected, found)) in expected.rows().into_iter().zip(found.rows()).enumerate() {
        let what = || {
            let (data, encoder) = (&recipe.data, &recipe.encoder);
            format!("image {i} of {data:?}, {encoder:?}, {:?}", recipe.embedding)
        };
        let scale = length(expected);
        assert!(scale > 0.1, "nothing to compare: {}", what());
        if recipe.embedding.is_some() || !recipe.members.is_empty() {
            let off = (length(found) - 1.0).abs();
            assert!(off < 1e-5, "no unit vector: {}", what());
        }
        let pairs = expected.iter().zip(found);
        let off = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(
            off <= TOLERANCE * scale.max(1.0),
            "{off} of {scale}: {}",
            what()
        );
    }
}

#[test]
fn every_built_in_recipe() {
    for name in Recipe::builtin_names() {
        check(&Recipe::builtin::<&str>(name, &[]).unwrap(), 5);
    }
}

const CONV: &str = "{ conv = 4, kernel = 3 }";

#[test]
fn every_layer() {
    for layers in [
        "'flatten', { dense = 6 }",
        "'flatten', { dense = 6, bias = false }, 'l2_normalise'",
        "'flatten', { dense = 6 }, 'batch_norm', 'relu', { dense = 5, bias = false }, 'batch_norm', 'tanh'",
        "{ conv = 4, kernel = [3, 2], stride = [2, 1], padding = [1, 2] }, 'relu', 'flatten'",
        "{ conv = 4, kernel = 3, bias = false, padding = 'same' }, 'batch_norm', 'prelu', 'flatten'",
        "'batch_norm', { conv = 4, kernel = 3 }, { batch_norm = 0.1 }, 'gelu', 'global_avg_pool'",
        "{ conv = 4, kernel = 3 }, 'prelu', 'batch_norm', { dropout = 0.5 }, 'tanh', 'flatten', 'prelu'",
        "{ conv = 4, kernel = 3 }, 'sigmoid', 'flatten', { scale = 0.3 }, { dense = 6 }, 'sigmoid', { scale = 2.0 }",
        "{ conv = 4, kernel = 3 }, { max_pool = 2 }, 'relu', 'flatten'",
        "{ conv = 4, kernel = 3 }, { max_pool = 2, ceil = true }, 'flatten'",
        "{ conv = 4, kernel = 3 }, { max_pool = [4, 3], stride = 3, ceil = true }, 'flatten'",
        "{ conv = 4, kernel = 3 }, { max_pool = 2, stride = 3, ceil = true }, 'flatten'",
        "{ conv = 4, kernel = 3 }, { max_pool = 1, stride = 4, ceil = true }, 'flatten'",
        "{ conv = 5, kernel = 3 }, { max_pool = [2, 3], axes = 'channels-height' }, 'flatten'",
        "{ conv = 5, kernel = 3 }, { max_pool = 2, ceil = true, axes = 'channels-height' }, \
         { conv = 3, kernel = 2 }, 'flatten'",
        "{ conv = 4, kernel = 3 }, { avg_pool = 2 }, { avg_pool = [2, 3], stride = 1 }, 'flatten'",
        "{ lbp = 1, cells = [3, 2] }, 'flatten'",
        "{ lbp = 2, cells = 2 }, { conv = 4, kernel = 2 }, 'flatten', { dense = 6 }",
        "{ conv = 4, kernel = 3 }, { residual = [{ conv = 4, kernel = 3, padding = 'same' }, 'batch_norm', 'relu'] }, \
         'relu', 'global_avg_pool'",
        "{ residual = [{ conv = 4, kernel = 3, stride = 2, padding = 'same' }, 'batch_norm', { residual = ['gelu'] }], \
         projection = true }, 'flatten', { residual = [{ dense = 6 }, 'tanh'], projection = true }",
    ] {
        check(&recipe("[1, 13, 11]", layers, &["data.mean=0.5"]), 4);
        let mirrored = ["data.mean=0.5", "embedding.flip=true"];
        check(&recipe("[3, 13, 11]", layers, &mirrored), 3);
    }
}

#[test]
fn every_normalisation_with_every_view() {
    let layers = format!("{CONV}, 'relu', 'flatten', {{ dense = 6 }}");
    let patterns = "{ lbp = 1, cells = [3, 2] }, 'flatten', { dense = 6 }";
    for normalise in [
        "",
        "data.normalise={ kind = 'standardise' }",
        "data.normalise={ kind = 'standardise', floor = 0.5 }",
        "data.normalise={ kind = 'local-contrast', sigma = 1.5 }",
        "data.normalise={ kind = 'local-contrast', sigma = 20.0 }",
        "data.normalise={ kind = 'equalise' }",
    ] {
        for views in [
            "",
            "embedding.flip=true",
            "embedding.shift=2",
            "embedding={ flip = true, shift = 3 }",
            "embedding={ flip = true, shift = 1, zoom = 0.2 }",
        ] {
            for pool in ["", "data.pool=2"] {
                let all = [normalise, views, pool, "data.mean=0.45", "data.sd=0.2"];
                let sets: Vec<&str> = all.into_iter().filter(|set| !set.is_empty()).collect();
                check(&recipe("[1, 12, 10]", &layers, &sets), 3);
                // Neighbours in a zoomed image are often equal, and which is the brighter under a local contrast is then a matter
                // of rounding.
                let ties = views.contains("zoom") && normalise.contains("local-contrast");
                if !ties {
                    check(&recipe("[1, 12, 10]", patterns, &sets), 3);
                    check(&recipe("[3, 12, 10]", patterns, &sets), 3);
                }
                let by_channel = ["data.mean=[0.4, 0.5, 0.6]", "data.sd=[0.2, 0.3, 0.4]"];
                check(
                    &recipe("[3, 12, 10]", &layers, &[&sets[..], &by_channel].concat()),
                    3,
                );
            }
        }
    }
}

#[test]
fn every_whitening_and_networks_side_by_side() {
    let layers = format!("{CONV}, 'relu', 'flatten', {{ dense = 8 }}");
    for sets in [
        &["embedding.whiten={ kind = 'pca', power = 1.0, components = 4 }"][..],
        &["embedding.whiten={ kind = 'wccn' }", "embedding.flip=true"],
        &["embedding.whiten={ kind = 'both', wccn_share = 0.3 }"],
        &["members=[{}, {}, { data = { mean = 0.3 } }]"],
        &[
            "embedding.flip=true",
            "members=[{ data = { sd = 0.3 } }, { embedding = { whiten = { kind = 'wccn' } } }]",
        ],
        &[
            "embedding={ shift = 1, whiten = { kind = 'both' } }",
            "members=[{}, { data = { pool = 2 }, encoder = { input = [1, 6, 5] } }]",
        ],
    ] {
        check(&recipe("[1, 12, 10]", &layers, sets), 3);
    }
}

/// A single image, and more than one runtime's tile.
#[test]
fn any_number_of_images() {
    for count in [1, 2, 37] {
        check(&Recipe::builtin::<&str>("orl-fast", &[]).unwrap(), count);
    }
}
