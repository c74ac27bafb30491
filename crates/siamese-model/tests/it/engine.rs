//! The CPU engine without libtorch gives libtorch's numbers: for every layer, normalisation, view, map and recipe, with all
//! instructions of this processor.

use std::path::Path;

use ndarray::{Array2, Array4};
use siamese_infer::{Instructions, Model as Engine};
use siamese_model::{
    Device, Embedder, EmbeddingModel, Encoder, ImageStack, Member, Model, Provenance, Recipe,
};
use tch::Tensor;

/// Of an embedding of length 1, and of the distance between two.
const COMPONENT: f32 = 2e-5;
const DISTANCE: f32 = 1e-5;

const IMAGES: usize = 20;

/// Pictures with edges, slopes, flat patches and a little noise; four of each subject.
fn images(recipe: &Recipe) -> ImageStack {
    let [channels, height, width] = recipe.images();
    let mut noise = pairgen::stream(11, "images", 0);
    let pixels = Array4::from_shape_fn((IMAGES, channels, height, width), |(i, c, y, x)| {
        let subject = i / 4;
        let slope = y * (subject + 2) + x * (3 + c) + 5 * i;
        let patch = if (y / 7 + x / 5 + subject) % 3 == 0 {
            90
        } else {
            0
        };
        let grain = if y % 3 == 0 {
            noise.below(40) as usize
        } else {
            0
        };
        ((slope + patch + grain) % 256) as u8
    });
    ImageStack::of_planes(pixels).unwrap()
}

/// A model whose tensors, running figures included, are all drawn, and whose maps are fitted on the images.
fn model(recipe: Recipe) -> Model {
    let stack = images(&recipe);
    let numbers: Vec<i64> = (0..IMAGES as i64).collect();
    let subjects: Vec<i64> = (0..IMAGES as i64).map(|i| i / 4).collect();
    let members = recipe.members().unwrap();
    let members = members.iter().map(|own| {
        let encoder = Encoder::new(&own.encoder, &own.data, own.seed, Device::Cpu).unwrap();
        let mut rng = pairgen::stream(own.seed, "perturb", 0);
        for (name, tensor) in encoder.named_tensors() {
            if tensor.dim() > 1 {
                continue;
            }
            let count = tensor.size().iter().product::<i64>();
            let mut around = |middle: f64, reach: f64| -> Vec<f32> {
                let mut draw = |_| (middle + reach * (2.0 * rng.unit() - 1.0)) as f32;
                (0..count).map(&mut draw).collect()
            };
            let values = match name.ends_with("running_var") || name.ends_with("weight") {
                true => around(1.0, 0.6),
                false => around(0.0, 0.3),
            };
            let values = Tensor::from_slice(&values).reshape(tensor.size());
            tch::no_grad(|| tensor.shallow_clone().copy_(&values));
        }
        Member::fit(encoder, own.embedding.as_ref(), &stack, &numbers, &subjects).unwrap()
    });
    let embedder = Embedder::new(members.collect(), recipe.embedding).unwrap();
    let provenance = Provenance::default();
    Model {
        recipe,
        embedder,
        threshold: None,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance,
    }
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f32>()
        .sqrt()
}

/// Rows as vectors of about length 1: by the length that libtorch gives them.
fn scaled(rows: &Array2<f32>, by: &Array2<f32>) -> Vec<Vec<f32>> {
    let both = rows.rows().into_iter().zip(by.rows());
    both.map(|(row, by)| {
        let length = by.dot(&by).sqrt().max(1e-6);
        row.iter().map(|x| x / length).collect()
    })
    .collect()
}

