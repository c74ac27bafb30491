//! Training images changed at random: moved, lit in another way, partly hidden.

use std::ops::Range;

use pairgen::Stream;
use siamese_net::AugmentSpec;
use tch::{Device, Kind, Tensor};

use crate::error::Error;
use crate::normalise::smooth;
use crate::upload::{constant, moved, to_device};

/// The images `[n, c, h, w]` of f32 from 0 to 1, changed as `spec` says with numbers of `rng`; of the same shape and
/// range.
///
/// First geometry, as one resampling (bilinear; beyond the edge, its pixels are repeated), the elastic warp after the rest of
/// it, then gamma, contrast, brightness, light, the light of another image and noise, cut to 0..1, then the painted-over
/// rectangle.
///
/// The numbers are drawn image by image in a fixed order and number, so that a setting of 0 changes nothing about the
/// others; after them those of the elastic warp, of the noise, and of whose light each image gets, each only where it is
/// on, so that it changes those after it. On a GPU the noise is libtorch's, reseeded from `rng`.
///
/// # Errors
/// [`Error::Libtorch`] where memory runs out or `pixels` has no four axes.
pub fn augment(pixels: &Tensor, spec: &AugmentSpec, rng: &mut Stream) -> Result<Tensor, Error> {
    let (n, channels, height, width) = pixels.size4()?;
    let shape = [channels, height, width];
    Changes::draw(spec, n, shape, pixels.device(), rng)?.make(pixels)
}

/// What happens to the images of a batch, all drawn.
pub(crate) struct Changes<'a> {
    spec: &'a AugmentSpec,
    draws: Vec<Draw>,
    elastic: Option<Elastic>,
    noise: Noise,
    /// How much of whose light each image gets.
    light: Option<(Vec<f32>, Vec<i64>)>,
}

impl<'a> Changes<'a> {
    /// Those of `n` images of this shape.
    pub(crate) fn draw(
        spec: &'a AugmentSpec,
        n: i64,
        shape: [i64; 3],
        device: Device,
        rng: &mut Stream,
    ) -> Result<Self, Error> {
        Ok(Self {
            spec,
            draws: (0..n).map(|_| Draw::new(spec, rng)).collect(),
            elastic: match spec.elastic > 0.0 {
                true => Some(Elastic::draw(spec, n, shape, rng)?),
                false => None,
            },
            noise: match spec.noise > 0.0 {
                true => Noise::draw(n, shape, device, rng)?,
                false => Noise::None,
            },
            light: (spec.relight > 0.0).then(|| {
                let draw = |_| {
                    let share = spec.relight * rng.unit();
                    (share as f32, (n as f64 * rng.unit()) as i64)
                };
                (0..n).map(draw).unzip()
            }),
        })
    }

    /// Of each `size` images those that happen to them, if no image is changed by another that is not among them.
    pub(crate) fn split(self, size: usize) -> Vec<Self> {
        let made = matches!(self.noise, Noise::Made(_));
        if self.light.is_some() || made || self.draws.len() <= size {
            return vec![self];
        }
        let mut parts = Vec::new();
        let mut draws = self.draws.into_iter();
        let mut done = 0;
        loop {
            let part: Vec<Draw> = draws.by_ref().take(size).collect();
            if part.is_empty() {
                return parts;
            }
            let images = done..done + part.len();
            done = images.end;
            parts.push(Changes {
                spec: self.spec,
                draws: part,
                elastic: self
                    .elastic
                    .as_ref()
                    .map(|elastic| elastic.of(images.clone())),
                noise: self.noise.of(images),
                light: None,
            });
        }
    }

    /// The numbers drawn, one row of [`Draw::numbers`] for each of the images, whose height is so many times their width.
    pub(crate) fn numbers(&self, ratio: f64) -> Vec<f32> {
        let rows = self.draws.iter();
        rows.flat_map(|draw| draw.numbers(ratio)).collect()
    }

    /// The images `[n, c, h, w]` as they become.
    pub(crate) fn make(&self, pixels: &Tensor) -> Result<Tensor, Error> {
        let (_, _, height, width) = pixels.size4()?;
        let numbers = self.numbers(height as f64 / width as f64);
        self.make_with(pixels, &to_device(&numbers, pixels.device())?)
    }

