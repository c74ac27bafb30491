//! From maps to their convolutions.

use std::mem::MaybeUninit;

use map_kernels::{Instructions, Product, Weights};

use super::Conv;
use super::frame::Frame;
use crate::batch_norm::Sides;
use crate::slices::zeroed;

/// A convolution that takes images of one size.
pub(crate) struct Forward {
    conv: Conv,
    sides: Sides,
    weights: Weights,
    frame: Frame,
    instructions: Instructions,
}

impl Forward {
    /// Of images of these sides.
    ///
    /// # Panics
    /// Where there are more or fewer weights.
    pub(crate) fn new(conv: Conv, sides: Sides, weight: &[f32], bias: Option<&[f32]>) -> Self {
        let inputs = conv.inputs(sides);
        assert_eq!(weight.len(), conv.outputs * inputs);
        let bias = bias.unwrap_or_default();
        Self {
            conv,
            sides,
            weights: Weights::from_fn(conv.outputs, inputs, bias, |o, i| weight[o * inputs + i]),
            frame: conv.padded(sides),
            instructions: Instructions::best(),
        }
    }

    /// Writes the result for an image into `out`.
    ///
    /// # Panics
    /// Where a slice has another length.
    pub(crate) fn image<'a>(&mut self, x: &[f32], out: &'a mut [MaybeUninit<f32>]) -> &'a [f32] {
        let Self { conv, sides, .. } = *self;
        assert_eq!(x.len(), sides.image());
        assert_eq!(out.len(), conv.output_len(sides));
        let [height, width] = conv.output(sides);
        self.frame.put(x, sides.width);
        let line = self.frame.line();
        let out = zeroed(out);
        let product = Product {
            input: &self.frame.values,
            width,
            height,
            maps: 1,
            step: conv.stride[1] * sides.channels,
            line: conv.stride[0] * line,
            map: 0,
            runs: conv.kernel[0],
            run_step: line,
            output: out,
            output_line: width * conv.outputs,
            output_map: 0,
            add: None,
            relu: false,
        };
        product.compute(&self.weights, self.instructions);
        out
    }
}
