//! Parts of a batch against libtorch's batch normalisation of the whole, in double precision.

use tch::{Device, Kind, Tensor};

use super::*;
use crate::slices::{filled, floats};
use crate::tree;

const EPSILON: f64 = 1e-5;

/// What becomes of a batch: result, gradients of x, weight and bias, mean, unbiased variance.
type Found = [Tensor; 6];

/// Numbers around zero in a random order, no two of them nearly equal: which of two wins a window is no matter of rounding.
fn distinct(shape: &[i64], number: u64) -> Tensor {
    let count = shape.iter().product::<i64>();
    let mut order: Vec<i64> = (0..count).collect();
    pairgen::stream(3, "test", number).shuffle(&mut order);
    let order = Tensor::from_slice(&order).to_kind(Kind::Float);
    (order / count as f64 * 4.0 - 2.0).reshape(shape)
}

fn by_libtorch(layer: BatchNorm, x: &Tensor, weight: &Tensor, bias: &Tensor) -> (Found, Tensor) {
    let double = |tensor: &Tensor| tensor.to_kind(Kind::Double).set_requires_grad(true);
    let (x, weight, bias) = (double(x), double(weight), double(bias));
    let channels = weight.size()[0];
    let mean = Tensor::zeros([channels], (Kind::Double, Device::Cpu));
    let var = Tensor::zeros([channels], (Kind::Double, Device::Cpu));
    let maps = x.permute([0, 3, 1, 2]);
    let mut y = maps.batch_norm(
        Some(&weight),
        Some(&bias),
        Some(&mean),
        Some(&var),
        true,
        1.0,
        EPSILON,
        false,
    );
    if let Some(Pool { window, ceil }) = layer.pool {
        let window = window.map(|side| side as i64);
        y = y.max_pool2d(window, window, [0, 0], [1, 1], ceil);
    }
    if layer.relu {
        y = y.relu();
    }
    let y = y.permute([0, 2, 3, 1]);
    let gradient = distinct(&y.size(), 2);
    let loss = (&y * gradient.to_kind(Kind::Double)).sum(Kind::Double);
    let [of_x, of_weight, of_bias] = <[Tensor; 3]>::try_from(Tensor::run_backward(
        &[loss],
        &[&x, &weight, &bias],
        false,
        false,
    ))
    .unwrap();
    ([y.detach(), of_x, of_weight, of_bias, mean, var], gradient)
}

fn sides(x: &Tensor) -> Sides {
    let [images, height, width, channels] = [0, 1, 2, 3].map(|axis| x.size()[axis] as usize);
    Sides {
        images,
        height,
        width,
        channels,
    }
}

fn in_parts(layer: BatchNorm, parts: &[i64], [x, weight, bias, gradient]: [&Tensor; 4]) -> Found {
    let channels = weight.numel();
    let x = x.split_with_sizes(parts, 0);
    let gradient = gradient.contiguous().split_with_sizes(parts, 0);
    let moments = x.iter().map(|x| Moments::of(floats(x).unwrap(), channels));
    let moments = tree::join(moments, |a, b| Ok::<_, ()>(a.join(&b)));
    let moments = moments.unwrap().unwrap();
    let figures = layer.figures(&moments, floats(weight).unwrap(), floats(bias).unwrap());
    let shape = |x: &Tensor| {
        let [height, width] = layer.output(sides(x)).map(|side| side as i64);
        [x.size()[0], height, width, channels as i64]
    };
    let mut winners = Vec::new();
    let results: Vec<Tensor> = x
        .iter()
        .map(|x| {
            filled(&shape(x), |out| {
                winners.push(layer.apply(&figures, sides(x), floats(x).unwrap(), out));
            })
            .unwrap()
        })
        .collect();
    let back: Vec<Returning<'_>> = x
        .iter()
        .zip(&gradient)
        .zip(&winners)
        .map(|((x, gradient), winners)| Returning {
            sides: sides(x),
            x: floats(x).unwrap(),
            winners,
            gradient: floats(gradient).unwrap(),
        })
        .collect();
    let sums = back.iter().map(|part| layer.gradient_sums(&figures, *part));
    let sums = tree::join(sums, |a, b| Ok::<_, ()>(a.join(&b)));
    let sums = sums.unwrap().unwrap();
    let of_x: Vec<Tensor> = back
        .iter()
        .zip(&x)
        .map(|(part, x)| {
            let whole = moments.count();
            filled(&x.size(), |out| {
                layer.gradient(&figures, *part, &sums, whole, out);
            })
            .unwrap()
        })
        .collect();
    let unbiased: Vec<f64> = moments.unbiased_variances().collect();
    [
        Tensor::cat(&results, 0),
        Tensor::cat(&of_x, 0),
        Tensor::from_slice(&sums.of_weight),
        Tensor::from_slice(&sums.of_bias),
        Tensor::from_slice(moments.means()),
        Tensor::from_slice(&unbiased),
    ]
}

