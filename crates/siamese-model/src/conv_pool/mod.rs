//! Convolution, max pooling and relu in one pass over the image.
//!
//! With few channels all three are bound by memory when they run one after the other: the convolution writes a map
//! four times as large as what pooling leaves of it, and the way back reads and writes that map again, though one value
//! in four at most has a gradient. Here a window's row of convolved values stays in the first-level cache, and the way
//! back visits the winners alone.
//!
//! Milliseconds for the seed network's blocks on one thread with AVX-512, libtorch 2.13 in brackets: the first, 189
//! images of 1x56x46, 2.2 (15.0) forward and 2.0 (14.7) backward; the second, 256 images of 6x27x22, 2.9 (3.6) and
//! 3.2 (8.6). `benches/conv_pool.rs` measures them.
//!
//! `forward` and `backward` hold one direction each; both work on chunks of images in parallel, each chunk on one
//! thread, in code compiled for several instruction sets.

mod backward;
mod forward;
#[cfg(test)]
mod tests;

/// Channels worked on at once: a register of AVX2, half a register of AVX-512.
const LANES: usize = 8;

/// Images that go to a thread together, and that share one partial sum of the weight gradient. It is fixed so that the
/// order of the sums does not depend on the number of threads.
const CHUNK: usize = 8;

/// Stands for the winner of a window where relu gave zero: nothing in the window has a gradient.
const NO_WINNER: u8 = u8::MAX;

/// `y = relu(max_pool(conv(x, weight) + bias))` as one operation on the CPU, and its gradients.
///
/// With `x` of `[n, h, w, i]`, `weight` of `[o, i, kh, kw]` and a window of `[wc, wh, ww]`:
///
/// ```text
/// conv[b, y, x, o] = bias[o] + Σ over ky, kx, i of  input[b, y + ky, x + kx, i] · weight[o, i, ky, kx]
/// out[b, y, x, o]  = max(0, max over dz < wc, dy < wh, dx < ww of  conv[b, y·wh + dy, x·ww + dx, o·wc + dz])
/// ```
///
/// The convolution has stride 1 and no padding, the pooling has its window as stride and drops what is left over, along
/// the channels too. Without relu the outer maximum is left out. Pooling before relu gives what relu before pooling
/// gives, values and gradients alike. Of equal values in a window the first wins, channels being the slowest axis, and
/// what is not a number wins over numbers, both as in libtorch.
///
/// # Memory
/// Images, results, winners and their gradients have the channels last, `[n, h, w, c]` row-major: a pixel's channels
/// fill the registers, and the pixels under a row of the kernel are one run of `kw · i` floats. Weights lie as PyTorch
/// stores them.
///
/// # Reproducibility
/// The same input gives the same bytes on any number of threads and any processor: a sum has one order, the one of
/// the formula, and products are rounded before they are added. Gradients of weights are summed over eight images at
/// a time, then over those sums.
///
/// # Examples
/// ```
/// use siamese_model::{ConvPool, ConvPoolGradients};
///
/// // One channel of 4x4, one filter of 1x1, a window of 2x2.
/// let block = ConvPool::new([1, 4, 4], 1, [1, 1], [1, 2, 2], true).ok_or("the window is too large")?;
/// assert_eq!(block.output(), [1, 2, 2]);
///
/// let image: Vec<f32> = (0..16).map(|i| i as f32).collect();
/// let (mut out, mut winners) = ([0.0; 4], [0; 4]);
/// block.forward(&image, &[2.0], Some(&[-12.0]), &mut out, Some(&mut winners));
/// assert_eq!(out, [0.0, 2.0, 14.0, 18.0]);
/// assert_eq!(winners, [255, 3, 3, 3]); // below zero; then the last place of each window
///
/// let (mut weight, mut bias) = ([0.0], [0.0]);
/// let gradients = ConvPoolGradients { x: None, weight: &mut weight, bias: Some(&mut bias) };
/// block.backward(&image, &[2.0], &winners, &[1.0; 4], gradients);
/// assert_eq!((weight, bias), ([7.0 + 13.0 + 15.0], [3.0]));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvPool {
    in_channels: usize,
    height: usize,
    width: usize,
    out_channels: usize,
    kernel: [usize; 2],
    window: [usize; 3],
    relu: bool,
}

