//! Distances, losses and optimizers against PyTorch 2.13.
//!
//! ```python
//! import torch, torch.nn.functional as F
//! a = torch.tensor([[.1, .2, -.3], [1, .5, .25], [.4, .4, .4]], requires_grad=True)
//! b = torch.tensor([[.3, -.1, .2], [.9, .45, .3], [-.6, .8, .1]])
//! y = torch.tensor([1., 0., 0.])
//! d = (a - b).square().sum(1).sqrt()
//! l = y * d ** 2 + (1 - y) * F.relu(1 - d) ** 2                                    # contrastive, margin 1
//! d = (a - b).abs().sum(1); Q = 10.
//! l = y * (2 / Q) * d ** 2 + (1 - y) * 2 * Q * torch.exp(-2.77 * d / Q)            # Chopra 2005
//! l.mean().backward(); a.grad
//!
//! def run(make):
//!     w = torch.tensor([1., -2., 3.], requires_grad=True); o = make([w])
//!     for t in range(5):
//!         w.grad = torch.tensor([.5, -1., .1]) * (t + 1); o.step()
//!     return w
//! run(lambda p: torch.optim.SGD(p, lr=.1, momentum=.9, weight_decay=.01))
//! run(lambda p: torch.optim.RMSprop(p, lr=.001, alpha=.9, eps=1e-7))
//! run(lambda p: torch.optim.Adam(p, lr=.01))
//! run(lambda p: torch.optim.AdamW(p, lr=.01, weight_decay=.1))
//! ```

use siamese_model::{
    Distance, Optimizer, OptimizerSpec, Tensor, TensorDistance, chopra2005, contrastive, logistic,
};

fn rows(values: &[f32]) -> Tensor {
    Tensor::from_slice(values).reshape([-1, 3])
}

fn a() -> Tensor {
    rows(&[0.1, 0.2, -0.3, 1.0, 0.5, 0.25, 0.4, 0.4, 0.4]).set_requires_grad(true)
}

fn b() -> Tensor {
    rows(&[0.3, -0.1, 0.2, 0.9, 0.45, 0.3, -0.6, 0.8, 0.1])
}

fn genuine() -> Tensor {
    Tensor::from_slice(&[1.0f32, 0.0, 0.0])
}

#[track_caller]
fn assert_close(found: &Tensor, expected: &[f64]) {
    let found = Vec::<f32>::try_from(found.flatten(0, -1)).unwrap();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let difference = (f64::from(*found) - expected).abs();
        assert!(
            difference <= 1e-6 * expected.abs().max(1.0),
            "{found} for {expected}"
        );
    }
}

#[test]
fn distances() {
    let of = |distance: Distance| distance.between(&a(), &b()).unwrap();
    assert_close(
        &of(Distance::Euclidean),
        &[0.61644137, 0.12247451, 1.11803401],
    );
    assert_close(&of(Distance::SquaredEuclidean), &[0.38, 0.01500001, 1.25]);
    assert_close(&of(Distance::L1), &[1.0, 0.20000005, 1.70000005]);
    assert_close(&of(Distance::Cosine), &[1.35714293, 0.00243253, 0.82765448]);
}

#[test]
fn contrastive_loss_and_gradient() {
    let a = a();
    let loss = contrastive(
        &Distance::Euclidean.between(&a, &b()).unwrap(),
        &genuine(),
        1.0,
    )
    .unwrap();
    assert_close(&loss, &[0.37999997, 0.770051, 0.0]);
    loss.mean(tch::Kind::Float).backward();
    assert_close(
        &a.grad(),
        &[
            -0.13333336,
            0.20000002,
            -0.33333334,
            -0.47766438,
            -0.23883219,
            0.23883219,
            0.0,
            0.0,
            0.0,
        ],
    );
}

#[test]
fn chopra_loss_and_gradient() {
    let a = a();
    let loss = chopra2005(&Distance::L1.between(&a, &b()).unwrap(), &genuine(), 10.0).unwrap();
    assert_close(&loss, &[0.2, 18.92213249, 12.48880005]);
    loss.mean(tch::Kind::Float).backward();
    assert_close(
        &a.grad(),
        &[
            -0.13333334,
            0.13333334,
            -0.13333334,
            -1.74714363,
            -1.74714363,
            1.74714363,
            -1.15313268,
            1.15313268,
            -1.15313268,
        ],
    );
}

fn after_five_steps(spec: OptimizerSpec) -> Tensor {
    let weights = [Tensor::from_slice(&[1.0f32, -2.0, 3.0])];
    let mut optimizer = Optimizer::new(spec, &weights).unwrap();
    for t in 1..=5 {
        let gradient = Tensor::from_slice(&[0.5f32, -1.0, 0.1]) * f64::from(t);
        optimizer
            .step(&weights, &[gradient], &[true], spec.lr())
            .unwrap();
    }
    weights[0].shallow_clone()
}