/// Compares the engine with libtorch.
#[track_caller]
fn check(what: &str, recipe: Recipe) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let model = model(recipe);
    model.save(&path).unwrap();
    let stack = images(&model.recipe);
    let numbers: Vec<i64> = (0..IMAGES as i64).collect();
    let rows = model.embeddings(&stack, &numbers).unwrap();
    let want = scaled(&rows, &rows);
    let spread = distance(&want[0], &want[IMAGES - 1]);
    assert!(spread > 1e-3, "{what}: all images look alike, {spread}");
    for instructions in Instructions::available() {
        let engine = load(&path).with_instructions(instructions);
        let got = engine.embeddings(&stack, &numbers).unwrap();
        let alone = engine.embeddings(&stack, &[3]).unwrap();
        assert_eq!(
            alone.row(0),
            got.row(3),
            "{what}, {instructions}: alone and among others"
        );
        let got = scaled(&got, &rows);
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            assert_eq!(got.len(), want.len(), "{what}");
            let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs());
            let worst = worst.fold(0.0, f32::max);
            assert!(
                worst < COMPONENT,
                "{what}, {instructions}, image {i}: {worst}"
            );
        }
        for (a, b) in (0..IMAGES).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let off = (distance(&got[a], &got[b]) - distance(&want[a], &want[b])).abs();
            assert!(off < DISTANCE, "{what}, {instructions}, {a} and {b}: {off}");
        }
    }
}

fn load(path: &Path) -> Engine {
    Engine::load(path).unwrap()
}

/// A small recipe with these lines in its sections.
fn small(input: [usize; 3], layers: &str, data: &str, rest: &str) -> Recipe {
    let text = format!(
        "name = 'small'\n[data]\n{data}\n[encoder]\ninput = {input:?}\nlayers = [{layers}]\n\
         [loss]\nkind = 'contrastive'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 1\n{rest}"
    );
    Recipe::parse::<&str>(&text, "small.toml", &[]).unwrap()
}

#[test]
fn every_layer() {
    let conv = "{ conv = 6, kernel = 3 }";
    let dense = "'flatten', { dense = 9 }";
    for layers in [
        format!("{conv}, {dense}"),
        format!(
            "{{ conv = 20, kernel = [5, 3], stride = [2, 1], padding = [2, 1], bias = false }}, {dense}"
        ),
        format!(
            "{{ conv = 33, kernel = 3, stride = 2, padding = 'same' }}, 'relu', {conv}, {dense}"
        ),
        format!("{conv}, 'batch_norm', 'relu', {{ max_pool = 2 }}, {dense}"),
        format!("'batch_norm', {conv}, 'relu', 'batch_norm', {dense}"),
        format!("{conv}, 'relu', {{ max_pool = 3, stride = 2, ceil = true }}, {dense}"),
        format!("{conv}, {{ max_pool = [3, 2], stride = [2, 1] }}, {dense}"),
        format!(
            "{conv}, {{ max_pool = [2, 3], axes = 'channels-height', stride = [2, 1] }}, {dense}"
        ),
        format!("{conv}, {{ avg_pool = [3, 2], stride = [2, 3] }}, {dense}"),
        format!("{conv}, 'prelu', {dense}, 'prelu'"),
        format!("{conv}, 'gelu', {dense}, 'gelu'"),
        format!("{conv}, 'tanh', {dense}, 'tanh'"),
        format!("{conv}, 'sigmoid', {dense}, 'sigmoid', {{ scale = 0.7 }}"),
        format!("{conv}, 'relu', 'flatten', {{ scale = -0.7 }}"),
        format!(
            "{conv}, {{ dropout = 0.5 }}, 'relu', 'flatten', {{ dropout = 0.5 }}, 'relu', {{ dense = 40, bias = false }}"
        ),
        format!("{conv}, 'global_avg_pool'"),
        format!(
            "{conv}, 'relu', 'global_avg_pool', {{ dense = 17 }}, 'batch_norm', 'relu', {{ dense = 8 }}"
        ),
        format!("{conv}, 'flatten'"),
        format!("{conv}, 'flatten', 'l2_normalise'"),
        format!("{conv}, 'flatten', 'batch_norm', {{ dense = 8 }}, 'l2_normalise'"),
        format!("{{ lbp = 1, cells = [3, 2] }}, {dense}"),
        format!("{{ lbp = 2, cells = [4, 4] }}, {{ conv = 5, kernel = 2 }}, {dense}"),
    ] {
        for channels in [1, 3] {
            let recipe = small([channels, 23, 18], &layers, "", "");
            check(&format!("{channels} channels, {layers}"), recipe);
        }
    }
}

