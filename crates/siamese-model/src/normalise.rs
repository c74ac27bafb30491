//! From pixels to what the network sees.

use siamese_net::{ByChannel, DataSpec, NormaliseSpec, gaussian_rows};
use tch::{Device, Kind, Tensor};

use crate::error::Error;
use crate::upload::{constant, to_device};

/// What the network sees of images `[n, c, h, w]` of u8.
pub(crate) fn normalise_bytes(data: &DataSpec, bytes: &Tensor) -> Result<Tensor, Error> {
    if let (None, 1, ByChannel::All(mean), ByChannel::All(sd)) =
        (data.normalise, data.pool, data.mean, data.sd)
    {
        // (u8 / 255 - mean) / sd, in two operations.
        let mut scaled = bytes.f_to_kind(Kind::Float)?;
        let scaled = scaled.f_mul_scalar_(1.0 / (255.0 * sd))?;
        return add(scaled, -mean / sd);
    }
    normalise(data, &pixels(data, bytes)?)
}

/// Images `[n, c, h, w]` of u8 as `[n, c, h / pool, w / pool]` of f32 from 0 to 1.
pub(crate) fn pixels(data: &DataSpec, bytes: &Tensor) -> Result<Tensor, Error> {
    let pixels = bytes.f_to_kind(Kind::Float)?.f_mul_scalar(1.0 / 255.0)?;
    if data.pool == 1 {
        return Ok(pixels);
    }
    let side = [i64::from(data.pool); 2];
    Ok(pixels.f_avg_pool2d(side, side, [0, 0], false, true, None)?)
}

/// What the network sees of images `[n, c, h, w]` of f32 from 0 to 1.
pub(crate) fn normalise(data: &DataSpec, pixels: &Tensor) -> Result<Tensor, Error> {
    let normalised = match data.normalise {
        None => pixels.shallow_clone(),
        Some(NormaliseSpec::Standardise { floor }) => standardise(pixels, floor)?,
        Some(NormaliseSpec::LocalContrast { sigma, floor }) => {
            local_contrast(pixels, sigma, floor)?
        }
        Some(NormaliseSpec::Equalise {}) => equalise(pixels)?,
    };
    scale(data, normalised)
}

/// (x - mean) / sd of images `[n, c, h, w]`.
fn scale(data: &DataSpec, x: Tensor) -> Result<Tensor, Error> {
    if let (ByChannel::All(mean), ByChannel::All(sd)) = (data.mean, data.sd) {
        let scaled = if sd == 1.0 {
            x
        } else {
            x.f_mul_scalar(1.0 / sd)?
        };
        return add(scaled, -mean / sd);
    }
    let by_channel = |of: ByChannel| -> Result<Tensor, Error> {
        let values = of.each();
        let name = ("by channel", values.map(f64::to_bits));
        constant(name, x.device(), || {
            let values = values.map(|value| value as f32);
            Ok(to_device(&values, x.device())?.f_reshape([-1, 1, 1])?)
        })
    };
    Ok(x.f_sub(&by_channel(data.mean)?)?
        .f_div(&by_channel(data.sd)?)?)
}

fn add(x: Tensor, shift: f64) -> Result<Tensor, Error> {
    Ok(if shift == 0.0 {
        x
    } else {
        x.f_add_scalar(shift)?
    })
}

const IMAGE: [i64; 3] = [1, 2, 3];

fn standardise(x: &Tensor, floor: f64) -> Result<Tensor, Error> {
    let mean = x.f_mean_dim(IMAGE.as_slice(), true, Kind::Float)?;
    let centred = x.f_sub(&mean)?;
    let variance = centred
        .f_square()?
        .f_mean_dim(IMAGE.as_slice(), true, Kind::Float)?;
    Ok(centred.f_div(&variance.f_sqrt()?.f_clamp_min(floor)?)?)
}

fn local_contrast(x: &Tensor, sigma: f64, floor: f64) -> Result<Tensor, Error> {
    let blur = Blur::new(sigma, x)?;
    let difference = x.f_sub(&blur.of(x)?)?;
    let mut squares = difference.f_square()?;
    if shape(x)[1] > 1 {
        // One deviation for all channels: with one each, a pale colour would become a strong one.
        squares = squares.f_mean_dim([1i64].as_slice(), true, Kind::Float)?;
    }
    let deviation = blur.of(&squares)?.f_clamp_min(0.0)?.f_sqrt()?;
    Ok(difference.f_div(&deviation.f_add_scalar(floor)?)?)
}

/// Images `[n, c, h, w]` blurred by a Gaussian of this standard deviation in pixels; beyond the edge the edge goes on.
pub(crate) fn smooth(x: &Tensor, sigma: f64) -> Result<Tensor, Error> {
    Blur::new(sigma, x)?.of(x)
}

/// A Gaussian out to three of its standard deviations, as matrices: of one channel only, convolutions are several times
/// slower than products with rows and columns, although most of a matrix is zero.
struct Blur {
    /// `[h, h]`, from the left.
    down: Tensor,
    /// `[w, w]`, from the right.
    across: Tensor,
}

impl Blur {
    /// For images of the sides of `x`, where it lies.
    fn new(sigma: f64, x: &Tensor) -> Result<Self, Error> {
        let [_, _, height, width] = shape(x);
        Ok(Self {
            down: weights(sigma, height, x.device())?,
            across: weights(sigma, width, x.device())?.f_transpose(0, 1)?,
        })
    }

    /// Images `[n, c, h, w]` blurred; beyond the edge the edge goes on.
    fn of(&self, x: &Tensor) -> Result<Tensor, Error> {
        Ok(self.down.f_matmul(&x.f_matmul(&self.across)?)?)
    }
}

/// How much each of `length` pixels in a line counts, in the columns, for each of them, in the rows, `[length, length]`.
fn weights(sigma: f64, length: i64, device: Device) -> Result<Tensor, Error> {
    let name = ("gaussian", [sigma.to_bits(), length as u64, 0]);
    constant(name, device, || {
        let rows = gaussian_rows(sigma, length as usize);
        Ok(to_device(&rows, device)?.f_reshape([length, length])?)
    })
}

fn equalise(x: &Tensor) -> Result<Tensor, Error> {
    let [n, c, h, w] = shape(x);
    // Of all channels together, so that one map is applied to all of them and greys stay grey.
    let values = c * h * w;
    let greys = x
        .f_mul_scalar(255.0)?
        .f_round()?
        .f_clamp(0.0, 255.0)?
        .f_to_kind(Kind::Int64)?
        .f_reshape([n, values])?;
    let ones = Tensor::f_ones([n, values], (Kind::Float, x.device()))?;
    // Sums of ones, so the same in whatever order they are added up.
    let darker_or_equal = Tensor::f_zeros([n, 256], (Kind::Float, x.device()))?
        .f_scatter_add(1, &greys, &ones)?
        .f_cumsum(1, Kind::Float)?;
    let darkest = greys.f_amin([1i64].as_slice(), true)?;
    let least = darker_or_equal.f_gather(1, &darkest, false)?;
    let range = least
        .f_neg()?
        .f_add_scalar(values as f64)?
        .f_clamp_min(1.0)?;
    Ok(darker_or_equal
        .f_gather(1, &greys, false)?
        .f_sub(&least)?
        .f_div(&range)?
        .f_reshape([n, c, h, w])?)
}

/// `[n, c, h, w]`.
fn shape(x: &Tensor) -> [i64; 4] {
    let size = x.size();
    [0, 1, 2, 3].map(|axis| size.get(axis).copied().unwrap_or(1))
}
