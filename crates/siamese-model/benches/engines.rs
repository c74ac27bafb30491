//! Images to embeddings on one thread: by `siamese-infer` with all instructions of this processor, and by libtorch.
//!
//! `cargo bench -p siamese-model --bench engines -- orl-fast` for one of the networks. The models are kept in the folder that
//! `SIAMESE_BENCH_MODELS` names, so that other engines can be measured beside.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has failed"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array4;
use siamese_infer::{Instructions, Model as Engine};
use siamese_model::{
    Device, Embedder, EmbeddingModel, Encoder, ImageStack, Member, Model, Provenance, Recipe,
};

/// ResNet-18 with its first layers and width, for images of 112x112 in colour.
fn resnet_18() -> Recipe {
    let mut layers = vec![
        "{ conv = 64, kernel = 7, stride = 2, padding = 'same', bias = false }, 'batch_norm', 'relu'".to_owned(),
        "{ max_pool = 3, stride = 2, ceil = true }".to_owned(),
    ];
    for (channels, stride) in [
        (64, 1),
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        (512, 1),
    ] {
        let projection = if stride == 1 {
            ""
        } else {
            ", projection = true"
        };
        layers.push(format!(
            "{{ residual = [{{ conv = {channels}, kernel = 3, stride = {stride}, padding = 'same', bias = false }}, \
             'batch_norm', 'relu', {{ conv = {channels}, kernel = 3, padding = 'same', bias = false }}, 'batch_norm']\
             {projection} }}, 'relu'"
        ));
    }
    let text = format!(
        "name = 'resnet-18'\n[encoder]\ninput = [3, 112, 112]\nlayers = [{}, 'global_avg_pool', {{ dense = 512 }}, \
         'l2_normalise']\n[loss]\nkind = 'contrastive'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 1\n",
        layers.join(", ")
    );
    Recipe::parse::<&str>(&text, "resnet-18", &[]).unwrap()
}

fn images(recipe: &Recipe, count: usize) -> ImageStack {
    let [channels, height, width] = recipe.images();
    let pixels = Array4::from_shape_fn((count, channels, height, width), |(i, c, y, x)| {
        ((i * 71 + c * 19 + y * y * 7 + x * 31) % 251) as u8
    });
    ImageStack::of_planes(pixels).unwrap()
}

/// A model of fresh weights, fitted to a few images where it is whitened.
fn model(recipe: Recipe) -> Model {
    let stack = images(&recipe, 20);
    let numbers: Vec<i64> = (0..20).collect();
    let subjects: Vec<i64> = (0..20).map(|i| i / 4).collect();
    let members = recipe.members().unwrap();
    let members = members.iter().map(|own| {
        let encoder = Encoder::new(&own.encoder, &own.data, own.seed, Device::Cpu).unwrap();
        Member::fit(encoder, own.embedding.as_ref(), &stack, &numbers, &subjects).unwrap()
    });
    Model {
        embedder: Embedder::new(members.collect(), recipe.embedding).unwrap(),
        recipe,
        threshold: None,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance: Provenance::default(),
    }
}

fn embed(c: &mut Criterion, what: &str, by: &str, model: &dyn EmbeddingModel, count: usize) {
    let stack = images(model.recipe(), count);
    let numbers: Vec<i64> = (0..count as i64).collect();
    let mut group = c.benchmark_group(format!("{what}/{count}"));
    group.throughput(Throughput::Elements(count as u64));
    group.sample_size(10);
    group.bench_function(by, |b| {
        b.iter(|| model.embeddings(black_box(&stack), &numbers).unwrap());
    });
    group.finish();
}

fn engines(c: &mut Criterion) {
    siamese_model::set_threads(Some(1));
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("SIAMESE_BENCH_MODELS").map(PathBuf::from);
    let folder = kept.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&folder).unwrap();
    let builtin = |name| Recipe::builtin::<&str>(name, &[]).unwrap();
    let recipes = [
        ("seed", builtin("seed")),
        ("orl-fast", builtin("orl-fast")),
        ("orl-best", builtin("orl-best")),
        ("resnet-18", resnet_18()),
    ];
    for (name, recipe) in recipes {
        let path = folder.join(format!("{name}.safetensors"));
        let model = model(recipe);
        model.save(&path).unwrap();
        load(c, name, &path);
        for count in [1, 64] {
            for instructions in Instructions::available() {
                let engine = Engine::load(&path).unwrap().with_instructions(instructions);
                embed(c, name, &instructions.to_string(), &engine, count);
            }
            embed(c, name, "libtorch", &model, count);
        }
    }
}

fn load(c: &mut Criterion, what: &str, path: &Path) {
    let mut group = c.benchmark_group(format!("{what}/load"));
    group.sample_size(10);
    group.bench_function("siamese-infer", |b| {
        b.iter(|| Engine::load(black_box(path)).unwrap())
    });
    group.finish();
}

criterion_group!(benches, engines);
criterion_main!(benches);