#[test]
fn every_residual_layer() {
    let branch = "{ conv = 6, kernel = 3, padding = 'same' }, 'batch_norm', 'relu', { conv = 6, kernel = 3, padding = 'same' }, 'batch_norm'";
    let head = "{ conv = 6, kernel = 3 }, 'batch_norm', 'relu'";
    let end = "'global_avg_pool'";
    for layers in [
        format!(
            "{head}, {{ residual = [{branch}] }}, 'relu', {{ residual = [{branch}] }}, 'relu', {end}"
        ),
        // The branch begins with what must not change its input.
        format!("{{ conv = 6, kernel = 3 }}, {{ residual = ['relu', {branch}] }}, {end}"),
        format!(
            "{head}, {{ residual = ['batch_norm', 'relu', {{ conv = 6, kernel = 3, padding = 'same' }}] }}, {end}"
        ),
        format!(
            "{{ conv = 6, kernel = 3 }}, {{ residual = [{{ max_pool = 3, stride = 1 }}, 'relu', {{ conv = 6, kernel = 3, padding = 2 }}] }}, 'relu', {end}"
        ),
        format!("{head}, {{ residual = [{branch}, 'relu'] }}, {end}"),
        format!(
            "{head}, {{ residual = [{{ residual = [{branch}] }}, 'relu', {branch}] }}, 'relu', {end}"
        ),
        format!(
            "{head}, {{ residual = [{{ conv = 10, kernel = 3, stride = 2, padding = 'same' }}, 'relu'], projection = true }}, {end}"
        ),
        format!(
            "{head}, {{ residual = [{{ conv = 10, kernel = 3, stride = 2, padding = 'same' }}, 'batch_norm'], projection = true }}, 'relu', {{ max_pool = 2 }}, {end}"
        ),
        format!("{head}, {{ residual = [] }}, {{ residual = ['relu'] }}, 'relu', {end}"),
        format!(
            "{head}, 'flatten', {{ residual = [{{ dense = 20 }}, 'relu'], projection = true }}, {{ residual = [{{ dense = 20 }}, 'batch_norm'] }}, 'relu', {{ dense = 7 }}"
        ),
        format!(
            "{head}, {{ max_pool = 5 }}, 'flatten', {{ residual = [{{ dense = 54 }}, 'relu'] }}, {{ dense = 7 }}"
        ),
    ] {
        check(&layers, small([1, 20, 17], &layers, "", ""));
    }
}

const LAYERS: &str = "{ conv = 8, kernel = 3 }, 'batch_norm', 'relu', 'flatten', { dense = 16 }";

#[test]
fn every_normalisation() {
    let of_all = [
        "",
        "mean = 0.45\nsd = 0.2",
        "normalise = { kind = 'standardise' }",
        "normalise = { kind = 'standardise', floor = 0.4 }\nmean = 0.1\nsd = 2.0",
        "normalise = { kind = 'local-contrast', sigma = 1.5, floor = 0.04 }",
        "normalise = { kind = 'local-contrast', sigma = 6.0, floor = 0.1 }",
        "normalise = { kind = 'equalise' }",
        "normalise = { kind = 'equalise' }\nmean = 0.5\nsd = 0.3",
    ];
    for data in of_all {
        for pool in [1, 2, 3] {
            for channels in [1, 3] {
                let data = format!("{data}\npool = {pool}");
                let recipe = small([channels, 16, 13], LAYERS, &data, "");
                check(&format!("{channels} channels, {data}"), recipe);
            }
        }
    }
    for normalise in ["", "normalise = { kind = 'standardise' }\n"] {
        let data = format!("{normalise}mean = [0.4, 0.5, 0.6]\nsd = [0.2, 0.3, 0.25]");
        check(&data, small([3, 16, 13], LAYERS, &data, ""));
    }
}

#[test]
fn every_view_and_map() {
    let maps = [
        "",
        "whiten = { kind = 'pca', power = 0.5 }",
        "whiten = { kind = 'pca', power = 0.7, components = 5 }",
        "whiten = { kind = 'wccn', shrinkage = 0.3 }",
        "whiten = { kind = 'both', power = 0.5, shrinkage = 0.2, wccn_share = 0.65 }",
    ];
    for map in maps {
        for views in [
            "flip = true",
            "shift = 3",
            "flip = true\nshift = 14",
            "zoom = 0.3",
            "flip = true\nshift = 1\nzoom = 0.15",
            "",
        ] {
            let rest = format!("[embedding]\n{views}\n{map}");
            check(&rest, small([1, 18, 15], LAYERS, "", &rest));
        }
    }
}

