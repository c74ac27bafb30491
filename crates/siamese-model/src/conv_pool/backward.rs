//! From the gradient of the pooled values to those of images, weights and bias.

use multiversion::multiversion;
use rayon::prelude::*;

use super::{CHUNK, ConvPool, ConvPoolGradients, LANES, NO_WINNER, Taps, check_len};

impl ConvPool {
    /// Computes the gradients of the images, weights and bias from `grad_out`, the gradient of the result.
    ///
    /// `x` and `weight` are what [`ConvPool::forward`] was given, `winners` what it wrote; `grad_out` has the shape of
    /// the result. With `g` the gradient of a window's maximum, `o` and `p` the channel and the pixel that won it:
    ///
    /// ```text
    /// bias[o] += g        weight[o, i, ky, kx] += g · x[p + (ky, kx), i]        x[p + (ky, kx), i] += g · weight[o, i, ky, kx]
    /// ```
    ///
    /// # Panics
    /// Where a slice has another length, or `winners` is not what `forward` wrote.
    pub fn backward(
        &self,
        x: &[f32],
        weight: &[f32],
        winners: &[u8],
        grad_out: &[f32],
        gradients: ConvPoolGradients<'_>,
    ) {
        let outputs = self.images(x) * self.output_len();
        check_len("weight", weight.len(), self.weight_len());
        check_len("winners", winners.len(), outputs);
        check_len("grad_out", grad_out.len(), outputs);
        check_len(
            "gradients.weight",
            gradients.weight.len(),
            self.weight_len(),
        );
        let layout = Layout::new(self, gradients.x.is_some());
        let filters = layout.pack(weight);

        let inputs = CHUNK * self.input_len();
        let outputs = CHUNK * self.output_len();
        let chunks = x
            .par_chunks(inputs)
            .zip(winners.par_chunks(outputs))
            .zip(grad_out.par_chunks(outputs));
        let sum = |((x, winners), grad_out), grad_x| {
            let images = Images {
                x,
                winners,
                grad_out,
                grad_x,
            };
            backward_chunk(&layout, &filters, images)
        };
        let parts: Vec<Sums> = match gradients.x {
            Some(grad_x) => {
                check_len("gradients.x", grad_x.len(), x.len());
                let chunks = chunks.zip(grad_x.par_chunks_mut(inputs));
                chunks.map(|(chunk, grad_x)| sum(chunk, grad_x)).collect()
            }
            None => chunks.map(|chunk| sum(chunk, &mut [])).collect(),
        };

        let mut total = Sums::new(&layout);
        for part in &parts {
            total.add(part);
        }
        layout.unpack(&total.weight, gradients.weight);
        if let Some(bias) = gradients.bias {
            check_len("gradients.bias", bias.len(), self.out_channels);
            bias.copy_from_slice(&total.bias);
        }
    }
}

/// How images and filters lie in memory while gradients are summed.
///
/// A filter is `[ky][run]`, where a run holds `[kx][in channel]`, then zeros up to a whole number of registers. Where
/// the images' gradient is wanted, each pixel begins a register: sums for pixels one apart would otherwise read what
/// was just written through half of another register, which processors wait for.
struct Layout<'a> {
    block: &'a ConvPool,
    taps: Taps,
}

impl<'a> Layout<'a> {
    fn new(block: &'a ConvPool, aligned: bool) -> Self {
        let channels = block.in_channels;
        let pixel = if aligned {
            channels.next_multiple_of(LANES)
        } else {
            channels
        };
        let taps = Taps {
            rows: block.kernel[0],
            run: (block.kernel[1] * pixel).next_multiple_of(LANES),
            pixel,
        };
        Self { block, taps }
    }

    fn filters_len(&self) -> usize {
        self.block.out_channels * self.taps.rows * self.taps.run
    }

    /// An image of zeros. The last runs reach past its last pixel.
    fn image(&self) -> Vec<f32> {
        vec![0.0; self.block.height * self.block.width * self.taps.pixel + LANES]
    }

    /// For each weight in PyTorch's order its place.
    fn places(&self) -> impl Iterator<Item = usize> {
        let [kh, kw] = self.block.kernel;
        let (inputs, taps) = (self.block.in_channels, self.taps);
        (0..self.block.weight_len()).map(move |at| {
            let (kx, ky) = (at % kw, at / kw % kh);
            let (i, o) = (at / (kw * kh) % inputs, at / (kw * kh * inputs));
            (o * taps.rows + ky) * taps.run + kx * taps.pixel + i
        })
    }

