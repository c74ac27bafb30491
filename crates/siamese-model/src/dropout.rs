//! Dropout masks, drawn from their own stream.

use pairgen::Stream;
use tch::{Device, Tensor};

use crate::error::Error;

/// Where the masks of one part of a step come from.
///
/// On the CPU they are drawn here: several times faster than libtorch's generator, and the same whatever the number of
/// threads. On a GPU libtorch draws them there, from its own generator reseeded from the same stream.
pub(crate) struct Masks {
    rng: Stream,
    device: Device,
    bits: Vec<u8>,
    mask: Vec<f32>,
}

impl Masks {
    /// Masks for one part of one step of one epoch; `part` counts the parts of all steps of the epoch.
    pub(crate) fn new(seed: u64, epoch: u32, part: u64, device: Device) -> Self {
        let mut rng = pairgen::stream_at(seed, "dropout", u64::from(epoch), part);
        if device.is_cuda() {
            // Positive, since libtorch takes a signed seed.
            tch::manual_seed((rng.next_u64() >> 1) as i64);
        }
        Self {
            rng,
            device,
            bits: Vec::new(),
            mask: Vec::new(),
        }
    }

    /// `x` with a share of its values set to zero and the rest scaled up so that the mean stays.
    pub(crate) fn apply(&mut self, x: &Tensor, share: f64) -> Result<Tensor, Error> {
        if share == 0.0 {
            return Ok(x.shallow_clone());
        }
        if self.device.is_cuda() {
            return Ok(x.f_dropout(share, true)?);
        }
        let count = x.numel();
        self.draw(count, share);
        // The mask has the memory order of `x`, so that the product is one pass.
        let mask = Tensor::f_from_slice(&self.mask[..count])?;
        let mask = mask.f_as_strided(x.size(), x.stride(), None::<i64>)?;
        Ok(x.f_mul(&mask)?.f_to_kind(x.kind())?)
    }

    /// Fills `mask` with zeros and `1 / keep`. Sixteen bits decide, so a share is met to 2^-17; the scale is that of
    /// the share really used.
    fn draw(&mut self, count: usize, share: f64) {
        let limit = (share * 65536.0).round().min(65535.0);
        let scale = (65536.0 / (65536.0 - limit)) as f32;
        let limit = limit as u16;
        self.bits.resize(2 * count, 0);
        self.rng.fill_bytes(&mut self.bits);
        self.mask.clear();
        self.mask
            .extend(self.bits.as_chunks::<2>().0.iter().map(|bits| {
                if u16::from_le_bytes(*bits) >= limit {
                    scale
                } else {
                    0.0
                }
            }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_the_mean_and_drops_the_share() {
        for share in [0.1, 0.25, 0.5, 0.9] {
            let x = Tensor::ones([1000, 300], tch::kind::FLOAT_CPU);
            let dropped = Masks::new(3, 1, 0, Device::Cpu).apply(&x, share).unwrap();
            let mean = dropped.mean(tch::Kind::Double).double_value(&[]);
            let zeros = dropped.eq(0.0).mean(tch::Kind::Double).double_value(&[]);
            let tolerance = 4.0 * (share * (1.0 - share) / 300_000.0f64).sqrt();
            assert!((zeros - share).abs() < tolerance, "{share}: {zeros}");
            assert!(
                (mean - 1.0).abs() < tolerance / (1.0 - share),
                "{share}: {mean}"
            );
        }
    }

    #[test]
    fn masks_depend_on_seed_epoch_and_step_alone() {
        let x = Tensor::ones([64], tch::kind::FLOAT_CPU);
        let draw = |seed, epoch, step| -> Vec<f32> {
            let mut masks = Masks::new(seed, epoch, step, Device::Cpu);
            Vec::try_from(masks.apply(&x, 0.5).unwrap()).unwrap()
        };
        assert_eq!(draw(1, 2, 3), draw(1, 2, 3));
        for other in [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)] {
            assert_ne!(draw(1, 2, 3), other);
        }
    }
}
