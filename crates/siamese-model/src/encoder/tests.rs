//! The passes through a network against libtorch's and PyTorch's own.

use siamese_net::Recipe;

use super::*;
use crate::dropout::Masks;

/// The gradients of an encoder without batch normalisation.
fn gradients(encoder: &Encoder, loss: Tensor, tape: Tape) -> Vec<Tensor> {
    let mut way = encoder.way_back(loss, tape);
    assert_eq!(encoder.go_back(&mut way, None).unwrap(), None);
    let gradients = encoder.gradients(way).unwrap();
    gradients.into_iter().map(Gradient::whole).collect()
}

/// Both readings of the seed network without dropout: fused blocks and the cut tape against libtorch alone.
#[test]
fn fused_blocks_give_libtorchs_embeddings_and_gradients() {
    for name in ["seed", "seed-literal"] {
        let mut spec = Recipe::builtin::<&str>(name, &[]).unwrap().encoder;
        spec.layers
            .retain(|layer| !matches!(layer, siamese_net::LayerSpec::Dropout(_)));
        let fused = Encoder::new(&spec, &DataSpec::default(), 1, Device::Cpu).unwrap();
        let plain_one = fused.by_libtorch();
        assert!(
            fused.layout.ops.len() < plain_one.layout.ops.len(),
            "{name}: nothing was fused"
        );
        tch::manual_seed(1);
        let images = Tensor::rand([9, 1, 56, 46], tch::kind::FLOAT_CPU);
        let occurrences = Tensor::from_slice(&[0i64, 1, 2, 3, 4, 5, 6, 7, 8, 8, 3, 0]);
        let pass = |encoder: &Encoder| {
            let masks = Masks::new(0, 0, 0, Device::Cpu);
            let rows = Some(occurrences.shallow_clone());
            let pass = encoder.begin(&images, rows, Kind::Float, masks).unwrap();
            let (embeddings, tape) = encoder.end(pass).unwrap();
            let loss = embeddings.square().sum(Kind::Float);
            (embeddings.detach(), gradients(encoder, loss, tape))
        };
        let close = |a: &Tensor, b: &Tensor| {
            let scale = b.abs().max().double_value(&[]);
            (a - b).abs().max().double_value(&[]) <= 1e-5 * scale.max(1e-3)
        };
        let ((a, of_a), (b, of_b)) = (pass(&fused), pass(&plain_one));
        assert!(close(&a, &b), "{name}: embeddings differ");
        assert!(close(
            &fused.embed(&images).unwrap(),
            &plain_one.embed(&images).unwrap()
        ));
        assert_eq!(of_a.len(), 8);
        for (i, (a, b)) in of_a.iter().zip(&of_b).enumerate() {
            assert!(b.abs().max().double_value(&[]) > 0.0);
            assert!(close(a, b), "{name}: gradient {i} differs");
        }
    }
}

/// The program `good.pt` to be trained.
fn program() -> Encoder {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts/good.pt");
    let text =
        format!("input = [1, 16, 12]\nembedding = 8\ntrainable = true\ntorchscript = '{script}'");
    let spec = toml::from_str(&text).unwrap();
    Encoder::new(&spec, &DataSpec::default(), 1, Device::Cpu).unwrap()
}

/// Numbers of `tests/scripts/make.py`: one step of gradient descent on the sum of squares, batch normalisation by its
/// running figures, by PyTorch 2.15.
#[test]
fn a_step_through_a_program_is_pytorchs() {
    let encoder = program();
    let greys = (0..2i64).flat_map(|i| {
        (0..16).flat_map(move |y| (0..12).map(move |x| ((i * 31 + y * 7 + x * 3) % 256) as f32))
    });
    let greys: Vec<f32> = greys.collect();
    let images = Tensor::from_slice(&greys).view([2, 1, 16, 12]) / 255.0;
    let masks = Masks::new(0, 0, 0, Device::Cpu);
    let pass = encoder.begin(&images, None, Kind::Float, masks).unwrap();
    let (embeddings, tape) = encoder.end(pass).unwrap();
    let gradients = gradients(&encoder, embeddings.square().sum(Kind::Float), tape);
    let weights = encoder.trainable();
    let spec = toml::from_str("kind = 'sgd'\nlr = 0.1").unwrap();
    let mut optimizer = crate::optimizer::Optimizer::new(spec, &weights).unwrap();
    optimizer
        .step(&weights, &gradients, &vec![false; weights.len()], 0.1)
        .unwrap();
    let found = Vec::<f32>::try_from(encoder.embed(&images).unwrap().flatten(0, -1)).unwrap();
    let expected = [
        0.344_981_52,
        0.108_793_154,
        0.339_591_83,
        -0.017_428_13,
        -0.016_337_205,
        0.016_605_964,
        -0.272_488_33,
        -0.571_954_55,
        0.464_998_75,
        0.131_562_37,
        0.436_111_48,
        -0.023_064_315,
        -0.058_978_785,
        0.003_454_214,
        -0.334_201_43,
        -0.727_925,
    ];
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-5, "{found:?}");
    }
    let names: Vec<&str> = encoder.named_tensors().map(|(name, _)| name).collect();
    let spare = names
        .iter()
        .position(|name| *name == "script.spare")
        .unwrap();
    assert_eq!(gradients[spare].abs().max().double_value(&[]), 0.0);
}

#[test]
fn a_programs_parameters_are_taken_over_before_any_layer() {
    let (trained, fresh) = (program(), program());
    for tensor in trained.trainable() {
        let _ = tch::no_grad(|| tensor.shallow_clone().f_mul_scalar_(1.5)).unwrap();
    }
    let images = Tensor::rand([2, 1, 16, 12], tch::kind::FLOAT_CPU);
    let of = |encoder: &Encoder| encoder.embed(&images).unwrap();
    assert_ne!(of(&fresh), of(&trained));
    fresh.take_over(&trained, Some(0)).unwrap();
    assert_eq!(of(&fresh), of(&trained));
    let copy = trained.copy().unwrap().frozen(0).unwrap();
    assert_eq!(of(&copy), of(&trained));
    assert_eq!(copy.trainable().len(), 7);
}