#[test]
fn networks_side_by_side() {
    for rest in [
        "[[members]]\n",
        "[[members]]\nembedding.whiten = { kind = 'pca' }\n",
        "[[members]]\n[[members]]\ndata.normalise = { kind = 'standardise' }\n",
        "[embedding]\nflip = true\nshift = 1\n[[members]]\nembedding.whiten = { kind = 'both' }\n[[members]]\n\
         embedding.whiten = { kind = 'pca', components = 4 }\nencoder.layers = [{ conv = 3, kernel = 3 }, 'global_avg_pool']\n",
    ] {
        check(rest, small([1, 18, 15], LAYERS, "", rest));
    }
}

#[test]
fn every_recipe_that_comes_with_siamese() {
    for name in Recipe::builtin_names() {
        check(name, Recipe::builtin::<&str>(name, &[]).unwrap());
    }
}

#[test]
fn a_resnet_of_colours() {
    let block = |channels: usize, stride: usize| {
        let projection = if stride == 1 {
            ""
        } else {
            ", projection = true"
        };
        format!(
            "{{ residual = [{{ conv = {channels}, kernel = 3, stride = {stride}, padding = 'same', bias = false }}, 'batch_norm', \
             'relu', {{ conv = {channels}, kernel = 3, padding = 'same', bias = false }}, 'batch_norm']{projection} }}, 'relu'"
        )
    };
    let mut layers = vec![
        "{ conv = 32, kernel = 3, padding = 'same', bias = false }, 'batch_norm', 'relu'"
            .to_owned(),
    ];
    for (channels, stride) in [(32, 1), (32, 1), (64, 2), (64, 1), (80, 2), (80, 1)] {
        layers.push(block(channels, stride));
    }
    layers.push("'global_avg_pool', { dense = 64 }, 'l2_normalise'".into());
    check(
        "resnet",
        small(
            [3, 40, 32],
            &layers.join(", "),
            "",
            "[embedding]\nflip = true",
        ),
    );
}

/// So that images go through the maps together.
#[test]
fn weights_larger_than_maps() {
    let conv = "{ conv = 64, kernel = 3, padding = 'same' }, 'batch_norm'";
    let layers = format!(
        "{conv}, 'relu', {{ residual = [{conv}, 'relu', {conv}] }}, 'relu', {{ residual = [{{ max_pool = 2 }}, {conv}, 'gelu'], \
         projection = true }}, 'batch_norm', 'flatten', {{ dense = 40 }}"
    );
    check(
        &layers,
        small([1, 10, 8], &layers, "", "[embedding]\nflip = true"),
    );
}

#[test]
fn a_network_before_its_training() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let model = model(Recipe::builtin::<&str>("orl-fast", &[]).unwrap());
    model.save(&path).unwrap();
    let stack = images(&model.recipe);
    let began = |model: &dyn EmbeddingModel| {
        let began = model.untrained().unwrap().unwrap();
        assert_eq!(began.provenance().epoch, 0);
        began.embeddings(&stack, &[0, 7]).unwrap()
    };
    let difference = began(&model) - began(&load(&path));
    assert!(difference.iter().all(|off| off.abs() < COMPONENT));
}

#[test]
fn bytes_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let model = model(Recipe::builtin::<&str>("orl-best", &[]).unwrap());
    model.save(&path).unwrap();
    let stack = images(&model.recipe);
    let embed = |threads: usize, images: &[i64]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let embed = || load(&path).embeddings(&stack, images).unwrap();
        pool.build().unwrap().install(embed)
    };
    let numbers: Vec<i64> = (0..IMAGES as i64).collect();
    let one = embed(1, &numbers);
    for threads in [2, 3, 7, 64] {
        assert_eq!(one, embed(threads, &numbers), "{threads} threads");
        assert_eq!(one.row(5), embed(threads, &[5]).row(0), "{threads} threads");
    }
}
