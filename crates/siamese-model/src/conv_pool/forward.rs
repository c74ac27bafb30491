//! From images to pooled values and their winners.

use multiversion::multiversion;
use rayon::prelude::*;

use super::{CHUNK, ConvPool, LANES, NO_WINNER, Taps, check_len};

/// Neighbouring pixels convolved at once: as many sums as hide the latency of an addition.
const TILE: usize = 4;

impl ConvPool {
    /// Computes the block for all images of `x`.
    ///
    /// * `x`: `[n, height, width, in_channels]`
    /// * `weight`: `[out_channels, in_channels, kernel height, kernel width]`
    /// * `bias`: `[out_channels]`
    /// * `out`: `[n, ph, pw, pc]` with `[pc, ph, pw]` of [`ConvPool::output`]; overwritten
    /// * `winners`: shaped as `out`; overwritten with what [`ConvPool::backward`] needs, the place of each maximum in
    ///   its window as `(dz · wh + dy) · ww + dx`, or 255 where relu gave zero
    ///
    /// # Panics
    /// Where a slice has another length.
    pub fn forward(
        &self,
        x: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        out: &mut [f32],
        winners: Option<&mut [u8]>,
    ) {
        let outputs = self.images(x) * self.output_len();
        check_len("weight", weight.len(), self.weight_len());
        check_len("out", out.len(), outputs);
        if let Some(bias) = bias {
            check_len("bias", bias.len(), self.out_channels);
        }
        if let Some(winners) = &winners {
            check_len("winners", winners.len(), outputs);
        }
        // Sixteen lanes where they leave no more of them idle than eight do.
        let wide = (self.out_channels - 1) % (2 * LANES) >= LANES;
        if wide {
            let filters = Filters::<{ 2 * LANES }>::pack(self, weight, bias);
            self.forward_chunks(&filters, x, out, winners);
        } else {
            let filters = Filters::<LANES>::pack(self, weight, bias);
            self.forward_chunks(&filters, x, out, winners);
        }
    }

    fn forward_chunks<const B: usize>(
        &self,
        filters: &Filters<B>,
        x: &[f32],
        out: &mut [f32],
        winners: Option<&mut [u8]>,
    ) {
        let size = CHUNK * self.output_len();
        let chunks = x
            .par_chunks(CHUNK * self.input_len())
            .zip(out.par_chunks_mut(size));
        match winners {
            Some(winners) => chunks
                .zip(winners.par_chunks_mut(size))
                .for_each(|((x, out), winners)| forward_chunk(self, filters, x, out, winners)),
            None => chunks.for_each(|(x, out)| forward_chunk(self, filters, x, out, &mut [])),
        }
    }
}

/// The weights, `B` output channels side by side; channels that fill up the last block are zero.
struct Filters<const B: usize> {
    /// `[block][ky][kx][in channel][lane]`
    weight: Vec<[f32; B]>,
    /// `[block][lane]`
    bias: Vec<[f32; B]>,
}

impl<const B: usize> Filters<B> {
    fn pack(block: &ConvPool, weight: &[f32], bias: Option<&[f32]>) -> Self {
        let taps = block.kernel[0] * block.kernel[1];
        let blocks = block.out_channels.div_ceil(B);
        let mut packed = Self {
            weight: vec![[0.0; B]; blocks * block.filter_len()],
            bias: vec![[0.0; B]; blocks],
        };
        for (o, filter) in weight.chunks_exact(block.filter_len()).enumerate() {
            for (at, value) in filter.iter().enumerate() {
                let (i, tap) = (at / taps, at % taps);
                let row = o / B * filter.len() + tap * block.in_channels + i;
                packed.weight[row][o % B] = *value;
            }
        }
        for (o, value) in bias.unwrap_or_default().iter().enumerate() {
            packed.bias[o / B][o % B] = *value;
        }
        packed
    }
}

/// The images of one chunk, one row of windows after another. `winners` may be empty.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn forward_chunk<const B: usize>(
    block: &ConvPool,
    filters: &Filters<B>,
    x: &[f32],
    out: &mut [f32],
    winners: &mut [u8],
) {
    const GREY_3X3: Taps = Taps {
        rows: 3,
        run: 3,
        pixel: 1,
    };
    let taps = Taps {
        rows: block.kernel[0],
        run: block.kernel[1] * block.in_channels,
        pixel: block.in_channels,
    };
    let [channels, rows, columns] = block.output();
    let [wc, wh, ww] = block.window;
    let pixel = B * filters.bias.len();
    let row_len = columns * channels;
    // The last windows' idle lanes reach past the last pixel.
    let slack = (LANES * wc).div_ceil(B);
    let mut convolved = vec![[0.0; B]; wh * columns * ww * filters.bias.len() + slack];
    let mut pooled = vec![0.0; row_len + LANES];
    let mut places = vec![0; row_len + LANES];
    let mut winners = winners.chunks_exact_mut(row_len);
    let outs = out.chunks_exact_mut(rows * row_len);
    for (x, out) in x.chunks_exact(block.input_len()).zip(outs) {
        for (py, out) in out.chunks_exact_mut(row_len).enumerate() {
            if taps == GREY_3X3 {
                convolve(block, GREY_3X3, filters, x, py, &mut convolved);
            } else {
                convolve(block, taps, filters, x, py, &mut convolved);
            }
            let convolved = convolved.as_flattened();
            if wc == 1 {
                pool(block, 1, pixel, convolved, &mut pooled, &mut places);
            } else {
                pool(block, wc, pixel, convolved, &mut pooled, &mut places);
            }
            out.copy_from_slice(&pooled[..row_len]);
            if let Some(winners) = winners.next() {
                winners.copy_from_slice(&places[..row_len]);
            }
        }
    }
}

