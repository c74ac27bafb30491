//! Against libtorch's convolution, in double precision.

use std::mem::MaybeUninit;

use tch::{Device, Kind, Tensor};

use super::*;
use crate::slices::{filled, floats};

struct Case {
    images: i64,
    input: [i64; 3],
    outputs: i64,
    kernel: [i64; 2],
    stride: [i64; 2],
    padding: [i64; 2],
    bias: bool,
}

const CASES: [Case; 6] = [
    // The first two of `orl-best`.
    case(3, [1, 9, 8], 16, [5, 5], [2, 2], [2, 2], false),
    case(2, [16, 7, 5], 32, [3, 3], [1, 1], [1, 1], false),
    case(2, [5, 6, 9], 10, [3, 2], [1, 1], [0, 0], true),
    case(2, [3, 8, 8], 17, [1, 1], [2, 1], [0, 0], true),
    case(1, [4, 11, 7], 40, [4, 3], [3, 2], [3, 1], true),
    case(3, [2, 1, 1], 1, [1, 1], [1, 1], [0, 0], true),
];

const fn case(
    images: i64,
    input: [i64; 3],
    outputs: i64,
    kernel: [i64; 2],
    stride: [i64; 2],
    padding: [i64; 2],
    bias: bool,
) -> Case {
    Case {
        images,
        input,
        outputs,
        kernel,
        stride,
        padding,
        bias,
    }
}

/// Result and gradients of x, weight and bias, with their channels last.
fn by_libtorch(case: &Case, x: &Tensor, weight: &Tensor, bias: &Tensor, g: &Tensor) -> Vec<Tensor> {
    let double = |tensor: &Tensor| tensor.to_kind(Kind::Double).set_requires_grad(true);
    let (x, weight, bias) = (double(x), double(weight), double(bias));
    let second = |tensor: &Tensor| tensor.permute([0, 3, 1, 2]);
    let y = second(&x)
        .f_conv2d(
            &second(&weight),
            case.bias.then_some(&bias),
            case.stride,
            case.padding,
            [1, 1],
            1,
        )
        .unwrap()
        .permute([0, 2, 3, 1]);
    let loss = (&y * g.to_kind(Kind::Double)).sum(Kind::Double);
    let inputs = match case.bias {
        true => vec![&x, &weight, &bias],
        false => vec![&x, &weight],
    };
    let mut found = Tensor::run_backward(&[loss], &inputs, false, false);
    found.insert(0, y.detach());
    found
}

#[test]
fn results_and_gradients_are_libtorchs() {
    tch::manual_seed(4);
    for (number, case) in CASES.iter().enumerate() {
        let [channels, height, width] = case.input;
        let float = (Kind::Float, Device::Cpu);
        let x = Tensor::randn([case.images, height, width, channels], float);
        let [high, wide] = case.kernel;
        let weight = Tensor::randn([case.outputs, high, wide, channels], float);
        let bias = Tensor::randn([case.outputs], float);
        let sides = [case.images, height, width, channels].map(|side| side as usize);
        let sides = Sides {
            images: sides[0],
            height: sides[1],
            width: sides[2],
            channels: sides[3],
        };
        let unsigned = |sides: [i64; 2]| sides.map(|side| side as usize);
        let conv = Conv {
            outputs: case.outputs as usize,
            kernel: unsigned(case.kernel),
            stride: unsigned(case.stride),
            padding: unsigned(case.padding),
        };
        let [rows, columns] = conv.output(sides).map(|side| side as i64);
        let shape = [case.images, rows, columns, case.outputs];
        let g = Tensor::randn(shape, float);
        let expected = by_libtorch(case, &x, &weight, &bias, &g);
        let [values, of_weights, of_biases, of_outputs] =
            [&x, &weight, &bias, &g].map(|tensor| floats(tensor).unwrap());
        let mut forward = Forward::new(conv, sides, of_weights, case.bias.then_some(of_biases));
        let images = || values.chunks_exact(sides.image());
        let y = filled(&shape, |out| {
            for (x, out) in images().zip(out.chunks_exact_mut(conv.output_len(sides))) {
                forward.image(x, out);
            }
        });
        let back = |of_images: bool, out: Option<&mut [MaybeUninit<f32>]>| {
            let mut backward = Backward::new(conv, sides, of_weights, of_images);
            let mut outs = out.map(|out| out.chunks_exact_mut(sides.image()));
            let gradients = of_outputs.chunks_exact(conv.output_len(sides));
            for (x, gradient) in images().zip(gradients) {
                backward.image(x, gradient, outs.as_mut().and_then(Iterator::next));
            }
            backward.gradients()
        };
        let mut found = None;
        let of_x = filled(&x.size(), |of_x| found = Some(back(true, Some(of_x))));
        let [of_weight, of_bias] = found.unwrap();
        let mut found = vec![y.unwrap(), of_x.unwrap()];
        found.push(Tensor::from_slice(&of_weight).reshape(weight.size()));
        found.extend(case.bias.then(|| Tensor::from_slice(&of_bias)));
        assert_eq!(found.len(), expected.len());
        for (what, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found.size(), expected.size());
            let apart = (found.to_kind(Kind::Double) - expected).abs().max();
            let scale = expected.abs().max().double_value(&[]).max(1.0);
            let apart = apart.double_value(&[]) / scale;
            assert!(apart < 1e-5, "case {number}, tensor {what}: {apart}");
        }
        // The same without the gradient of x.
        assert_eq!(back(false, None), [of_weight, of_bias], "case {number}");
    }
}