fn check(layer: BatchNorm, parts: &[i64], [height, width, channels]: [i64; 3]) {
    let options = (Kind::Float, Device::Cpu);
    let images = parts.iter().sum();
    // Far from zero, as sums of squares would not stand.
    let x = distinct(&[images, height, width, channels], 1) + 30.0;
    let weight = Tensor::linspace(0.5, 2.0, channels, options);
    // The least value wins its window.
    let _ = weight.get(0).neg_();
    let bias = Tensor::linspace(0.5, -0.25, channels, options);
    let (expected, gradient) = by_libtorch(layer, &x, &weight, &bias);
    let found = in_parts(layer, parts, [&x, &weight, &bias, &gradient]);
    let names = ["y", "x", "weight", "bias", "mean", "var"];
    for ((name, found), expected) in names.iter().zip(&found).zip(&expected) {
        assert_eq!(found.size(), expected.size(), "{name}");
        let largest = expected.abs().max().double_value(&[]).max(1e-3);
        let off = (found.to_kind(Kind::Double) - expected).abs().max();
        let off = off.double_value(&[]) / largest;
        // Values near 30 are known to 2e-6, and their deviations, of about 1, to as many millionths.
        assert!(
            off < 2e-5,
            "{name} is off by {off:.1e} of the largest: {layer:?}, parts {parts:?}, {height}x{width}x{channels}"
        );
    }
}

#[test]
fn parts_give_libtorchs_results_and_gradients_of_the_whole() {
    let pools = [
        None,
        Some(([2, 2], true)),
        Some(([2, 2], false)),
        Some(([3, 1], true)),
    ];
    let pools = pools.map(|pool| pool.map(|(window, ceil)| Pool { window, ceil }));
    let batches: [&[i64]; 5] = [&[12], &[6, 6], &[1, 10, 1], &[4, 4, 4, 4, 3], &[2, 5]];
    for pool in pools {
        for relu in [false, true] {
            for parts in batches {
                for maps in [[7, 5, 16], [6, 6, 32], [5, 9, 6], [13, 13, 8]] {
                    let layer = BatchNorm {
                        epsilon: EPSILON,
                        pool,
                        relu,
                    };
                    check(layer, parts, maps);
                }
            }
        }
    }
}

#[test]
fn vectors_are_images_of_one_pixel() {
    for channels in [1, 7, 64] {
        let layer = BatchNorm {
            epsilon: EPSILON,
            pool: None,
            relu: true,
        };
        check(layer, &[9, 9, 5], [1, 1, channels]);
    }
}

#[test]
fn the_joined_moments_of_parts_are_those_of_the_whole_far_from_zero() {
    let values: Vec<f32> = (0..3000).map(|i| 1e4 + (i % 7) as f32).collect();
    let parts = [0..999, 999..1200, 1200..3000].map(|part| Moments::of(&values[part], 3));
    let [a, b, c] = parts;
    let joined = a.join(&b).join(&c);
    for channel in 0..3 {
        let own: Vec<f64> = values[channel..]
            .iter()
            .step_by(3)
            .map(|&x| x.into())
            .collect();
        let mean = own.iter().sum::<f64>() / 1000.0;
        let variance = own.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1000.0;
        assert!((joined.means()[channel] - mean).abs() < 1e-6);
        let found: Vec<f64> = joined.variances().collect();
        assert!((found[channel] / variance - 1.0).abs() < 1e-5);
    }
}
