//! Training that begins with another network's weights, some of which may stay.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::small::{Data, RECIPE, StopAfter, model_bytes, recipe, run};
use siamese_model::{
    Checkpoint, Device, Embedder, Encoder, Error, Init, Keep, Model, Origin, Outcome, Provenance,
    Recipe, TrainOptions, Trained, TrainingSet, fine_tune, train,
};

/// Every tensor of an encoder by its name.
type Weights = BTreeMap<String, Vec<f32>>;

fn weights(encoder: &Encoder) -> Weights {
    let values = |tensor: &siamese_model::Tensor| {
        Vec::<f32>::try_from(&tensor.detach().contiguous().flatten(0, -1)).unwrap()
    };
    encoder
        .named_tensors()
        .map(|(name, tensor)| (name.to_owned(), values(tensor)))
        .collect()
}

/// A network that was trained for a while.
fn trained() -> (Encoder, Origin) {
    let recipe = recipe(&["seed=11", "train.epochs=2"]);
    let (encoder, epoch) = run(&recipe, None, None, usize::MAX)
        .unwrap()
        .encoder(Keep::Last)
        .unwrap();
    let again = run(&recipe, None, None, usize::MAX).unwrap();
    let provenance = Provenance {
        siamese: "0".into(),
        libtorch: "0".into(),
        device: "cpu".into(),
        epoch,
        data_sha256: "of some images".into(),
        people_sha256: None,
        origin: None,
    };
    let model = Model {
        recipe,
        embedder: Embedder::of(again.encoder(Keep::Last).unwrap().0),
        threshold: None,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance,
    };
    (
        encoder,
        Origin::new(&model.recipe, &model.provenance, b"abc"),
    )
}

fn tune_from(
    (encoder, origin): &(Encoder, Origin),
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    checkpoint: Option<&Path>,
    steps: usize,
) -> Result<Trained, Error> {
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let mut observer = StopAfter { steps, stop: &stop };
    fine_tune(
        recipe,
        set,
        &options,
        Init::new(encoder, origin),
        &mut observer,
    )
}

fn tune_on(
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    checkpoint: Option<&Path>,
    steps: usize,
) -> Result<Trained, Error> {
    tune_from(&trained(), recipe, set, checkpoint, steps)
}

fn tune(recipe: &Recipe) -> Result<Trained, Error> {
    tune_on(recipe, &Data::new().set(recipe), None, usize::MAX)
}

fn last(trained: &Trained) -> Weights {
    weights(&trained.encoder(Keep::Last).unwrap().0)
}

/// With steps of no length.
const STILL: [&str; 4] = [
    "optimizer={ kind = \"sgd\", lr = 1e-30 }",
    "train.epochs=1",
    "schedule.kind=constant",
    "schedule.warmup_steps=0",
];

#[test]
fn training_begins_with_the_other_networks_weights() {
    let before = weights(&trained().0);
    let after = last(&tune(&recipe(&STILL)).unwrap());
    for (name, values) in &before {
        // Batch normalisation follows the images whatever the length of a step.
        let same = after[name] == *values;
        assert_eq!(same, !name.contains("running"), "{name}");
    }
    // And goes its own way from there.
    let moved = last(&tune(&recipe(&[])).unwrap());
    assert!(before.iter().all(|(name, values)| moved[name] != *values));
}

#[test]
fn the_first_layers_alone_can_be_taken_over_and_those_after_begin_anew() {
    let before = weights(&trained().0);
    let mut overrides = STILL.to_vec();
    overrides.push("fine_tune.layers=5");
    let shorter = RECIPE.replace("{ dense = 8 }", "{ dense = 5 }");
    let recipe = Recipe::parse(&shorter, "small.toml", &overrides).unwrap();
    let after = last(&tune(&recipe).unwrap());
    let Recipe { encoder, data, .. } = &recipe;
    let fresh = weights(&Encoder::new(encoder, data, recipe.seed, Device::Cpu).unwrap());
    let (mut taken, mut new) = (0, 0);
    for (name, values) in &after {
        let layer: usize = name.split('.').nth(1).unwrap().parse().unwrap();
        if layer <= 5 {
            assert_eq!(values, &before[name], "{name}");
            taken += 1;
        } else if !name.contains("running") {
            let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-20;
            assert!(values.iter().zip(&fresh[name]).all(close), "{name}");
            new += 1;
        }
    }
    assert_eq!((taken, new), (3, 7));
}