/// Where [`ConvPool::backward`] writes; what lies there is overwritten.
#[derive(Debug)]
pub struct ConvPoolGradients<'a> {
    /// Gradient of the images, shaped as they are; left out, it is not computed.
    pub x: Option<&'a mut [f32]>,
    /// Gradient of the weights, `[o, i, kh, kw]`.
    pub weight: &'a mut [f32],
    /// Gradient of the bias, `[o]`.
    pub bias: Option<&'a mut [f32]>,
}

impl ConvPool {
    /// A block for images of `input` = `[channels, height, width]`, with a `kernel` of `[height, width]` and a `window`
    /// of `[channels, height, width]`.
    ///
    /// `None` where a size is zero, the kernel is larger than the image, the window larger than what the convolution
    /// leaves, the window of more than 255 values, or an image of 2^32 values or more.
    #[must_use]
    pub fn new(
        input: [usize; 3],
        out_channels: usize,
        kernel: [usize; 2],
        window: [usize; 3],
        relu: bool,
    ) -> Option<Self> {
        let [in_channels, height, width] = input;
        let product = |sizes: &[usize]| {
            let mut sizes = sizes.iter();
            sizes.try_fold(1usize, |product, size| product.checked_mul(*size))
        };
        // Positions are kept in 32 bits, in images whose channels may be padded to whole registers.
        let padded = in_channels.checked_next_multiple_of(LANES)?;
        u32::try_from(product(&[padded, height, width])?).ok()?;
        product(&[in_channels, kernel[0], kernel[1], out_channels])?;
        let convolved = [
            out_channels,
            (height + 1).checked_sub(kernel[0])?,
            (width + 1).checked_sub(kernel[1])?,
        ];
        let sizes = [in_channels, kernel[0], kernel[1]];
        let fits = sizes.iter().chain(&window).all(|size| *size > 0)
            && convolved
                .iter()
                .zip(window)
                .all(|(size, window)| window <= *size)
            && product(&window)? <= usize::from(NO_WINNER);
        fits.then_some(Self {
            in_channels,
            height,
            width,
            out_channels,
            kernel,
            window,
            relu,
        })
    }

    /// Channels, height and width of the result.
    #[must_use]
    pub fn output(&self) -> [usize; 3] {
        let [channels, height, width] = self.window;
        [
            self.out_channels / channels,
            (self.height + 1 - self.kernel[0]) / height,
            (self.width + 1 - self.kernel[1]) / width,
        ]
    }

    /// Values of one image.
    fn input_len(&self) -> usize {
        self.in_channels * self.height * self.width
    }

    /// Values of one result.
    fn output_len(&self) -> usize {
        self.output().iter().product()
    }

    /// Values of one filter, and of all.
    fn filter_len(&self) -> usize {
        self.in_channels * self.kernel[0] * self.kernel[1]
    }

    fn weight_len(&self) -> usize {
        self.out_channels * self.filter_len()
    }

    /// How many images `x` holds.
    fn images(&self, x: &[f32]) -> usize {
        let images = x.len() / self.input_len();
        check_len("x", x.len(), images * self.input_len());
        images
    }
}

/// How the inner loops walk over an image of rows of `row` floats: a kernel at pixel `p` covers `rows` runs of `run`
/// floats that begin at `p · pixel + ky · row`.
///
/// Where these are constants at compile time the loops unroll, which makes a kernel of 3x3 on one channel a third
/// faster; the two directions therefore have a copy of their loop for that case.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Taps {
    rows: usize,
    run: usize,
    pixel: usize,
}

fn check_len(what: &str, found: usize, expected: usize) {
    assert!(
        found == expected,
        "{what} has {found} values, expected {expected}"
    );
}
