//! A model on libtorch, as what judges models knows one.

use siamese_model::{
    Device, Embedder, EmbeddingModel, Encoder, Keep, Model, Recipe, TensorDistance,
};

use crate::small::{self, Data};

const METRICS: [&str; 4] = ["euclidean", "squared-euclidean", "l1", "cosine"];

fn trained(metric: &str) -> Model {
    let distance = format!("loss.distance={metric}");
    let recipe = small::recipe(&["train.epochs=1", &distance]);
    let trained = small::run(&recipe, None, None, usize::MAX).unwrap();
    small::model(&recipe, &trained, Keep::Last)
}

fn fresh(recipe: &Recipe) -> Embedder {
    let encoder = Encoder::new(&recipe.encoder, &recipe.data, recipe.seed, Device::Cpu);
    Embedder::of(encoder.unwrap())
}

#[test]
fn its_distances_are_libtorchs_own_and_near_those_of_the_formulas() {
    let data = Data::new();
    let (a, b) = (data.pairs.a(), data.pairs.b());
    for metric in METRICS {
        let model = trained(metric);
        let judged: &dyn EmbeddingModel = &model;
        let found = judged.distances(&data.images, a, b).unwrap();

        // Every image is in some pair, so each has the row of its number.
        let all: Vec<i64> = (0..data.images.len() as i64).collect();
        let tensor = model.embedder.embed(&data.images, &all).unwrap();
        let rows = |side: &[u32]| {
            side.iter()
                .map(|&image| i64::from(image))
                .collect::<Vec<_>>()
        };
        let distance = model.recipe.distance();
        let own = distance.of_pairs(&tensor, &rows(a), &rows(b)).unwrap();
        assert_eq!(found, own, "{metric}");

        let embeddings = judged.embeddings(&data.images, &all).unwrap();
        for ((&a, &b), found) in a.iter().zip(b).zip(found) {
            let row = |image: u32| embeddings.row(image as usize);
            let expected = distance.of_vectors(row(a), row(b));
            let off = (expected - found).abs();
            assert!(
                off <= 1e-5 * (1.0 + expected),
                "{metric}: {expected} {found}"
            );
        }
    }
}

#[test]
fn untrained_it_has_the_weights_that_training_begins_with() {
    let data = Data::new();
    let model = trained("euclidean");
    let judged: &dyn EmbeddingModel = &model;
    let (a, b) = (data.pairs.a(), data.pairs.b());
    let of = |model: &dyn EmbeddingModel| model.distances(&data.images, a, b).unwrap();
    let untrained = judged.untrained().unwrap().unwrap();
    let began = fresh(&model.recipe).distances(&data.images, a, b, model.recipe.distance());
    assert_eq!(of(&*untrained), began.unwrap());
    assert!(of(&*untrained) != of(judged));
    assert_eq!(untrained.provenance().epoch, 0);
    assert_eq!(untrained.recipe(), judged.recipe());
    let engine = judged.engine();
    assert_eq!((&engine.name[..], &engine.device[..]), ("libtorch", "cpu"));
    assert!(!engine.on_gpu);
}