    /// The same, given [`Changes::numbers`] on the device of the images.
    pub(crate) fn make_with(&self, pixels: &Tensor, numbers: &Tensor) -> Result<Tensor, Error> {
        let (n, _, height, width) = pixels.size4()?;
        let spec = self.spec;
        let numbers = numbers.f_view([n, NUMBERS as i64, 1, 1])?;
        let mut columns = [1; MATRIX + 1];
        columns[MATRIX] = (NUMBERS - MATRIX) as i64;
        let columns = numbers.f_split_with_sizes(columns, 1)?;
        let column = |column: Column| Ok::<_, Error>(columns[column as usize].shallow_clone());
        let mut x = pixels.shallow_clone();
        if moves(spec) {
            let field = self.elastic.as_ref().map(|elastic| elastic.field(&x, spec));
            let matrices = numbers
                .f_narrow(1, MATRIX as i64, 6)?
                .f_reshape([n, 2, 3])?;
            x = warp(&x, &matrices, field.transpose()?)?;
        }
        if spec.gamma > 0.0 {
            x = x.f_clamp_min(0.0)?.f_pow(&column(Column::Gamma)?)?;
        }
        if spec.contrast > 0.0 {
            let mean = x.f_mean_dim([1i64, 2, 3].as_slice(), true, Kind::Float)?;
            x = x
                .f_sub(&mean)?
                .f_mul(&column(Column::Contrast)?)?
                .f_add(&mean)?;
        }
        if spec.brightness > 0.0 {
            x = x.f_add(&column(Column::Brightness)?)?;
        }
        if spec.light > 0.0 {
            let axis = |length: i64, shape: [i64; 4]| -> Result<Tensor, Error> {
                let name = ("from edge to edge", [length as u64, shape[3] as u64, 0]);
                constant(name, x.device(), || {
                    let options = (Kind::Float, x.device());
                    Ok(Tensor::f_linspace(-1.0, 1.0, length, options)?.f_reshape(shape)?)
                })
            };
            let across = column(Column::Across)?.f_mul(&axis(width, [1, 1, 1, width])?)?;
            let down = column(Column::Down)?.f_mul(&axis(height, [1, 1, height, 1])?)?;
            x = x.f_add(&across.f_add(&down)?)?;
        }
        if let Some((shares, others)) = &self.light {
            x = relight(&x, spec, shares, others)?;
        }
        if let Some(noise) = self.noise.like(&x)? {
            x = x.f_add(&noise.f_mul(&column(Column::Noise)?)?)?;
        }
        x = x.f_clamp(0.0, 1.0)?;
        if spec.erase > 0.0 {
            let within = |start, end, length: i64, shape: [i64; 4]| {
                let options = (Kind::Float, x.device());
                // Middles of pixels as shares of the side.
                let name = ("middles of pixels", [length as u64, shape[3] as u64, 0]);
                let place = constant(name, x.device(), || {
                    Ok(Tensor::f_arange(length, options)?
                        .f_add_scalar(0.5)?
                        .f_div_scalar(length as f64)?
                        .f_reshape(shape)?)
                })?;
                let after = place.f_ge_tensor(&column(start)?)?;
                Ok::<_, Error>(after.f_logical_and(&place.f_lt_tensor(&column(end)?)?)?)
            };
            let rows = within(Column::Top, Column::Bottom, height, [1, 1, height, 1])?;
            let columns = within(Column::Left, Column::Right, width, [1, 1, 1, width])?;
            let painted = rows.f_logical_and(&columns)?;
            x = column(Column::Grey)?.f_where_self(&painted, &x)?;
        }
        Ok(x)
    }
}

/// Each image with some of the light of another.
fn relight(
    x: &Tensor,
    spec: &AugmentSpec,
    shares: &[f32],
    others: &[i64],
) -> Result<Tensor, Error> {
    let own = smooth(x, spec.relight_sigma)?;
    let others = to_device(others, x.device())?;
    let shares = to_device(shares, x.device())?.f_reshape([-1, 1, 1, 1])?;
    let change = own.f_index_select(0, &others)?.f_sub(&own)?;
    Ok(x.f_add(&change.f_mul(&shares)?)?)
}

/// Smooth random fields that shift the pixels of each image.
///
/// P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied to visual document
/// analysis", ICDAR 2003.
struct Elastic {
    /// The root mean square of each image's field, in units of which two reach from edge to edge.
    strengths: Vec<f32>,
    /// Of two planes an image. Drawn by the CPU, so that every device warps alike.
    noise: Noise,
}

impl Elastic {
    fn draw(spec: &AugmentSpec, n: i64, shape: [i64; 3], rng: &mut Stream) -> Result<Self, Error> {
        let [_, height, width] = shape;
        let strength = |_| (2.0 * spec.elastic * rng.unit()) as f32;
        Ok(Self {
            strengths: (0..n).map(strength).collect(),
            noise: Noise::draw(n, [2, height, width], Device::Cpu, rng)?,
        })
    }

