//! From a part to its normalised, pooled values.

use std::mem::MaybeUninit;

use multiversion::multiversion;

use super::{BatchNorm, Figures, NO_WINNER, Pool, Sides, by_lanes};

impl BatchNorm {
    /// Writes the result for a part `x` into `out`, and gives what [`BatchNorm::gradient_sums`] needs: where it pools, the
    /// place of each maximum in its window, row by row, or [`NO_WINNER`] where relu gave zero.
    ///
    /// # Panics
    /// Where a slice has another length.
    pub(crate) fn apply(
        &self,
        figures: &Figures,
        sides: Sides,
        x: &[f32],
        out: &mut [MaybeUninit<f32>],
    ) -> Vec<u8> {
        assert_eq!(x.len(), sides.len());
        assert_eq!(out.len(), self.output_len(sides));
        let channels = sides.channels;
        let Some(pool) = self.pool else {
            by_lanes!(channels, normalise(figures, self.relu, x, out));
            return Vec::new();
        };
        let mut winners = vec![0; out.len()];
        let windows = Windows {
            sides,
            pool,
            relu: self.relu,
            output: self.output(sides),
        };
        by_lanes!(channels, pooled(&windows, figures, x, out, &mut winners));
        winners
    }
}

/// `relu(x · scale + shift)`, for `B` channels at a time.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn normalise<const B: usize>(
    figures: &Figures,
    relu: bool,
    x: &[f32],
    out: &mut [MaybeUninit<f32>],
) {
    let scales = figures.scale.as_chunks::<B>().0;
    let shifts = figures.shift.as_chunks::<B>().0;
    let rows = x.as_chunks::<B>().0.chunks_exact(scales.len());
    let outs = out.as_chunks_mut::<B>().0.chunks_exact_mut(scales.len());
    for (row, out) in rows.zip(outs) {
        for block in 0..scales.len() {
            let x = row[block];
            for lane in 0..B {
                let value = x[lane] * scales[block][lane] + shifts[block][lane];
                let stopped = relu & (value <= 0.0);
                out[block][lane].write(if stopped { 0.0 } else { value });
            }
        }
    }
}

struct Windows {
    sides: Sides,
    pool: Pool,
    relu: bool,
    output: [usize; 2],
}

/// The same with the maximum of each window.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn pooled<const B: usize>(
    windows: &Windows,
    figures: &Figures,
    x: &[f32],
    out: &mut [MaybeUninit<f32>],
    winners: &mut [u8],
) {
    let Windows {
        sides,
        pool,
        relu,
        output: [rows, columns],
    } = *windows;
    let [high, wide] = pool.window;
    let scales = figures.scale.as_chunks::<B>().0;
    let shifts = figures.shift.as_chunks::<B>().0;
    let blocks = scales.len();
    let x = x.as_chunks::<B>().0;
    let mut outs = out.as_chunks_mut::<B>().0.iter_mut();
    let mut places = winners.as_chunks_mut::<B>().0.iter_mut();
    for image in x.chunks_exact(sides.height * sides.width * blocks) {
        for py in 0..rows {
            let ys = py * high..sides.height.min((py + 1) * high);
            for px in 0..columns {
                let xs = px * wide..sides.width.min((px + 1) * wide);
                for (block, (scale, shift)) in scales.iter().zip(shifts).enumerate() {
                    let mut best = [f32::NEG_INFINITY; B];
                    let mut winner = [0i32; B];
                    for (dy, y) in ys.clone().enumerate() {
                        for (dx, x) in xs.clone().enumerate() {
                            let pixel = &image[(y * sides.width + x) * blocks + block];
                            let place = (dy * wide + dx) as i32;
                            for lane in 0..B {
                                let value = pixel[lane] * scale[lane] + shift[lane];
                                let wins = (value > best[lane]) | value.is_nan();
                                best[lane] = if wins { value } else { best[lane] };
                                winner[lane] = if wins { place } else { winner[lane] };
                            }
                        }
                    }
                    let (Some(out), Some(places)) = (outs.next(), places.next()) else {
                        return;
                    };
                    for lane in 0..B {
                        let stopped = relu & (best[lane] <= 0.0);
                        out[lane].write(if stopped { 0.0 } else { best[lane] });
                        let winner = if stopped {
                            i32::from(NO_WINNER)
                        } else {
                            winner[lane]
                        };
                        places[lane] = winner as u8;
                    }
                }
            }
        }
    }
}
