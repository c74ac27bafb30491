//! Noise for each pixel.

use std::ops::Range;

use pairgen::Stream;
use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// Normal numbers of mean 0 and variance 1 for each pixel.
pub(super) enum Noise {
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
    pub(super) fn draw(
        n: i64,
        shape: [i64; 3],
        device: Device,
        rng: &mut Stream,
    ) -> Result<Self, Error> {
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
    pub(super) fn of(&self, images: Range<usize>) -> Self {
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
    pub(super) fn like(&self, x: &Tensor) -> Result<Option<Tensor>, Error> {
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
