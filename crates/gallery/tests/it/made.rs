//! Galleries, people and templates to test with.

use std::path::Path;

use gallery::{Fusion, Metric, NewGeneration, NewPerson, NewTemplate, SqliteStore, Store};

pub(crate) const NOW: i64 = 1_760_000_000_000;
pub(crate) const DIMENSION: usize = 8;

pub(crate) fn generation() -> NewGeneration {
    NewGeneration {
        contract: "test model".to_owned(),
        dimension: DIMENSION,
        metric: Metric::Cosine,
        fusion: Fusion::Best,
    }
}

pub(crate) fn store(path: &Path) -> SqliteStore {
    SqliteStore::create(path, &generation(), NOW).unwrap()
}

pub(crate) fn person(external_id: &str) -> NewPerson {
    NewPerson {
        external_id: external_id.to_owned(),
        ..NewPerson::default()
    }
}

/// A vector that is like no other number's.
pub(crate) fn vector(number: u64) -> Vec<f32> {
    use rand::{RngExt, SeedableRng};
    let mut draw = rand_chacha::ChaCha8Rng::seed_from_u64(number);
    (0..DIMENSION)
        .map(|_| draw.random_range(-1.0..1.0))
        .collect()
}

/// The template of picture `number`.
pub(crate) fn template(store: &impl Store, person: u64, number: u64) -> NewTemplate {
    NewTemplate {
        person,
        generation: 1,
        vector: vector(number),
        picture: store.digest_key().digest(&number.to_le_bytes()),
        quality: [("sharpness".to_owned(), 0.5)].into(),
    }
}