#[test]
fn what_does_not_fit_is_named_with_what_would() {
    let refused = |layers: (&str, &str), overrides: &[&str], words: &[&str]| {
        let text = RECIPE.replace(layers.0, layers.1);
        let recipe = Recipe::parse(&text, "small.toml", overrides).unwrap();
        let error = tune(&recipe).unwrap_err();
        assert!(matches!(error, Error::Init(_)), "{error}");
        for word in words {
            assert!(error.to_string().contains(word), "`{word}`: {error}");
        }
    };
    let dense = ("{ dense = 8 }", "{ dense = 5 }");
    let front = "set fine_tune.layers=9";
    refused(
        dense,
        &[],
        &[
            "its layers.10.weight is [8, ",
            "the recipe's is [5, ",
            front,
        ],
    );
    refused(dense, &["fine_tune.layers=10"], &["first 9 layers", front]);
    refused(
        ("{ dense = 8 }", "{ dense = 8 }, { dense = 4 }"),
        &[],
        &["it has no layers.11.weight", "set fine_tune.layers=10"],
    );
    refused(
        ("{ dense = 8 }", "{ dense = 8, bias = false }"),
        &[],
        &["it has a tensor layers.10.bias, [8]"],
    );
    refused(
        ("conv = 4, kernel = 3", "conv = 4, kernel = 5"),
        &[],
        &["layers.1.weight", "nothing to take over"],
    );
}

/// Nine layers, up to the residual: normalisation and dropout are among them.
#[test]
fn frozen_layers_stay_as_they_are_and_do_what_they_do_in_use() {
    let before = weights(&trained().0);
    for more in [&[][..], &["train.average=0.9"]] {
        let recipe = recipe(&[&["fine_tune.freeze=8"], more].concat());
        let tuned = tune(&recipe).unwrap();
        for keep in [Keep::Last, Keep::Best] {
            for (name, values) in weights(&tuned.encoder(keep).unwrap().0) {
                let frozen = !name.starts_with("layers.10.");
                assert_eq!(values == before[&name], frozen, "{name}");
            }
        }
    }
    // Without dropout the pairs' loss in training is what it is in use.
    let overrides = [&STILL[..], &["fine_tune.freeze=8"]].concat();
    let mut data = Data::new();
    data.validation = data.fit.clone();
    let record = &tune_on(
        &recipe(&overrides),
        &data.set(&recipe(&overrides)),
        None,
        usize::MAX,
    )
    .unwrap()
    .history[0];
    let use_loss = record.validation_loss.unwrap();
    assert!(
        (record.loss - use_loss).abs() < 1e-5 * use_loss,
        "{record:?}"
    );
    let record = &tune_on(
        &recipe(&STILL),
        &data.set(&recipe(&STILL)),
        None,
        usize::MAX,
    )
    .unwrap()
    .history[0];
    assert!(
        (record.loss - use_loss).abs() > 0.01 * use_loss,
        "{record:?}"
    );
}

/// Fused blocks are cut where the frozen layers end; what is learnt after them must be the same on any number of threads
/// and by pairs in two shards.
#[test]
fn the_number_of_threads_changes_no_byte() {
    let recipe = recipe(&["fine_tune.freeze=6", "train.batch=80"]);
    let on = |threads| {
        let (base, recipe) = (trained(), &recipe);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let tune = move || tune_from(&base, recipe, &Data::new().set(recipe), None, usize::MAX);
        let tuned = pool.build().unwrap().install(tune).unwrap();
        model_bytes(recipe, &tuned, Keep::Last)
    };
    assert!(on(1) == on(3));
}

#[test]
fn an_interrupted_fine_tuning_goes_on_without_the_other_network_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    // Frozen up to within a convolution and its pooling, or beyond them.
    for freeze in ["fine_tune.freeze=1", "fine_tune.freeze=2"] {
        let recipe = recipe(&[freeze, "train.average=0.9"]);
        let whole = tune(&recipe).unwrap();
        assert_eq!(whole.origin(), Some(&trained().1));
        for steps in [2, 13] {
            let part = tune_on(&recipe, &Data::new().set(&recipe), Some(&path), steps).unwrap();
            assert_eq!(part.outcome, Outcome::Interrupted);
            let checkpoint = Checkpoint::load(&path).unwrap();
            assert_eq!(checkpoint.origin(), whole.origin());
            let rest = run(&recipe, Some(&path), Some(checkpoint), usize::MAX).unwrap();
            assert_eq!(rest.history, whole.history);
            assert_eq!(rest.origin(), whole.origin());
            let bytes = |trained| model_bytes(&recipe, trained, Keep::Last);
            assert!(bytes(&rest) == bytes(&whole), "{freeze}, {steps} steps");
        }
    }
}