    /// Those of some of the images.
    fn of(&self, images: Range<usize>) -> Self {
        Self {
            strengths: self.strengths[images.clone()].to_vec(),
            noise: self.noise.of(images),
        }
    }

    /// Where each pixel of the images is shifted to, `[n, h, w, 2]` in -1..1 from edge to edge.
    fn field(&self, x: &Tensor, spec: &AugmentSpec) -> Result<Tensor, Error> {
        let (n, _, height, width) = x.size4()?;
        let strengths = to_device(&self.strengths, x.device())?.f_reshape([n, 1, 1, 1])?;
        let blank = Tensor::f_zeros([n, 2, height, width], (Kind::Float, Device::Cpu))?;
        let drawn = self.noise.like(&blank)?.unwrap_or(blank);
        let field = smooth(&moved(&drawn, x.device())?, spec.elastic_sigma)?;
        let mean_square =
            field
                .f_square()?
                .f_mean_dim([1i64, 2, 3].as_slice(), true, Kind::Float)?;
        let unit = field.f_div(&mean_square.f_clamp_min(1e-12)?.f_sqrt()?)?;
        Ok(unit.f_mul(&strengths)?.f_permute([0, 2, 3, 1])?)
    }
}

/// Each image resampled as its matrix says, and then as the field does.
fn warp(x: &Tensor, matrices: &Tensor, field: Option<Tensor>) -> Result<Tensor, Error> {
    let mut grid = Tensor::f_affine_grid_generator(matrices, x.size(), false)?;
    if let Some(field) = field {
        grid = grid.f_add(&field)?;
    }
    Ok(x.f_grid_sampler_2d(&grid, BILINEAR, EDGE, false)?)
}

/// libtorch's numbers of the resampling and of what lies beyond the edge.
const BILINEAR: i64 = 0;
const EDGE: i64 = 1;

/// Whether any setting moves pixels.
fn moves(spec: &AugmentSpec) -> bool {
    let settings = [
        spec.rotation,
        spec.scale,
        spec.aspect,
        spec.shear,
        spec.shift,
        spec.elastic,
        spec.flip,
    ];
    settings.iter().any(|setting| *setting > 0.0)
}

/// What happens to one image.
struct Draw {
    /// In radians.
    angle: f64,
    shear: f64,
    /// Factors of width and height.
    stretch: [f64; 2],
    /// Shares of width and height.
    shift: [f64; 2],
    mirrored: bool,
    gamma: f64,
    contrast: f64,
    brightness: f64,
    /// At the right and at the bottom edge.
    light: [f64; 2],
    noise: f64,
    top: f64,
    bottom: f64,
    left: f64,
    right: f64,
    grey: f64,
}

impl Draw {
    fn new(spec: &AugmentSpec, rng: &mut Stream) -> Self {
        let mut within = |limit: f64| limit * (2.0 * rng.unit() - 1.0);
        let angle = within(spec.rotation).to_radians();
        let shear = within(spec.shear).to_radians();
        let (scale, aspect) = (within(spec.scale), within(spec.aspect));
        let shift = [within(spec.shift), within(spec.shift)];
        let (gamma, contrast) = (within(spec.gamma).exp(), within(spec.contrast).exp());
        let brightness = within(spec.brightness);
        let light = within(spec.light);
        let direction = within(std::f64::consts::PI);
        let mirrored = rng.unit() < spec.flip;
        let noise = spec.noise * rng.unit();
        let erased = rng.unit() < spec.erase;
        let [least, most] = spec.erase_sides;
        let mut side = || least + (most - least) * rng.unit();
        let (high, wide) = (side(), side());
        let (top, left) = ((1.0 - high) * rng.unit(), (1.0 - wide) * rng.unit());
        Self {
            angle,
            shear,
            stretch: [(scale + aspect / 2.0).exp(), (scale - aspect / 2.0).exp()],
            shift,
            mirrored,
            gamma,
            contrast,
            brightness,
            light: [light * direction.cos(), light * direction.sin()],
            noise,
            top,
            bottom: if erased { top + high } else { top },
            left,
            right: left + wide,
            grey: rng.unit(),
        }
    }

    /// Those of [`Column`], then the six of [`Draw::matrix`].
    fn numbers(&self, ratio: f64) -> [f32; NUMBERS] {
        let values = [
            self.gamma,
            self.contrast,
            self.brightness,
            self.light[0],
            self.light[1],
            self.noise,
            self.top,
            self.bottom,
            self.left,
            self.right,
            self.grey,
        ];
        let mut numbers = [0.0; NUMBERS];
        let (columns, matrix) = numbers.split_at_mut(MATRIX);
        for (number, value) in columns.iter_mut().zip(values) {
            *number = value as f32;
        }
        matrix.copy_from_slice(&self.matrix(ratio));
        numbers
    }