    fn pack(&self, weight: &[f32]) -> Vec<f32> {
        let mut packed = vec![0.0; self.filters_len()];
        for (place, value) in self.places().zip(weight) {
            packed[place] = *value;
        }
        packed
    }

    fn unpack(&self, packed: &[f32], weight: &mut [f32]) {
        for (place, value) in self.places().zip(weight) {
            *value = packed[place];
        }
    }
}

/// Gradients summed over images, the weights' as [`Layout`] has them.
struct Sums {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Sums {
    fn new(layout: &Layout<'_>) -> Self {
        Self {
            weight: vec![0.0; layout.filters_len()],
            bias: vec![0.0; layout.block.out_channels],
        }
    }

    fn add(&mut self, other: &Self) {
        let weights = self.weight.iter_mut().zip(&other.weight);
        let biases = self.bias.iter_mut().zip(&other.bias);
        for (sum, value) in weights.chain(biases) {
            *sum += value;
        }
    }
}

/// The slices of one chunk of images; `grad_x` may be empty.
struct Images<'a> {
    x: &'a [f32],
    winners: &'a [u8],
    grad_out: &'a [f32],
    grad_x: &'a mut [f32],
}

/// A winner that has a gradient.
#[derive(Clone, Copy, Default)]
struct Hit {
    grad: f32,
    /// Output channel of the convolution.
    channel: u32,
    /// Where the kernel lay in the image, as an index of its first float.
    at: u32,
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn backward_chunk(layout: &Layout<'_>, filters: &[f32], images: Images<'_>) -> Sums {
    const GREY_3X3: Taps = Taps {
        rows: 3,
        run: LANES,
        pixel: 1,
    };
    let &Layout { block, taps } = layout;
    let [channels, rows, columns] = block.output();
    let moves = moves(layout);
    let mut sums = Sums::new(layout);
    let mut image = layout.image();
    let mut hits = vec![Hit::default(); columns * channels + 1];
    let wants_x = !images.grad_x.is_empty();
    let mut grad_image = if wants_x { layout.image() } else { Vec::new() };
    let mut grad_xs = images.grad_x.chunks_exact_mut(block.input_len());
    let xs = images.x.chunks_exact(block.input_len());
    let mut winners = images.winners.chunks_exact(columns * channels);
    let mut grads = images.grad_out.chunks_exact(columns * channels);
    for x in xs {
        spread(x, block.in_channels, &mut image, taps.pixel);
        grad_image.fill(0.0);
        for (py, (winners, grads)) in winners.by_ref().zip(grads.by_ref()).take(rows).enumerate() {
            let hits = find_hits(layout, &moves, py, winners, grads, &mut hits);
            if wants_x {
                for hit in hits {
                    add_to_both(layout, hit, &image, filters, &mut sums, &mut grad_image);
                }
            } else if taps == GREY_3X3 {
                for hit in hits {
                    add_to_weight(layout, GREY_3X3, hit, &image, &mut sums);
                }
            } else {
                for hit in hits {
                    add_to_weight(layout, taps, hit, &image, &mut sums);
                }
            }
        }
        if let Some(grad_x) = grad_xs.next() {
            gather(&grad_image, taps.pixel, grad_x, block.in_channels);
        }
    }
    sums
}

/// For each place in a window the channels and floats from its first channel and its corner; the places that no window
/// of this block has stay zero.
fn moves(layout: &Layout<'_>) -> [(u32, u32); 256] {
    let [wc, wh, ww] = layout.block.window;
    let mut moves = [(0, 0); 256];
    for (place, to) in moves.iter_mut().enumerate().take(wc * wh * ww) {
        let (dz, dy, dx) = (place / (wh * ww), place / ww % wh, place % ww);
        let pixels = dy * layout.block.width + dx;
        *to = (dz as u32, (pixels * layout.taps.pixel) as u32);
    }
    moves
}

/// Collects what has a gradient in one row of windows.
///
/// It is a pass of its own, without branches: whether a window has a gradient is a matter of chance after dropout, and
/// a branch guessed wrong costs more than a window.
#[inline(always)]
fn find_hits<'h>(
    layout: &Layout<'_>,
    moves: &[(u32, u32); 256],
    py: usize,
    winners: &[u8],
    grads: &[f32],
    hits: &'h mut [Hit],
) -> &'h [Hit] {
    let &Layout { block, taps } = layout;
    let [wc, wh, ww] = block.window;
    let [channels, _, _] = block.output();
    let mut found = 0;
    let pixels = winners
        .chunks_exact(channels)
        .zip(grads.chunks_exact(channels));
    for (px, (winners, grads)) in pixels.enumerate() {
        let corner = ((py * wh * block.width + px * ww) * taps.pixel) as u32;
        for (c, (winner, grad)) in winners.iter().zip(grads).enumerate() {
            let (channel, at) = moves[usize::from(*winner)];
            hits[found] = Hit {
                grad: *grad,
                channel: (c * wc) as u32 + channel,
                at: corner + at,
            };
            found += usize::from((*winner != NO_WINNER) & (*grad != 0.0));
        }
    }
    &hits[..found]
}

