//! Bringing one image to the size that a stack holds, as bytes over their full range.

use ndarray::Array3;
use pgm_io::{Channels, RasterSamples, scale};

use crate::channels::luma;
use crate::error::StackError;
use crate::image::Image;
use crate::memory::{no_memory, zeros};
use crate::resize::{Resize, fitted};

impl Image<'_> {
    /// The image as planes `[c, h, w]` of bytes over their full range (0 is black, 255 is white, whatever the maxval).
    ///
    /// With [`Channels::Rgb`] the three are red, green and blue, each resized for itself; a grey image has three equal
    /// ones. With [`Channels::Grey`] there is one, and a colour becomes its luma (see [`grey`](Self::grey)) before it is
    /// resized.
    ///
    /// # Errors
    /// [`StackError::ZeroResize`] for a step or a side of zero; [`StackError::Memory`] where the planes do not fit.
    pub fn planes(&self, channels: Channels, resize: Resize) -> Result<Array3<u8>, StackError> {
        planes(self.size(), channels, resize, |out| {
            write(self, channels, resize, out);
        })
    }
}

/// Planes for an image of `size`, resized, as `write` fills them.
pub(crate) fn planes(
    size: (usize, usize),
    channels: Channels,
    resize: Resize,
    write: impl FnOnce(&mut [u8]),
) -> Result<Array3<u8>, StackError> {
    let Some((width, height)) = resize.size(size) else {
        return Err(StackError::ZeroResize { resize });
    };
    let shape = [channels.count(), height, width];
    let of_one = [1, shape[0], shape[1], shape[2]];
    let mut pixels = zeros(of_one)?;
    write(&mut pixels);
    Array3::from_shape_vec(shape, pixels).map_err(|_| no_memory(of_one))
}

/// Writes the channels of `image`, resized, one after the other to `out`, which has room for the
/// [`Resize::size`] of each.
pub(crate) fn write(image: &Image<'_>, channels: Channels, resize: Resize, out: &mut [u8]) {
    if let Resize::Fit {
        height,
        width,
        fill,
        margin,
    } = resize
    {
        return write_fitted(image, channels, (width, height), margin, fill, out);
    }
    match (channels, image.channels) {
        (Channels::Grey, Channels::Rgb) => write_channels(&image.grey(), resize, out),
        (Channels::Rgb, Channels::Grey) => {
            let length = out.len() / channels.count();
            let (first, others) = out.split_at_mut(length);
            write_channels(image, resize, first);
            for other in others.chunks_exact_mut(length) {
                other.copy_from_slice(first);
            }
        }
        _ => write_channels(image, resize, out),
    }
}

/// Writes the channels of an image in the middle of a ground of this colour.
fn write_fitted(
    image: &Image<'_>,
    channels: Channels,
    (width, height): (usize, usize),
    margin: usize,
    fill: [u8; 3],
    out: &mut [u8],
) {
    let within = (width - 2 * margin, height - 2 * margin);
    let (inner_width, inner_height) = fitted(image.size(), within);
    let mut inner = vec![0; channels.count() * inner_width * inner_height];
    let area = Resize::Area {
        height: inner_height,
        width: inner_width,
    };
    write(image, channels, area, &mut inner);
    let fill = match channels {
        Channels::Grey => [luma(fill) as u8; 3],
        Channels::Rgb => fill,
    };
    let (left, top) = ((width - inner_width) / 2, (height - inner_height) / 2);
    let planes = out.chunks_exact_mut(width * height);
    for ((plane, inner), fill) in planes
        .zip(inner.chunks_exact(inner_width * inner_height))
        .zip(fill)
    {
        plane.fill(fill);
        let rows = plane.chunks_exact_mut(width).skip(top);
        for (row, from) in rows.zip(inner.chunks_exact(inner_width)) {
            row[left..][..inner_width].copy_from_slice(from);
        }
    }
}

/// Writes the channels that an image has.
fn write_channels(image: &Image<'_>, resize: Resize, out: &mut [u8]) {
    let maxval = image.maxval;
    match &image.samples {
        RasterSamples::U8(samples) => {
            let source = Source::new(image, samples);
            match (maxval, resize) {
                (255, Resize::None) if source.channels == 1 => out.copy_from_slice(samples),
                (255, _) => source.write(resize, out, |sample| sample),
                (maxval, _) => {
                    let table = scale::table(maxval);
                    source.write(resize, out, |sample| table[usize::from(sample)]);
                }
            }
        }
        RasterSamples::U16(samples) => {
            let source = Source::new(image, samples);
            source.write(resize, out, |sample| scale::to_u8(sample, maxval));
        }
    }
}

