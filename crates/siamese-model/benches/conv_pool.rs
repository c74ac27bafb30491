//! The seed network's two blocks against the same chain of libtorch operations, on one thread:
//! `cargo bench -p siamese-model --bench conv_pool`.
#![allow(
    missing_docs,
    reason = "criterion's macros make an undocumented function"
)]
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use siamese_model::{ConvPool, ConvPoolGradients};
use tch::{Kind, Tensor};

/// A block of the seed network at the size of its training steps.
struct Case {
    name: &'static str,
    images: usize,
    input: [usize; 3],
    filters: usize,
    window: [usize; 3],
    /// Whether the gradient of the images is wanted.
    grad_x: bool,
}

const CASES: [Case; 3] = [
    Case {
        name: "first",
        images: 189,
        input: [1, 56, 46],
        filters: 6,
        window: [1, 2, 2],
        grad_x: false,
    },
    Case {
        name: "second",
        images: 256,
        input: [6, 27, 22],
        filters: 12,
        window: [1, 2, 2],
        grad_x: true,
    },
    Case {
        name: "second_over_channels",
        images: 256,
        input: [6, 27, 22],
        filters: 12,
        window: [2, 2, 1],
        grad_x: true,
    },
];

/// Weights of a convolution as the initialiser of the seed draws them: small, mean zero.
const WEIGHT_SCALE: f64 = 0.1;

fn floats(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.contiguous().reshape(-1)).unwrap()
}

/// `tensor`, `[n, c, h, w]`, with its channels last in memory.
fn channels_last(tensor: &Tensor) -> Tensor {
    let moved = tensor.permute([0, 2, 3, 1]).contiguous();
    moved.permute([0, 3, 1, 2])
}

fn blocks(criterion: &mut Criterion) {
    tch::set_num_threads(1);
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .unwrap();
    tch::manual_seed(1);
    for case in &CASES {
        let block = ConvPool::new(case.input, case.filters, [3, 3], case.window, true).unwrap();
        let [channels, height, width] = case.input.map(|size| size as i64);
        let options = (Kind::Float, tch::Device::Cpu);
        let images = Tensor::rand([case.images as i64, channels, height, width], options);
        let images = channels_last(&images).set_requires_grad(case.grad_x);
        let weight = Tensor::randn([case.filters as i64, channels, 3, 3], options) * WEIGHT_SCALE;
        let weight = channels_last(&weight).detach().set_requires_grad(true);
        let bias = Tensor::zeros([case.filters as i64], options).set_requires_grad(true);
        let grad_out = {
            let sizes = block.output().map(|size| size as i64);
            let sizes = [case.images as i64, sizes[0], sizes[1], sizes[2]];
            // Half of the values fall to dropout.
            let kept = Tensor::rand(sizes, options).ge(0.5);
            channels_last(&(Tensor::randn(sizes, options) * kept))
        };
        let libtorch = || {
            let y = images.conv2d(&weight, Some(&bias), [1, 1], [0, 0], [1, 1], 1);
            let [wc, wh, ww] = case.window.map(|size| size as i64);
            let pool =
                |y: &Tensor, window: [i64; 2]| y.max_pool2d(window, window, [0, 0], [1, 1], false);
            let y = if wc == 1 {
                pool(&y.relu(), [wh, ww])
            } else {
                let y = pool(&y.relu().permute([0, 3, 1, 2]), [wc, wh]);
                y.permute([0, 2, 3, 1])
            };
            assert_eq!(y.size(), grad_out.size());
            y
        };
        let leaves: Vec<&Tensor> = if case.grad_x {
            vec![&images, &weight, &bias]
        } else {
            vec![&weight, &bias]
        };

        let x = floats(&images.permute([0, 2, 3, 1]));
        let w = floats(&weight);
        let b = floats(&bias);
        let g = floats(&grad_out.permute([0, 2, 3, 1]));
        let mut out = vec![0.0; g.len()];
        let mut winners = vec![0; g.len()];
        let mut grad_x = vec![0.0; x.len()];
        let mut grad_weight = vec![0.0; w.len()];
        let mut grad_bias = vec![0.0; b.len()];

        let mut group = criterion.benchmark_group(format!("conv_pool/{}", case.name));
        group.bench_function("forward", |bench| {
            bench.iter(|| block.forward(black_box(&x), &w, Some(&b), &mut out, Some(&mut winners)));
        });
        group.bench_function("forward_libtorch", |bench| {
            bench.iter(|| tch::no_grad(libtorch));
        });
        group.bench_function("backward", |bench| {
            bench.iter(|| {
                let gradients = ConvPoolGradients {
                    x: case.grad_x.then_some(grad_x.as_mut_slice()),
                    weight: &mut grad_weight,
                    bias: Some(&mut grad_bias),
                };
                block.backward(black_box(&x), &w, &winners, &g, gradients);
            });
        });
        group.bench_function("backward_libtorch", |bench| {
            let loss = (libtorch() * &grad_out).sum(Kind::Float);
            bench.iter(|| Tensor::run_backward(&[&loss], &leaves, true, false));
        });
        group.finish();
    }
}

criterion_group!(benches, blocks);
criterion_main!(benches);