    /// Two rows of three: from a place in the new image to its place in the old one, both in -1..1 from edge to edge.
    /// `ratio` is height over width.
    fn matrix(&self, ratio: f64) -> [f32; 6] {
        // The new image is the old one mirrored, stretched, sheared and turned; the way back undoes it in reverse.
        let (sin, cos) = self.angle.sin_cos();
        let turned = [[cos, sin], [-sin, cos]];
        let sheared = [[1.0, -self.shear.tan()], [0.0, 1.0]];
        let mirror = if self.mirrored { -1.0 } else { 1.0 };
        let stretched = [
            [mirror / self.stretch[0], 0.0],
            [0.0, 1.0 / self.stretch[1]],
        ];
        let [[a, b], [c, d]] = product(stretched, product(sheared, turned));
        // In units of half the width across and half the height down.
        let (b, c) = (b * ratio, c / ratio);
        // A shift of the new image by one side is two units.
        let [across, down] = self.shift.map(|share| -2.0 * share);
        let (x, y) = (a * across + b * down, c * across + d * down);
        [a, b, x, c, d, y].map(|value| value as f32)
    }
}

/// The numbers of a draw that images are changed by, in the order in which a device gets them.
#[derive(Clone, Copy)]
enum Column {
    Gamma,
    Contrast,
    Brightness,
    Across,
    Down,
    Noise,
    Top,
    Bottom,
    Left,
    Right,
    Grey,
}

/// Where the matrix begins, and how many numbers an image has.
const MATRIX: usize = Column::Grey as usize + 1;
pub(crate) const NUMBERS: usize = MATRIX + 6;

fn product(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let entry = |i: usize, j: usize| a[i][0] * b[0][j] + a[i][1] * b[1][j];
    [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]]
}

/// Normal numbers of mean 0 and variance 1 for each pixel.
enum Noise {
    None,
    /// As libtorch has made them on a GPU.
    Made(Tensor),
    /// What they are made of: of each two neighbours 64 bits.
    Bits {
        bits: Vec<u64>,
        /// Pixels of an image.
        image: usize,
        /// Where they begin: with the first or the second number of the first bits.
        first: usize,
    },
}

impl Noise {
    fn draw(n: i64, shape: [i64; 3], device: Device, rng: &mut Stream) -> Result<Self, Error> {
        let [channels, height, width] = shape;
        if device.is_cuda() {
            // Positive, since libtorch takes a signed seed.
            tch::manual_seed((rng.next_u64() >> 1) as i64);
            let options = (Kind::Float, device);
            let made = Tensor::f_randn([n, channels, height, width], options)?;
            return Ok(Self::Made(made));
        }
        let image = (channels * height * width) as usize;
        let count = (n as usize * image).div_ceil(2);
        Ok(Self::Bits {
            bits: (0..count).map(|_| rng.next_u64()).collect(),
            image,
            first: 0,
        })
    }

    /// That of some of the images. What a GPU has made is not divided.
    fn of(&self, images: Range<usize>) -> Self {
        match self {
            Self::None | Self::Made(_) => Self::None,
            Self::Bits { bits, image, first } => {
                let numbers = first + images.start * image..first + images.end * image;
                Self::Bits {
                    bits: bits[numbers.start / 2..numbers.end.div_ceil(2)].to_vec(),
                    image: *image,
                    first: numbers.start % 2,
                }
            }
        }
    }

    /// Shaped as `x`.
    fn like(&self, x: &Tensor) -> Result<Option<Tensor>, Error> {
        let (bits, first) = match self {
            Self::None => return Ok(None),
            Self::Made(made) => return Ok(Some(made.shallow_clone())),
            Self::Bits { bits, first, .. } => (bits, *first),
        };
        // Box and Muller (1958), in f32: 24 bits are more than noise of a pixel needs.
        let fraction = |bits: u32| (bits >> 8) as f32 * (1.0 / 16_777_216.0);
        let values: Vec<f32> = bits
            .iter()
            .flat_map(|&bits| {
                let radius = (-2.0 * (1.0 - fraction(bits as u32)).ln()).sqrt();
                let angle = std::f32::consts::TAU * fraction((bits >> 32) as u32);
                let (sin, cos) = angle.sin_cos();
                [radius * cos, radius * sin]
            })
            .collect();
        let values = &values[first..][..x.numel()];
        Ok(Some(Tensor::f_from_slice(values)?.f_reshape(x.size())?))
    }
}

#[cfg(test)]
mod tests;