#[test]
fn frozen_layers_go_with_bf16() {
    let recipe = recipe(&["fine_tune.freeze=4", "train.precision=bf16"]);
    let tuned = tune(&recipe).unwrap();
    assert!(tuned.history.iter().all(|epoch| epoch.loss.is_finite()));
}

#[test]
fn a_recipe_that_fine_tunes_needs_a_network() {
    let recipe = recipe(&["fine_tune.freeze=2"]);
    let data = Data::new();
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let error = train(&recipe, &data.set(&recipe), &options, None, &mut ()).unwrap_err();
    assert!(error.to_string().contains("[fine_tune]"), "{error}");
}

#[test]
fn layers_that_cannot_be_taken_over_or_frozen_are_refused_by_key() {
    for (overrides, words) in [
        (
            &["fine_tune.layers=11"][..],
            "fine_tune.layers = 11 must be from 1 to 10",
        ),
        (&["fine_tune.layers=0"], "fine_tune.layers = 0 must be"),
        (
            &["fine_tune.layers=4", "fine_tune.freeze=5"],
            "fine_tune.freeze = 5 must be at most 4",
        ),
        (
            &["fine_tune.freeze=10"],
            "fine_tune.freeze = 10 leaves no layer with weights",
        ),
        (&["fine_tune.freez=1"], "Did you mean `freeze`?"),
    ] {
        let error = Recipe::parse(RECIPE, "small.toml", overrides).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// What a file says of its origin is read back, and that of its origin's.
#[test]
fn an_origin_knows_its_file_and_its_own_origin() {
    let (encoder, first) = trained();
    // printf abc | sha256sum
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(first.sha256, abc);
    assert_eq!(
        (first.data_sha256.as_str(), first.seed),
        ("of some images", 11)
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let provenance = Provenance {
        siamese: "0".into(),
        libtorch: "0".into(),
        device: "cpu".into(),
        epoch: 1,
        data_sha256: "of others".into(),
        people_sha256: None,
        origin: Some(first.clone()),
    };
    let model = Model {
        recipe: recipe(&["fine_tune.freeze=1"]),
        embedder: Embedder::of(encoder),
        threshold: None,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance,
    };
    model.save(&path).unwrap();
    let file = std::fs::read(&path).unwrap();
    let model = Model::load(&path, Device::Cpu).unwrap();
    let second = Origin::new(&model.recipe, &model.provenance, &file);
    let line: Vec<&str> = second.line().map(|o| o.data_sha256.as_str()).collect();
    assert_eq!(line, ["of others", "of some images"]);
    // Older readers do not know the section, and must say so.
    assert!(String::from_utf8_lossy(&file).contains(r#"format\":2"#));
}

/// One step without chance: what is learnt after frozen layers is what is learnt there without freezing. A cut after the
/// first layer takes a fused block apart.
#[test]
fn layers_after_frozen_ones_learn_what_they_would_have() {
    let text = RECIPE
        .replace("{ dropout = 0.25 },", "")
        .replace("\"adamw\"", "\"sgd\"")
        .replace("clip_norm = 5.0", "")
        .replace("\"batch_norm\", ", "");
    let one_step = |freeze: &str| {
        let overrides = [
            "train.epochs=1",
            "train.batch=80",
            "optimizer.lr=0.1",
            "schedule.warmup_steps=0",
            freeze,
        ];
        let recipe = Recipe::parse(&text, "small.toml", &overrides).unwrap();
        let Recipe { encoder, data, .. } = &recipe;
        let base = Encoder::new(encoder, data, 77, Device::Cpu).unwrap();
        let base = (base, trained().1);
        let tuned = tune_from(&base, &recipe, &Data::new().set(&recipe), None, usize::MAX).unwrap();
        (weights(&base.0), last(&tuned))
    };
    let (before, free) = one_step("fine_tune.freeze=0");
    for (freeze, frozen) in [("fine_tune.freeze=1", 1), ("fine_tune.freeze=4", 4)] {
        let (_, after) = one_step(freeze);
        for (name, values) in &after {
            let layer: usize = name.split('.').nth(1).unwrap().parse().unwrap();
            let expected = if layer <= frozen { &before } else { &free };
            let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
            assert!(values.iter().zip(&expected[name]).all(close), "{name}");
            assert!(layer <= frozen || *values != before[name], "{name}");
        }
    }
}