#[test]
fn optimizers() {
    let sgd = OptimizerSpec::Sgd {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    assert_close(
        &after_five_steps(sgd),
        &[-0.59573787, 1.19147575, 2.64413548],
    );
    let rmsprop = OptimizerSpec::Rmsprop {
        lr: 0.001,
        rho: 0.9,
        epsilon: 1e-7,
        epsilon_under_root: false,
    };
    assert_close(
        &after_five_steps(rmsprop),
        &[0.98677218, -1.98677218, 2.98677206],
    );
    let (betas, epsilon) = ([0.9, 0.999], 1e-8);
    let adam = OptimizerSpec::Adam {
        lr: 0.01,
        betas,
        epsilon,
    };
    assert_close(
        &after_five_steps(adam),
        &[0.95149165, -1.95149171, 2.95149159],
    );
    let adamw = OptimizerSpec::Adamw {
        lr: 0.01,
        betas,
        epsilon,
        weight_decay: 0.1,
    };
    assert_close(
        &after_five_steps(adamw),
        &[0.94659936, -1.94160938, 2.93661928],
    );
}

/// With an epsilon as large as this the two places for it can be told apart.
///
/// ```python
/// w = np.array([1., -2., 3.]); v = 0                                # Keras 2 and PyTorch, in f64
/// for t in range(5):
///     g = np.array([.5, -1., .1]) * (t + 1); v = .9 * v + .1 * g * g
///     w -= .001 * g / (np.sqrt(v) + .01)
/// w = keras.Variable([1., -2., 3.])                                 # Keras 3.15, on JAX
/// o = keras.optimizers.RMSprop(learning_rate=.001, rho=.9, epsilon=.01)
/// for t in range(5):
///     o.apply([np.float32([.5, -1., .1]) * (t + 1)], [w])
/// ```
#[test]
fn rmsprop_adds_epsilon_as_keras_2_and_pytorch_do_or_as_keras_3_does() {
    let after = |epsilon_under_root| {
        after_five_steps(OptimizerSpec::Rmsprop {
            lr: 0.001,
            rho: 0.9,
            epsilon: 0.01,
            epsilon_under_root,
        })
    };
    assert_close(&after(false), &[0.987_131_53, -1.986_955_62, 2.988_324_72]);
    assert_close(&after(true), &[0.987_435_16, -1.986_964_1, 2.991_360_4]);
}

/// A loop that says what the losses are, in f64.
#[test]
fn losses_equal_a_naive_loop() {
    let n = 200;
    let distances: Vec<f32> = (0..n).map(|i| i as f32 * 0.013).collect();
    let labels: Vec<f32> = (0..n).map(|i| f32::from(u8::from(i % 3 == 0))).collect();
    let (d, y) = (Tensor::from_slice(&distances), Tensor::from_slice(&labels));
    for scale in [0.5, 1.0, 2.0] {
        let expected = |impostor: fn(f64, f64) -> f64, genuine: fn(f64, f64) -> f64| -> Vec<f64> {
            let both = distances.iter().zip(&labels);
            both.map(|(d, y)| {
                let d = f64::from(*d);
                if *y == 1.0 {
                    genuine(d, scale)
                } else {
                    impostor(d, scale)
                }
            })
            .collect()
        };
        let naive = expected(|d, margin| (margin - d).max(0.0).powi(2), |d, _| d * d);
        assert_close(&contrastive(&d, &y, scale).unwrap(), &naive);
        let naive = expected(
            |d, q| 2.0 * q * (-2.77 * d / q).exp(),
            |d, q| 2.0 / q * d * d,
        );
        assert_close(&chopra2005(&d, &y, scale).unwrap(), &naive);
        let naive = expected(
            |d, bias| (1.0 + (bias - d).exp()).ln(),
            |d, bias| (1.0 + (d - bias).exp()).ln(),
        );
        assert_close(&logistic(&d, &y, scale).unwrap(), &naive);
    }
}

#[test]
fn gradients_are_finite_between_equal_and_zero_embeddings() {
    for distance in [
        Distance::Euclidean,
        Distance::SquaredEuclidean,
        Distance::L1,
        Distance::Cosine,
    ] {
        for value in [0.0f32, 0.7] {
            for label in [0.0f32, 1.0] {
                let a = Tensor::from_slice(&[value; 3])
                    .reshape([1, 3])
                    .set_requires_grad(true);
                let b = Tensor::from_slice(&[value; 3]).reshape([1, 3]);
                let d = distance.between(&a, &b).unwrap();
                let loss = contrastive(&d, &Tensor::from_slice(&[label]), 1.0).unwrap();
                loss.sum(tch::Kind::Float).backward();
                let gradient = Vec::<f32>::try_from(a.grad().flatten(0, -1)).unwrap();
                assert!(
                    gradient.iter().all(|g| g.is_finite()),
                    "{distance:?} at {value}: {gradient:?}"
                );
            }
        }
    }
}