/// Convolves what the windows of row `py` cover into `[dy][column][block][lane]`.
#[inline(always)]
fn convolve<const B: usize>(
    block: &ConvPool,
    taps: Taps,
    filters: &Filters<B>,
    x: &[f32],
    py: usize,
    convolved: &mut [[f32; B]],
) {
    let [_, wh, ww] = block.window;
    let columns = block.output()[2] * ww;
    let blocks = filters.bias.len();
    let row_len = block.width * taps.pixel;
    for (dy, convolved) in convolved
        .chunks_exact_mut(columns * blocks)
        .take(wh)
        .enumerate()
    {
        let x = &x[(py * wh + dy) * row_len..][..taps.rows * row_len];
        let weights = filters.weight.chunks_exact(taps.rows * taps.run);
        for (b, (weight, bias)) in weights.zip(&filters.bias).enumerate() {
            let mut column = 0;
            while column + TILE <= columns {
                let sums = tile::<TILE, B>(taps, weight, *bias, x, column);
                for (t, sum) in sums.into_iter().enumerate() {
                    convolved[(column + t) * blocks + b] = sum;
                }
                column += TILE;
            }
            for column in column..columns {
                let [sum] = tile::<1, B>(taps, weight, *bias, x, column);
                convolved[column * blocks + b] = sum;
            }
        }
    }
}

/// One block of output channels at `T` neighbouring pixels; `x` holds the rows under the kernel.
#[inline(always)]
fn tile<const T: usize, const B: usize>(
    taps: Taps,
    weight: &[[f32; B]],
    bias: [f32; B],
    x: &[f32],
    column: usize,
) -> [[f32; B]; T] {
    let Taps { rows, run, pixel } = taps;
    let row_len = x.len() / rows;
    let mut sums = [bias; T];
    for ky in 0..rows {
        let weight = &weight[ky * run..][..run];
        let row = &x[ky * row_len + column * pixel..][..(T - 1) * pixel + run];
        let runs: [&[f32]; T] = std::array::from_fn(|t| &row[t * pixel..][..run]);
        for (j, weight) in weight.iter().enumerate() {
            for t in 0..T {
                let value = runs[t][j];
                for lane in 0..B {
                    sums[t][lane] += value * weight[lane];
                }
            }
        }
    }
    sums
}

/// Takes the maxima of one row of windows; `pixel` floats of `convolved` belong to a pixel.
///
/// `wc` is the window's first size: where it is the constant 1, neighbouring lanes are loaded at once.
#[inline(always)]
fn pool(
    block: &ConvPool,
    wc: usize,
    pixel: usize,
    convolved: &[f32],
    out: &mut [f32],
    winners: &mut [u8],
) {
    let [channels, _, columns] = block.output();
    let [_, wh, ww] = block.window;
    for px in 0..columns {
        for first in (0..channels).step_by(LANES) {
            let mut best = [f32::NEG_INFINITY; LANES];
            let mut winner = [0i32; LANES];
            let mut place = 0;
            for dz in 0..wc {
                for dy in 0..wh {
                    for dx in 0..ww {
                        let at = ((dy * columns + px) * ww + dx) * pixel + first * wc + dz;
                        let values = &convolved[at..][..(LANES - 1) * wc + 1];
                        for lane in 0..LANES {
                            let value = values[lane * wc];
                            let wins = (value > best[lane]) | value.is_nan();
                            best[lane] = if wins { value } else { best[lane] };
                            winner[lane] = if wins { place } else { winner[lane] };
                        }
                        place += 1;
                    }
                }
            }
            if block.relu {
                for lane in 0..LANES {
                    let stopped = best[lane] <= 0.0;
                    best[lane] = if stopped { 0.0 } else { best[lane] };
                    winner[lane] = if stopped {
                        i32::from(NO_WINNER)
                    } else {
                        winner[lane]
                    };
                }
            }
            // Idle lanes spill into the next pixel, which is written after this one.
            let at = px * channels + first;
            out[at..][..LANES].copy_from_slice(&best);
            for (to, winner) in winners[at..][..LANES].iter_mut().zip(winner) {
                *to = winner as u8;
            }
        }
    }
}
