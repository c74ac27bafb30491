//! The contract changes with everything that an embedding depends on, and with nothing else.

use siamese_net::{Contract, Distance, Recipe, TensorBytes};

use crate::small::{recipe, tensors};

fn contract(recipe: &Recipe) -> Contract {
    let tensors = tensors(recipe);
    let views = tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.clone()));
    Contract::new(recipe, views).unwrap()
}

/// Galleries hold contracts: this one must never change.
#[test]
fn the_contract_of_a_model_stays_the_same_from_version_to_version() {
    let found = contract(&recipe(&[]));
    assert_eq!(
        found.digest,
        "288cca2df86e417d2144bcdaecbfa20d911caf3c4ddbf531e17be0ed9e3774aa"
    );
    assert_eq!((found.dimension, found.metric), (3, Distance::Euclidean));
    assert_eq!(found.to_string(), found.digest[..16]);
}

#[test]
fn what_no_embedding_depends_on_leaves_it() {
    let of = |overrides: &[&str]| contract(&recipe(overrides));
    let usual = of(&[]);
    for other in [
        "name=another",
        "seed=4",
        "decision.threshold=0.7",
        "loss.margin=2.0",
        "train.epochs=9",
        "protocol.name=k-fold:3",
        "encoder.init=he-normal",
        // What recipes mean that do not speak of it.
        "data.background=ignore",
        "data.decoding=exact",
    ] {
        assert_eq!(of(&[other]), usual, "{other}");
    }
}

#[test]
fn everything_that_an_embedding_depends_on_changes_it() {
    let of = |overrides: &[&str]| contract(&recipe(overrides));
    let usual = of(&[]);
    for other in [
        "data.mean=0.4",
        "data.sd=0.5",
        "data.pool=2",
        "data.background=white",
        "data.background=[255, 0, 0]",
        "data.decoding=fast",
        "data.resize={ stride = 2 }",
        "data.normalise={ kind = 'equalise' }",
        "loss.distance=cosine",
        "embedding.flip=true",
        "encoder.layers=['flatten', { dense = 3 }, 'tanh']",
        "encoder.layers=['flatten', { dense = 4 }, 'relu']",
        "encoder.input=[1, 2, 3]",
    ] {
        assert_ne!(of(&[other]).digest, usual.digest, "{other}");
    }
}

#[test]
fn one_bit_of_one_weight_changes_it_and_the_order_of_tensors_does_not() {
    let recipe = recipe(&[]);
    let mut tensors = tensors(&recipe);
    let of = |tensors: &[(String, siamese_net::TensorBytes<'static>)]| {
        let views = tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor.clone()));
        Contract::new(&recipe, views).unwrap()
    };
    let usual = of(&tensors);
    tensors.reverse();
    assert_eq!(of(&tensors), usual);
    tensors[0].1.bytes.to_mut()[0] ^= 1;
    assert_ne!(of(&tensors).digest, usual.digest);
    assert_eq!(of(&tensors).dimension, usual.dimension);
}

/// The dimension of a model of two networks, of embeddings of 3 and of 5 numbers, with the whitening maps named: each keeps
/// 2 components.
fn dimension(maps: &[&str]) -> usize {
    let recipe = recipe(&[
        "members=[{}, { encoder = { layers = ['flatten', { dense = 5 }] } }]",
        "embedding.whiten={ kind = 'pca' }",
    ]);
    let map = |name: &&str| {
        let tensor = TensorBytes {
            shape: vec![2, 3],
            bytes: vec![0; 24].into(),
        };
        (format!("{name}.weight"), tensor)
    };
    let tensors: Vec<_> = maps.iter().map(map).collect();
    let views = tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.clone()));
    Contract::new(&recipe, views).unwrap().dimension
}

#[test]
fn networks_that_do_not_whiten_count_beside_those_that_do() {
    assert_eq!(dimension(&[]), 3 + 5);
    assert_eq!(dimension(&["members.1.whitening"]), 2 + 5);
    assert_eq!(dimension(&["members.2.whitening"]), 3 + 2);
    let both = ["members.2.whitening.1", "members.2.whitening.2"];
    assert_eq!(dimension(&both), 3 + 4);
}
