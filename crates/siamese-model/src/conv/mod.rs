//! Convolution of maps with their channels last, on the CPU.

mod backward;
mod forward;
mod frame;

#[cfg(test)]
mod tests;

pub(crate) use backward::Backward;
pub(crate) use forward::Forward;

use crate::batch_norm::Sides;
use frame::Frame;

/// `y = conv(x, weight) + bias`, and its gradients ([`Forward`], [`Backward`]), image by image.
///
/// With `x` of `[n, h, w, i]`, `weight` of `[o, kh, kw, i]`, which is how the CPU's encoders keep weights, and zeros around
/// `x`:
///
/// ```text
/// y[b, y, x, o] = bias[o] + Σ over ky, kx, i of  x[b, y·sh + ky - ph, x·sw + kx - pw, i] · weight[o, ky, kx, i]
/// ```
///
/// The gradient of `x` is the same with weights turned by 180 degrees, that of `weight` a sum of outer products over pixels
/// ([`map_kernels`]). An image with its border, and the gradient of its result, are in a core's own memory while they are
/// used. Sums have one order: first over the pixels of an image, then over images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Conv {
    pub(crate) outputs: usize,
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    /// Zeros on both sides, fewer than the kernel has pixels.
    pub(crate) padding: [usize; 2],
}

impl Conv {
    /// Height and width of the result.
    pub(crate) fn output(&self, sides: Sides) -> [usize; 2] {
        let whole = [sides.height, sides.width];
        [0, 1].map(|axis| {
            (whole[axis] + 2 * self.padding[axis] - self.kernel[axis]) / self.stride[axis] + 1
        })
    }

    /// Numbers of one image's result.
    pub(crate) fn output_len(&self, sides: Sides) -> usize {
        let [height, width] = self.output(sides);
        height * width * self.outputs
    }

    /// An image with its border.
    fn padded(&self, sides: Sides) -> Frame {
        let [above, left] = self.padding;
        let whole = [
            sides.height + 2 * above,
            sides.width + 2 * left,
            sides.channels,
        ];
        Frame::new(whole, self.padding, [1, 1], 0)
    }

    /// Numbers that each output is made of.
    fn inputs(&self, sides: Sides) -> usize {
        self.kernel[0] * self.kernel[1] * sides.channels
    }
}
