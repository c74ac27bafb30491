//! From the gradient of convolutions to those of weight, bias and maps.

use std::mem::MaybeUninit;

use map_kernels::{BLOCK, Instructions, Outer, Product, Weights};

use super::Conv;
use super::frame::Frame;
use crate::batch_norm::Sides;
use crate::slices::zeroed;

/// The way back through a convolution of images of one size, one after the other.
pub(crate) struct Backward {
    conv: Conv,
    sides: Sides,
    /// From outputs back to channels, where the gradient of images is wanted.
    turned: Option<Weights>,
    padded: Frame,
    /// The gradient of an image's result.
    returning: Frame,
    instructions: Instructions,
    /// Of the weights' gradient, `[ky][kx][i][o]`.
    sums: Vec<f32>,
    of_bias: Vec<f32>,
}

impl Backward {
    /// Through a convolution with these weights; `of_images` says whether the gradient of images is wanted.
    ///
    /// # Panics
    /// Where there are more or fewer weights.
    pub(crate) fn new(conv: Conv, sides: Sides, weight: &[f32], of_images: bool) -> Self {
        assert_eq!(weight.len(), conv.outputs * conv.inputs(sides));
        Self {
            conv,
            sides,
            turned: of_images.then(|| conv.turned(sides, weight)),
            padded: conv.padded(sides),
            returning: conv.returning(sides, of_images),
            instructions: Instructions::best(),
            sums: vec![0.0; weight.len()],
            of_bias: vec![0.0; conv.outputs],
        }
    }

    /// Takes an image and the gradient of its result. Writes the gradient of the image into `of_x`, where it is wanted.
    ///
    /// # Panics
    /// Where a slice has another length.
    pub(crate) fn image<'a>(
        &mut self,
        x: &[f32],
        of_output: &[f32],
        of_x: Option<&'a mut [MaybeUninit<f32>]>,
    ) -> Option<&'a [f32]> {
        let Self { conv, sides, .. } = *self;
        assert_eq!(x.len(), sides.image());
        assert_eq!(of_output.len(), conv.output_len(sides));
        self.padded.put(x, sides.width);
        self.returning.put(of_output, conv.output(sides)[1]);
        self.add_weights();
        let mut of_bias = vec![0.0; conv.outputs];
        for pixel in of_output.chunks_exact(conv.outputs) {
            for (sum, gradient) in of_bias.iter_mut().zip(pixel) {
                *sum += gradient;
            }
        }
        for (whole, sum) in self.of_bias.iter_mut().zip(of_bias) {
            *whole += sum;
        }
        let (Some(turned), Some(of_x)) = (&self.turned, of_x) else {
            return None;
        };
        assert_eq!(of_x.len(), sides.image());
        let of_x = zeroed(of_x);
        let line = self.returning.line();
        let product = Product {
            input: &self.returning.values,
            width: sides.width,
            height: sides.height,
            maps: 1,
            step: conv.outputs,
            line,
            map: 0,
            runs: conv.kernel[0],
            run_step: line,
            output: of_x,
            output_line: sides.width * sides.channels,
            output_map: 0,
            add: None,
            relu: false,
        };
        product.compute(turned, self.instructions);
        Some(of_x)
    }

    /// Adds what an image gives to the sums of the weights' gradient.
    fn add_weights(&mut self) {
        let Self { conv, sides, .. } = *self;
        let [height, width] = conv.output(sides);
        let (x, of_output) = (&self.padded, &self.returning);
        let [down, across] = of_output.step;
        let outer = Outer {
            left: &x.values,
            left_step: conv.stride[1] * sides.channels,
            left_line: conv.stride[0] * x.line(),
            runs: conv.kernel[0],
            run: conv.kernel[1] * sides.channels,
            run_step: x.line(),
            right: of_output.map(),
            right_step: across * conv.outputs,
            right_line: down * of_output.line(),
            lanes: conv.outputs,
            width,
            height,
            sums: &mut self.sums,
            sums_step: conv.outputs,
        };
        outer.add(self.instructions);
    }

    /// The gradients of the weights, as these lie, and of the bias, from all images.
    pub(crate) fn gradients(self) -> [Vec<f32>; 2] {
        let inputs = self.conv.inputs(self.sides);
        let mut of_weight = vec![0.0; self.sums.len()];
        for (o, filter) in of_weight.chunks_exact_mut(inputs).enumerate() {
            let of_output = self.sums[o..].iter().step_by(self.conv.outputs);
            for (weight, sum) in filter.iter_mut().zip(of_output) {
                *weight = *sum;
            }
        }
        [of_weight, self.of_bias]
    }
}

impl Conv {
    /// Weights from outputs back to channels.
    fn turned(&self, sides: Sides, weight: &[f32]) -> Weights {
        let taps = self.kernel[0] * self.kernel[1];
        let (channels, outputs) = (sides.channels, self.outputs);
        Weights::from_fn(channels, taps * outputs, &[], |channel, input| {
            let (tap, o) = (taps - 1 - input / outputs, input % outputs);
            weight[(o * taps + tap) * channels + channel]
        })
    }

    /// The gradient of an image's result. Where the gradient of the image is wanted, its pixels are as far apart as those of
    /// the image that they were made of, and in a border, so that a window over it is what a pixel of the image went into.
    fn returning(&self, sides: Sides, apart: bool) -> Frame {
        let [height, width] = self.output(sides);
        if !apart {
            let whole = [height, width, self.outputs];
            return Frame::new(whole, [0, 0], [1, 1], BLOCK);
        }
        let [high, wide] = self.kernel;
        let whole = [
            sides.height + high - 1,
            sides.width + wide - 1,
            self.outputs,
        ];
        let first = [high - 1 - self.padding[0], wide - 1 - self.padding[1]];
        Frame::new(whole, first, self.stride, BLOCK)
    }
}
