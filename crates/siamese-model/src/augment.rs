//! Training images changed at random: moved, lit in another way, partly hidden.

mod draw;
mod elastic;
mod noise;

#[cfg(test)]
mod tests;

use pairgen::Stream;
use siamese_net::AugmentSpec;
use tch::{Device, Kind, Tensor};

pub(crate) use draw::NUMBERS;
use draw::{Column, Draw, MATRIX};
use elastic::Elastic;
use noise::Noise;

use crate::error::Error;
use crate::normalise::smooth;
use crate::upload::{constant, to_device};

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