/// The samples of an image, row by row, those of a pixel next to each other.
#[derive(Clone, Copy)]
struct Source<'a, T> {
    samples: &'a [T],
    channels: usize,
    /// Samples in a row.
    row: usize,
    width: usize,
    height: usize,
    step: usize,
    maxval: u16,
}

impl<'a, T: Copy + Into<u64>> Source<'a, T> {
    fn new(image: &Image<'_>, samples: &'a [T]) -> Self {
        let channels = image.channels.count();
        Self {
            samples,
            channels,
            row: image.width.div_ceil(image.step) * channels,
            width: image.width,
            height: image.height,
            step: image.step,
            maxval: image.maxval,
        }
    }

    fn write(self, resize: Resize, out: &mut [u8], full_range: impl Fn(T) -> u8) {
        match resize {
            Resize::None => self.every(1, out, full_range),
            Resize::Stride(k) => self.every(k, out, full_range),
            Resize::Area { height, width } | Resize::Fit { height, width, .. } => {
                self.area_mean((height, width), out);
            }
        }
    }

    /// Every k-th pixel of every k-th row.
    fn every(self, k: usize, out: &mut [u8], full_range: impl Fn(T) -> u8) {
        let plane = out.len() / self.channels;
        for (channel, out) in out.chunks_exact_mut(plane).enumerate() {
            let rows = self.samples.chunks_exact(self.row).step_by(k);
            for (to, from) in out.chunks_exact_mut(self.width.div_ceil(k)).zip(rows) {
                let from = from[channel..].iter().step_by(k * self.channels);
                for (to, &from) in to.iter_mut().zip(from) {
                    *to = full_range(from);
                }
            }
        }
    }

    /// Means with 255 as white. Separable: the rows under a new row are summed first, then the
    /// columns of that sum.
    ///
    /// No sum exceeds `height * width * maxval`, which stays within 64 bits for every image that
    /// fits an address space of 47 bits.
    fn area_mean(self, (height, width): (usize, usize), out: &mut [u8]) {
        let rows = Cover::new(self.height, self.step, height);
        let columns = Cover::new(self.width, self.step, width);
        // Row weights add up to the old height and column weights to the old width.
        let white = self.height as u128 * self.width as u128 * u128::from(self.maxval);
        let mut row_sums = vec![0_u64; self.row];
        for y in 0..height {
            row_sums.fill(0);
            for &(row, weight) in rows.under(y) {
                let from = &self.samples[row * self.row..][..self.row];
                for (sum, &sample) in row_sums.iter_mut().zip(from) {
                    *sum += weight * sample.into();
                }
            }
            for (channel, plane) in out.chunks_exact_mut(height * width).enumerate() {
                let row_sums = &row_sums[channel..];
                for (x, to) in plane[y * width..][..width].iter_mut().enumerate() {
                    let parts = columns.under(x).iter();
                    let sum: u64 = parts
                        .map(|&(column, weight)| weight * row_sums[column * self.channels])
                        .sum();
                    *to = ((u128::from(sum) * 255 + white / 2) / white) as u8;
                }
            }
        }
    }
}

/// How `new` pixels cover old samples on one axis, each of which stands for `step` of `old` pixels, the last perhaps for
/// fewer. In units of `1 / (old * new)` of the axis, old pixel j is `[j * new, (j + 1) * new)` and new pixel i is
/// `[i * old, (i + 1) * old)`.
struct Cover {
    /// Samples with the length of their overlap, those of each new pixel in a row.
    parts: Vec<(usize, u64)>,
    /// Where the parts of each new pixel end.
    ends: Vec<usize>,
}

impl Cover {
    fn new(old: usize, step: usize, new: usize) -> Self {
        let mut parts = Vec::with_capacity(old.div_ceil(step) + new);
        let mut ends = Vec::with_capacity(new);
        let (wide_old, wide_new) = (old as u128, new as u128);
        let sample = step as u128 * wide_new;
        for i in 0..wide_new {
            let (start, end) = (i * wide_old, (i + 1) * wide_old);
            for j in start / sample..end.div_ceil(sample) {
                let length = end.min((j + 1) * sample) - start.max(j * sample);
                parts.push((j as usize, length as u64));
            }
            ends.push(parts.len());
        }
        Self { parts, ends }
    }

    /// The samples under new pixel `i`, each with the length of the overlap; the lengths add up
    /// to the number of old pixels.
    fn under(&self, i: usize) -> &[(usize, u64)] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.parts[start..self.ends[i]]
    }
}
