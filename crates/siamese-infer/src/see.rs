//! From bytes of pixels to what a network sees.

use multiversion::multiversion;
use siamese_net::{ByChannel, DataSpec, NormaliseSpec};

use crate::blur::Blur;
use crate::layer::sum_of_squares;
use crate::map::{Geometry, MapMut};

/// What is done to an image before a network sees it, in the order and the rounding of the training.
#[derive(Debug)]
pub(crate) struct Eye {
    pool: usize,
    normalise: Normalise,
    scale: Scale,
}

#[derive(Debug)]
enum Normalise {
    No,
    Standardise { floor: f32 },
    LocalContrast { blur: Blur, floor: f32 },
    Equalise,
}

/// The last step.
#[derive(Debug)]
enum Scale {
    /// `x factor + shift`, from bytes where nothing else is done.
    Affine { factor: f32, shift: f32 },
    /// `(x - mean) / sd` by channel.
    ByChannel { mean: [f32; 3], sd: [f32; 3] },
}

impl Scale {
    /// Writes numbers of a channel, scaled.
    fn write<'a>(&self, from: &[f32], channel: usize, to: impl Iterator<Item = &'a mut f32>) {
        let numbers = to.zip(from);
        match self {
            Self::Affine { factor, shift } => {
                numbers.for_each(|(out, x)| *out = x * factor + shift)
            }
            Self::ByChannel { mean, sd } => {
                let (mean, sd) = (mean[channel], sd[channel]);
                numbers.for_each(|(out, x)| *out = (x - mean) / sd);
            }
        }
    }
}

impl Eye {
    pub(crate) fn new(data: &DataSpec) -> Self {
        let normalise = match data.normalise {
            None => Normalise::No,
            Some(NormaliseSpec::Standardise { floor }) => Normalise::Standardise {
                floor: floor as f32,
            },
            Some(NormaliseSpec::LocalContrast { sigma, floor }) => Normalise::LocalContrast {
                blur: Blur::new(sigma),
                floor: floor as f32,
            },
            Some(NormaliseSpec::Equalise {}) => Normalise::Equalise,
        };
        let scale = match (data.mean, data.sd) {
            (ByChannel::All(mean), ByChannel::All(sd)) => Scale::Affine {
                factor: (1.0 / sd) as f32,
                shift: (-mean / sd) as f32,
            },
            (mean, sd) => Scale::ByChannel {
                mean: mean.each().map(|mean| mean as f32),
                sd: sd.each().map(|sd| sd as f32),
            },
        };
        let mut eye = Self {
            pool: usize::from(data.pool).max(1),
            normalise,
            scale,
        };
        if let (1, Normalise::No, ByChannel::All(sd), Scale::Affine { factor, .. }) =
            (eye.pool, &eye.normalise, data.sd, &mut eye.scale)
        {
            *factor = (1.0 / (255.0 * sd)) as f32;
        }
        eye
    }

    /// Writes what the network sees of an image `[channel][row][column]`.
    pub(crate) fn see(&self, bytes: &[u8], to: Geometry, out: &mut [f32]) {
        let [channels, height, width] = to.shape;
        let planes = self.normalised(bytes, to.shape);
        let mut to = MapMut::new(to, out);
        for (channel, plane) in planes.chunks_exact(height * width).enumerate() {
            for (y, row) in plane.chunks_exact(width).enumerate() {
                if channels == 1 {
                    self.scale.write(row, 0, to.row(y).iter_mut());
                } else {
                    let pixels = to.row(y)[channel..].iter_mut().step_by(channels);
                    self.scale.write(row, channel, pixels);
                }
            }
        }
    }

    /// Writes the same as `[channel][row][column]`, of this shape.
    #[cfg(feature = "onnx")]
    pub(crate) fn planes(&self, bytes: &[u8], shape: [usize; 3], out: &mut [f32]) {
        let planes = self.normalised(bytes, shape);
        let pixels = shape[1] * shape[2];
        let channels = planes
            .chunks_exact(pixels)
            .zip(out.chunks_exact_mut(pixels));
        for (channel, (plane, out)) in channels.enumerate() {
            self.scale.write(plane, channel, out.iter_mut());
        }
    }

