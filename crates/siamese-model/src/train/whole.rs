//! Weights in one piece of memory, as on a GPU, learn what weights learn that lie apart.

use siamese_net::Recipe;
use tch::{Device, Tensor};

use super::checkpoint::slots;
use super::launches::Noise;
use super::state::{State, Weights, snapshot};
use super::step::Step;
use crate::encoder::Encoder;
use crate::slices::without_slices;

/// All kinds of tensors: those that decay and those that do not, that are frozen, and that only follow batches.
const RECIPE: &str = r#"
name = "whole"
[protocol]
name = "k-fold:2"
[batches]
people = 6
images = 3
[encoder]
input = [1, 9, 8]
layers = [
  { conv = 4, kernel = 3 }, "prelu", { conv = 5, kernel = 3, bias = false }, "batch_norm", "relu",
  "flatten", { dense = 7 }, "sigmoid", { scale = 0.5 },
]
[loss]
kind = "proxy-anchor"
[optimizer]
kind = "adamw"
lr = 0.01
weight_decay = 0.1
[train]
epochs = 1
average = 0.9
clip_norm = 0.5
[fine_tune]
layers = 1
freeze = 1
"#;

fn assert_close(found: &Weights, expected: &Weights, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for ((name, found), (expected_name, expected)) in found.iter().zip(expected) {
        assert_eq!(name, expected_name, "{what}");
        let apart = (found - expected).abs().max().double_value(&[]);
        assert!(apart < 1e-6, "{what}, {name}: {apart}");
    }
}

fn assert_alike(whole: &State, apart: &State) {
    let weights = |state: &State| snapshot(&state.encoder).unwrap();
    assert_close(&weights(whole), &weights(apart), "weights");
    let means = |state: &State| snapshot(state.judging()).unwrap();
    assert_close(&means(whole), &means(apart), "means");
    assert_close(&slots(whole).unwrap(), &slots(apart).unwrap(), "slots");
}

#[test]
fn weights_in_one_piece_learn_what_weights_apart_learn() {
    let sgd = "optimizer={ kind = 'sgd', lr = 0.05, momentum = 0.9, weight_decay = 0.1 }";
    let rmsprop = "optimizer={ kind = 'rmsprop' }";
    for overrides in [&[][..], &[sgd], &[rmsprop], &["train.clip_norm=1000000"]] {
        let recipe = Recipe::parse(RECIPE, "whole.rs", overrides).unwrap();
        let noise = Noise::new(&recipe);
        let set = noise.set();
        let encoder = || Encoder::new(&recipe.encoder, &recipe.data, 1, Device::Cpu).unwrap();
        let mut apart = State::of(&recipe, &set, encoder()).unwrap();
        let mut whole = State::of(&recipe, &set, encoder().into_whole().unwrap()).unwrap();
        let before = snapshot(&apart.encoder).unwrap();
        let mut steps = noise.steps(&recipe, &apart.encoder, &set);
        for step in 0..3 {
            let step = Step { epoch: 0, step };
            let learnt = steps.gradients(&recipe, &apart.heads, step).unwrap();
            // Running figures are the steps', which see one of the two alone.
            for ((name, from), (_, to)) in apart
                .encoder
                .named_tensors()
                .zip(whole.encoder.named_tensors())
            {
                if name.contains("running") {
                    to.detach().copy_(&from.detach());
                }
            }
            let copies = |tensors: &[Tensor]| tensors.iter().map(Tensor::copy).collect::<Vec<_>>();
            let (same, of_heads) = (copies(&learnt.gradients), copies(&learnt.of_heads));
            without_slices(|| whole.learn(&recipe, same, of_heads, 1.0)).unwrap();
            apart
                .learn(&recipe, learnt.gradients, learnt.of_heads, 1.0)
                .unwrap();
        }
        assert_alike(&whole, &apart);
        let moved = snapshot(&whole.encoder).unwrap();
        let moved = moved.iter().zip(&before).filter(|((_, a), (_, b))| a != b);
        let moved: Vec<&str> = moved.map(|((name, _), _)| name.as_str()).collect();
        assert!(moved.len() >= 6, "{moved:?}");
    }
}
