//! Warps as by rubber.

use std::ops::Range;

use pairgen::Stream;
use siamese_net::AugmentSpec;
use tch::{Device, Kind, Tensor};

use super::noise::Noise;
use crate::error::Error;
use crate::normalise::smooth;
use crate::upload::{moved, to_device};

/// Smooth random fields that shift the pixels of each image.
///
/// P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied to visual document
/// analysis", ICDAR 2003.
pub(super) struct Elastic {
    /// The root mean square of each image's field, in units of which two reach from edge to edge.
    strengths: Vec<f32>,
    /// Of two planes an image. Drawn by the CPU, so that every device warps alike.
    noise: Noise,
}

impl Elastic {
    pub(super) fn draw(
        spec: &AugmentSpec,
        n: i64,
        shape: [i64; 3],
        rng: &mut Stream,
    ) -> Result<Self, Error> {
        let [_, height, width] = shape;
        let strength = |_| (2.0 * spec.elastic * rng.unit()) as f32;
        Ok(Self {
            strengths: (0..n).map(strength).collect(),
            noise: Noise::draw(n, [2, height, width], Device::Cpu, rng)?,
        })
    }

    /// Those of some of the images.
    pub(super) fn of(&self, images: Range<usize>) -> Self {
        Self {
            strengths: self.strengths[images.clone()].to_vec(),
            noise: self.noise.of(images),
        }
    }

    /// Where each pixel of the images is shifted to, `[n, h, w, 2]` in -1..1 from edge to edge.
    pub(super) fn field(&self, x: &Tensor, spec: &AugmentSpec) -> Result<Tensor, Error> {
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
