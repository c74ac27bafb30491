//! Pooling of maps with their channels last.

use multiversion::multiversion;
use siamese_net::PoolAxes;

use crate::map::{Map, MapMut};

/// The largest number of each window.
#[derive(Debug)]
pub(crate) struct MaxPool {
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    pub(crate) axes: PoolAxes,
}

impl MaxPool {
    pub(crate) fn apply(&self, from: Map<'_>, to: MapMut<'_>) {
        match self.axes {
            PoolAxes::HeightWidth => largest_of_windows(from, to, self.kernel, self.stride),
            PoolAxes::ChannelsHeight => self.over_channels(from, to),
        }
    }

    /// Windows over channels and rows.
    fn over_channels(&self, from: Map<'_>, mut to: MapMut<'_>) {
        let [channels, height, width] = from.shape;
        let [_, out_height, _] = to.shape;
        for y in 0..out_height {
            let rows = window(y, self.kernel[1], self.stride[1], height);
            for x in 0..width {
                for (c, out) in to.pixel(y, x).iter_mut().enumerate() {
                    let of_pixel = window(c, self.kernel[0], self.stride[0], channels);
                    let numbers = rows
                        .clone()
                        .flat_map(|row| from.pixel(row, x)[of_pixel.clone()].iter().copied());
                    *out = numbers.fold(f32::NEG_INFINITY, larger);
                }
            }
        }
    }
}

/// The mean of each window.
#[derive(Debug)]
pub(crate) struct AvgPool {
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
}

impl AvgPool {
    pub(crate) fn apply(&self, from: Map<'_>, mut to: MapMut<'_>) {
        let [_, height, width] = to.shape;
        let count = (self.kernel[0] * self.kernel[1]) as f32;
        for y in 0..height {
            for x in 0..width {
                let out = to.pixel(y, x);
                out.fill(0.0);
                for row in 0..self.kernel[0] {
                    for column in 0..self.kernel[1] {
                        let pixel =
                            from.pixel(y * self.stride[0] + row, x * self.stride[1] + column);
                        for (sum, x) in out.iter_mut().zip(pixel) {
                            *sum += x;
                        }
                    }
                }
                out.iter_mut().for_each(|sum| *sum /= count);
            }
        }
    }
}

/// The mean of each channel: first of each row's sum, so that many pixels lose no digits.
pub(crate) fn global_mean(from: Map<'_>, out: &mut [f32]) {
    let [channels, height, width] = from.shape;
    out.fill(0.0);
    let mut of_row = vec![0.0; channels];
    for y in 0..height {
        of_row.fill(0.0);
        for pixel in from.row(y).chunks_exact(channels) {
            for (sum, x) in of_row.iter_mut().zip(pixel) {
                *sum += x;
            }
        }
        for (sum, row) in out.iter_mut().zip(&of_row) {
            *sum += row;
        }
    }
    let count = (height * width) as f32;
    out.iter_mut().for_each(|sum| *sum /= count);
}

/// What of `size` window `number` covers.
fn window(number: usize, kernel: usize, stride: usize, size: usize) -> std::ops::Range<usize> {
    let begin = number * stride;
    begin..(begin + kernel).min(size)
}

/// The larger one. What is no number is larger than all.
fn larger(a: f32, b: f32) -> f32 {
    if b > a || b.is_nan() { b } else { a }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn largest_of_windows(from: Map<'_>, mut to: MapMut<'_>, kernel: [usize; 2], stride: [usize; 2]) {
    let [channels, height, width] = from.shape;
    let [_, out_height, out_width] = to.shape;
    for y in 0..out_height {
        let rows = window(y, kernel[0], stride[0], height);
        for x in 0..out_width {
            let columns = window(x, kernel[1], stride[1], width);
            let out = to.pixel(y, x);
            out.copy_from_slice(from.pixel(rows.start, columns.start));
            for row in rows.clone() {
                let pixels = &from.row(row)[columns.start * channels..columns.end * channels];
                for pixel in pixels.chunks_exact(channels) {
                    for (most, &x) in out.iter_mut().zip(pixel) {
                        *most = larger(*most, x);
                    }
                }
            }
        }
    }
}
