//! From maps to their convolutions.

use std::mem::MaybeUninit;

use map_kernels::{Instructions, Product, Weights};

use super::Conv;
use super::frame::Frame;
use crate::batch_norm::Sides;

impl Conv {
    /// Writes the result for `x` into `out`.
    ///
    /// # Panics
    /// Where a slice has another length.
    pub(crate) fn forward(
        &self,
        sides: Sides,
        x: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        out: &mut [MaybeUninit<f32>],
    ) {
        let inputs = self.inputs(sides);
        assert_eq!(x.len(), sides.len());
        assert_eq!(weight.len(), self.outputs * inputs);
        assert_eq!(out.len(), sides.images * self.output_len(sides));
        let weights = Weights::from_fn(self.outputs, inputs, bias.unwrap_or_default(), |o, i| {
            weight[o * inputs + i]
        });
        let instructions = Instructions::best();
        let [height, width] = self.output(sides);
        let mut frame = self.padded(sides);
        let mut map = vec![0.0; self.output_len(sides)];
        let images = x.chunks_exact(sides.height * sides.width * sides.channels);
        for (x, out) in images.zip(out.chunks_exact_mut(map.len())) {
            frame.put(x, sides.width);
            let line = frame.line();
            let product = Product {
                input: &frame.values,
                width,
                height,
                maps: 1,
                step: self.stride[1] * sides.channels,
                line: self.stride[0] * line,
                map: 0,
                runs: self.kernel[0],
                run_step: line,
                output: &mut map,
                output_line: width * self.outputs,
                output_map: 0,
                add: None,
                relu: false,
            };
            product.compute(&weights, instructions);
            store(&map, out);
        }
    }

    /// An image with its border.
    pub(super) fn padded(&self, sides: Sides) -> Frame {
        let [above, left] = self.padding;
        let whole = [
            sides.height + 2 * above,
            sides.width + 2 * left,
            sides.channels,
        ];
        Frame::new(whole, self.padding, [1, 1], 0)
    }
}

pub(super) fn store(values: &[f32], out: &mut [MaybeUninit<f32>]) {
    for (out, value) in out.iter_mut().zip(values) {
        out.write(*value);
    }
}
