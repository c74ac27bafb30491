//! From the gradient of convolutions to those of weight, bias and maps.

use std::mem::MaybeUninit;

use map_kernels::{BLOCK, Instructions, Outer, Product, Weights};

use super::Conv;
use super::forward::store;
use super::frame::Frame;
use crate::batch_norm::Sides;

/// Where [`Conv::backward`] writes.
pub(crate) struct ConvGradients<'a> {
    /// Of `x`; left out, it is not computed.
    pub(crate) x: Option<&'a mut [MaybeUninit<f32>]>,
    /// Of the weights, as they lie.
    pub(crate) weight: &'a mut [f32],
    pub(crate) bias: Option<&'a mut [f32]>,
}

impl Conv {
    /// Given what went in and the gradient of what came out.
    ///
    /// # Panics
    /// Where a slice has another length.
    pub(crate) fn backward(
        &self,
        sides: Sides,
        x: &[f32],
        weight: &[f32],
        of_output: &[f32],
        gradients: ConvGradients<'_>,
    ) {
        assert_eq!(x.len(), sides.len());
        assert_eq!(weight.len(), self.outputs * self.inputs(sides));
        assert_eq!(weight.len(), gradients.weight.len());
        assert_eq!(of_output.len(), sides.images * self.output_len(sides));
        let instructions = Instructions::best();
        let mut back = gradients.x.map(|of_x| {
            assert_eq!(of_x.len(), sides.len());
            let image = sides.height * sides.width * sides.channels;
            let turned = self.turned(sides, weight);
            (of_x.chunks_exact_mut(image), turned, vec![0.0; image])
        });
        let mut padded = self.padded(sides);
        let mut frame = self.returning(sides, back.is_some());
        let mut sums = vec![0.0; weight.len()];
        let width = self.output(sides)[1];
        let images = x.chunks_exact(sides.height * sides.width * sides.channels);
        for (x, of_output) in images.zip(of_output.chunks_exact(self.output_len(sides))) {
            padded.put(x, sides.width);
            frame.put(of_output, width);
            self.add_weights(sides, &padded, &frame, instructions, &mut sums);
            if let Some((of_x, turned, map)) = &mut back
                && let Some(of_x) = of_x.next()
            {
                self.turn_back(sides, &frame, turned, instructions, map);
                store(map, of_x);
            }
        }
        // From `[ky][kx][i][o]`.
        let inputs = self.inputs(sides);
        for (o, filter) in gradients.weight.chunks_exact_mut(inputs).enumerate() {
            let of_output = sums[o..].iter().step_by(self.outputs);
            for (weight, sum) in filter.iter_mut().zip(of_output) {
                *weight = *sum;
            }
        }
        if let Some(bias) = gradients.bias {
            bias.copy_from_slice(&self.of_bias(sides, of_output));
        }
    }

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

    /// Adds what an image gives to the sums of the weights' gradient, `[ky][kx][i][o]`.
    fn add_weights(
        &self,
        sides: Sides,
        x: &Frame,
        of_output: &Frame,
        instructions: Instructions,
        sums: &mut [f32],
    ) {
        let [height, width] = self.output(sides);
        let [down, across] = of_output.step;
        let outer = Outer {
            left: &x.values,
            left_step: self.stride[1] * sides.channels,
            left_line: self.stride[0] * x.line(),
            runs: self.kernel[0],
            run: self.kernel[1] * sides.channels,
            run_step: x.line(),
            right: of_output.map(),
            right_step: across * self.outputs,
            right_line: down * of_output.line(),
            lanes: self.outputs,
            width,
            height,
            sums,
            sums_step: self.outputs,
        };
        outer.add(instructions);
    }

    /// The gradient of an image.
    fn turn_back(
        &self,
        sides: Sides,
        of_output: &Frame,
        turned: &Weights,
        instructions: Instructions,
        map: &mut [f32],
    ) {
        let product = Product {
            input: &of_output.values,
            width: sides.width,
            height: sides.height,
            maps: 1,
            step: self.outputs,
            line: of_output.line(),
            map: 0,
            runs: self.kernel[0],
            run_step: of_output.line(),
            output: map,
            output_line: sides.width * sides.channels,
            output_map: 0,
            add: None,
            relu: false,
        };
        product.compute(turned, instructions);
    }

    /// Sums over pixels, then over images.
    fn of_bias(&self, sides: Sides, of_output: &[f32]) -> Vec<f32> {
        let mut whole = vec![0.0; self.outputs];
        for image in of_output.chunks_exact(self.output_len(sides)) {
            let mut sums = vec![0.0; self.outputs];
            for pixel in image.chunks_exact(self.outputs) {
                for (sum, gradient) in sums.iter_mut().zip(pixel) {
                    *sum += gradient;
                }
            }
            for (whole, sum) in whole.iter_mut().zip(sums) {
                *whole += sum;
            }
        }
        whole
    }
}