    /// The image before it is scaled.
    fn normalised(&self, bytes: &[u8], shape: [usize; 3]) -> Vec<f32> {
        let mut planes = vec![0.0; shape.iter().product()];
        match (self.pool, &self.normalise, &self.scale) {
            (1, Normalise::No, Scale::Affine { .. }) => {
                for (x, &byte) in planes.iter_mut().zip(bytes) {
                    *x = f32::from(byte);
                }
            }
            (1, ..) => {
                for (x, &byte) in planes.iter_mut().zip(bytes) {
                    *x = f32::from(byte) * (1.0 / 255.0);
                }
            }
            (2, ..) => shrink_by_two(bytes, shape[2], &mut planes),
            (side, ..) => shrink(bytes, side, shape[2], &mut planes),
        }
        match &self.normalise {
            Normalise::No => {}
            Normalise::Standardise { floor } => standardise(&mut planes, *floor),
            Normalise::LocalContrast { blur, floor } => {
                local_contrast(&mut planes, shape, blur, *floor);
            }
            Normalise::Equalise => equalise(&mut planes),
        }
        planes
    }
}

/// The means of squares of pixels, 0..1.
fn shrink(bytes: &[u8], side: usize, width: usize, planes: &mut [f32]) {
    let count = (side * side) as f32;
    let rows = bytes.chunks_exact(width * side * side);
    for (rows, out) in rows.zip(planes.chunks_exact_mut(width)) {
        for row in rows.chunks_exact(width * side) {
            for (sum, square) in out.iter_mut().zip(row.chunks_exact(side)) {
                for &byte in square {
                    *sum += f32::from(byte) * (1.0 / 255.0);
                }
            }
        }
        out.iter_mut().for_each(|sum| *sum /= count);
    }
}

/// The same for squares of two by two, many side by side.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn shrink_by_two(bytes: &[u8], width: usize, planes: &mut [f32]) {
    let share = |byte: u8| f32::from(byte) * (1.0 / 255.0);
    let rows = bytes.chunks_exact(width * 4);
    for (rows, out) in rows.zip(planes.chunks_exact_mut(width)) {
        let (upper, lower) = rows.split_at(width * 2);
        let squares = upper
            .as_chunks::<2>()
            .0
            .iter()
            .zip(lower.as_chunks::<2>().0);
        for (mean, (&[a, b], &[c, d])) in out.iter_mut().zip(squares) {
            *mean = (share(a) + share(b) + share(c) + share(d)) / 4.0;
        }
    }
}

fn standardise(values: &mut [f32], floor: f32) {
    let count = values.len() as f32;
    let mean = sum(values) / count;
    values.iter_mut().for_each(|x| *x -= mean);
    let deviation = (sum_of_squares(values) / count).sqrt().max(floor);
    values.iter_mut().for_each(|x| *x /= deviation);
}

/// In 16 sums side by side, which are then added from the first to the last.
fn sum(values: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    for values in values.chunks(16) {
        for (sum, x) in sums.iter_mut().zip(values) {
            *sum += x;
        }
    }
    sums.iter().sum()
}

fn local_contrast(planes: &mut [f32], shape: [usize; 3], blur: &Blur, floor: f32) {
    let [channels, height, width] = shape;
    let pixels = height * width;
    let mut blurred = vec![0.0; pixels];
    // Of all channels together: with one deviation each, a pale colour would become a strong one.
    let mut squares = vec![0.0; pixels];
    for plane in planes.chunks_exact_mut(pixels) {
        blur.apply(plane, width, &mut blurred);
        for ((x, blurred), square) in plane.iter_mut().zip(&blurred).zip(&mut squares) {
            *x -= blurred;
            *square += *x * *x;
        }
    }
    if channels > 1 {
        squares
            .iter_mut()
            .for_each(|square| *square /= channels as f32);
    }
    blur.apply(&squares, width, &mut blurred);
    for plane in planes.chunks_exact_mut(pixels) {
        for (x, square) in plane.iter_mut().zip(&blurred) {
            *x /= square.max(0.0).sqrt() + floor;
        }
    }
}

/// Each value becomes the share of values that are darker, of 256 levels.
fn equalise(values: &mut [f32]) {
    let level = |x: f32| (x * 255.0).round_ties_even().clamp(0.0, 255.0) as usize;
    let mut darker_or_equal = [0_usize; 256];
    for &x in &*values {
        darker_or_equal[level(x)] += 1;
    }
    let mut sum = 0;
    for count in &mut darker_or_equal {
        sum += *count;
        *count = sum;
    }
    let least = darker_or_equal.iter().find(|&&count| count > 0);
    let least = least.copied().unwrap_or(0) as f32;
    let range = (values.len() as f32 - least).max(1.0);
    for x in values {
        *x = (darker_or_equal[level(*x)] as f32 - least) / range;
    }
}