/// Adds one winner's share to the gradients of weights and bias.
///
/// `taps` are the layout's, perhaps as a constant.
#[inline(always)]
fn add_to_weight(layout: &Layout<'_>, taps: Taps, hit: &Hit, image: &[f32], sums: &mut Sums) {
    let Taps { rows, run, pixel } = taps;
    let (channel, at) = (hit.channel as usize, hit.at as usize);
    let sum = &mut sums.weight[channel * rows * run..][..rows * run];
    for ky in 0..rows {
        let image = &image[at + ky * layout.block.width * pixel..][..run];
        let sum = registers_mut(&mut sum[ky * run..][..run]);
        for (sum, x) in sum.iter_mut().zip(registers(image)) {
            add_scaled(sum, hit.grad, x);
        }
    }
    sums.bias[channel] += hit.grad;
}

/// Adds one winner's share to the gradients of weights, bias and image, in one pass over the kernel.
#[inline(always)]
fn add_to_both(
    layout: &Layout<'_>,
    hit: &Hit,
    image: &[f32],
    filters: &[f32],
    sums: &mut Sums,
    grad_image: &mut [f32],
) {
    let Taps { rows, run, pixel } = layout.taps;
    let (channel, first) = (hit.channel as usize, hit.at as usize);
    let size = rows * run;
    let sum = sums.weight[channel * size..][..size].chunks_exact_mut(run);
    let filter = filters[channel * size..][..size].chunks_exact(run);
    for (ky, (sum, filter)) in sum.zip(filter).enumerate() {
        let at = first + ky * layout.block.width * pixel;
        let image = registers(&image[at..][..run]);
        let grad_image = registers_mut(&mut grad_image[at..][..run]);
        let to_weight = registers_mut(sum).iter_mut().zip(image);
        let to_image = grad_image.iter_mut().zip(registers(filter));
        for ((sum, x), (grad_x, weight)) in to_weight.zip(to_image) {
            add_scaled(sum, hit.grad, x);
            add_scaled(grad_x, hit.grad, weight);
        }
    }
    sums.bias[channel] += hit.grad;
}

/// A run as whole registers.
#[inline(always)]
fn registers(run: &[f32]) -> &[[f32; LANES]] {
    run.as_chunks().0
}

/// A run as whole registers.
#[inline(always)]
fn registers_mut(run: &mut [f32]) -> &mut [[f32; LANES]] {
    run.as_chunks_mut().0
}

/// `sum += factor · values`.
#[inline(always)]
fn add_scaled(sum: &mut [f32; LANES], factor: f32, values: &[f32; LANES]) {
    // By value, so that the compiler sees that the two do not overlap.
    let (mut result, values) = (*sum, *values);
    for lane in 0..LANES {
        result[lane] += factor * values[lane];
    }
    *sum = result;
}

/// Copies pixels of `channels` values to pixels `pixel` values apart.
fn spread(from: &[f32], channels: usize, to: &mut [f32], pixel: usize) {
    if channels == pixel {
        to[..from.len()].copy_from_slice(from);
        return;
    }
    for (from, to) in from.chunks_exact(channels).zip(to.chunks_exact_mut(pixel)) {
        to[..channels].copy_from_slice(from);
    }
}

/// Copies back what [`spread`] moved apart.
fn gather(from: &[f32], pixel: usize, to: &mut [f32], channels: usize) {
    for (from, to) in from.chunks_exact(pixel).zip(to.chunks_exact_mut(channels)) {
        to.copy_from_slice(&from[..channels]);
    }
}
