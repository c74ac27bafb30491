//! The running mean of the weights, which judges better than the weights that it follows.

use rayon::prelude::*;

use crate::encoder::Encoder;
use crate::error::Error;
use crate::slices::{floats, floats_mut, in_rows, is_slice};

/// An exponential moving average of an encoder, running figures of normalisation included (B. Polyak and A. Juditsky
/// 1992; as is usual in deep learning with exponential weights).
pub(super) struct Average {
    decay: f64,
    /// The averaged weights.
    pub(super) encoder: Encoder,
}

impl Average {
    /// The average of an encoder that has taken no step: its own weights.
    pub(super) fn new(decay: f64, encoder: &Encoder) -> Result<Self, Error> {
        Ok(Self {
            decay,
            encoder: encoder.copy()?,
        })
    }

    /// Moves the average towards the weights after `steps` steps: `a += (1 - decay) (w - a)`, the decay rising as
    /// `(1 + steps) / (10 + steps)` to its value, so that the first weights are soon forgotten.
    pub(super) fn follow(&mut self, encoder: &Encoder, steps: u64) -> Result<(), Error> {
        let steps = steps as f64;
        let decay = self.decay.min((1.0 + steps) / (10.0 + steps));
        tch::no_grad(|| {
            let both = self.encoder.memory().into_iter().zip(encoder.memory());
            for (average, weight) in both {
                let (mut average, weight) = (in_rows(&average)?, in_rows(&weight)?);
                if is_slice(&average) && is_slice(&weight) {
                    move_towards(floats_mut(&mut average)?, floats(&weight)?, 1.0 - decay);
                } else {
                    let _ = average.f_lerp_(&weight, 1.0 - decay)?;
                }
            }
            Ok(())
        })
    }
}

/// Moves each number by this share of the way, in one pass over memory on all threads.
fn move_towards(average: &mut [f32], weights: &[f32], share: f64) {
    const CHUNK: usize = 1 << 14;
    let share = share as f32;
    let chunks = average.par_chunks_mut(CHUNK);
    chunks
        .zip(weights.par_chunks(CHUNK))
        .for_each(|(average, weights)| {
            for (average, weight) in average.iter_mut().zip(weights) {
                *average += share * (weight - *average);
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;
    use siamese_net::DataSpec;
    use tch::Device;

    #[test]
    fn the_average_is_the_one_a_loop_gives() {
        let spec = toml::from_str("input = [1, 2, 2]\nlayers = ['batch_norm', 'flatten']").unwrap();
        let encoder = Encoder::new(&spec, &DataSpec::default(), 1, Device::Cpu).unwrap();
        let mut average = Average::new(0.5, &encoder).unwrap();
        let set = |value: f64| {
            for (_, tensor) in encoder.named_tensors() {
                let mut tensor = tensor.detach();
                let _ = tensor.fill_(value);
            }
        };
        let mut expected = None;
        for steps in 1..=12u64 {
            set(steps as f64);
            average.follow(&encoder, steps).unwrap();
            let decay = (0.5f64).min((1 + steps) as f64 / (10 + steps) as f64);
            // The weight of a normalisation begins at 1.
            let before = expected.unwrap_or(1.0);
            expected = Some(decay * before + (1.0 - decay) * steps as f64);
        }
        let of = |name: &str| {
            let mut all = average.encoder.named_tensors();
            all.find(|(known, _)| known.ends_with(name))
                .unwrap()
                .1
                .double_value(&[0])
        };
        assert!((of("1.weight") - expected.unwrap()).abs() < 1e-5);
        // Its running variance does, too.
        assert!((of("running_var") - expected.unwrap()).abs() < 1e-5);
    }
}
