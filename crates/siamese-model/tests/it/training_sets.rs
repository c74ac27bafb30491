//! Sets of images, pairs and subjects that do not go together are refused in words.

use std::sync::atomic::AtomicBool;

use pairgen::{Catalog, PairSet};
use siamese_model::{Device, Learning, Recipe, TrainOptions, TrainingSet, train};

use crate::small::{Data, recipe};

/// What training on pairs, without a catalogue, says.
fn refusal(
    recipe: &Recipe,
    data: &Data,
    pairs: &PairSet,
    fit: &[u32],
    validation: &[u32],
) -> String {
    let set = TrainingSet {
        images: &data.images,
        pairs,
        validation,
        learning: Learning::Pairs { fit, catalog: None },
    };
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &AtomicBool::new(false),
        processes: &siamese_model::Alone,
    };
    let found = train(recipe, &set, &options, None, &mut ());
    found
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn pairs_of_images_that_are_not_there_are_named() {
    let data = Data::new();
    let larger = Catalog::from_counts([("s", 30), ("t", 1)]).unwrap();
    let pairs = PairSet::from_samples(&larger, [(0, 1), (4, 30)]).unwrap();
    let words = refusal(&recipe(&[]), &data, &pairs, &[0, 1], &[]);
    assert!(words.contains("image 30, and 30 images"), "{words}");
}

#[test]
fn numbers_of_pairs_that_are_not_there_are_named() {
    let data = Data::new();
    let of = |fit: &[u32], validation: &[u32]| {
        refusal(&recipe(&[]), &data, &data.pairs, fit, validation)
    };
    let words = of(&[3, 100], &[]);
    assert!(
        words.contains("`fit` names pair 100, and there are 100"),
        "{words}"
    );
    let words = of(&[3], &[7, 1000]);
    assert!(words.contains("`validation` names pair 1000"), "{words}");
}

#[test]
fn batches_that_teach_nothing_are_refused_before_the_first_step() {
    let data = Data::new();
    let batches = "batches={ people = 3, images = 1 }";
    let recipe = recipe(&[batches, "loss={ kind = 'triplet' }"]);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &AtomicBool::new(false),
        processes: &siamese_model::Alone,
    };
    let found = train(&recipe, &data.set(&recipe), &options, None, &mut ());
    let words = found.unwrap_err().to_string();
    assert!(
        words.contains("batches.images = 1 leaves no genuine pair"),
        "{words}"
    );
}
