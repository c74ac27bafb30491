//! How weights begin: drawn here, so that every device and engine starts from the same numbers.

use pairgen::Stream;

use crate::plan::{Param, Start};
use crate::spec::Initializer;

/// The first values of a parameter, in row-major order. Those of a network are drawn in the order of
/// [`Plan::params`](crate::Plan::params), from [`initial_stream`] of its recipe's seed.
#[must_use]
pub fn initial_values(param: &Param, initializer: Initializer, rng: &mut Stream) -> Vec<f32> {
    let count = usize::try_from(param.shape.iter().product::<i64>()).unwrap_or(0);
    let (fan_in, fan_out) = match param.start {
        Start::Constant(value) => return vec![value; count],
        Start::Weight { fan_in, fan_out } => (fan_in as f64, fan_out as f64),
    };
    match initializer {
        Initializer::GlorotUniform => uniform(count, (6.0 / (fan_in + fan_out)).sqrt(), rng),
        Initializer::HeUniform => uniform(count, (6.0 / fan_in).sqrt(), rng),
        Initializer::LecunUniform => uniform(count, (3.0 / fan_in).sqrt(), rng),
        Initializer::GlorotNormal => normal(count, (2.0 / (fan_in + fan_out)).sqrt(), rng),
        Initializer::HeNormal => normal(count, (2.0 / fan_in).sqrt(), rng),
    }
}

/// The stream that a network's first weights are drawn from.
#[must_use]
pub fn initial_stream(seed: u64) -> Stream {
    pairgen::stream(seed, "init", 0)
}

fn uniform(count: usize, limit: f64, rng: &mut Stream) -> Vec<f32> {
    (0..count)
        .map(|_| (limit * (2.0 * rng.unit() - 1.0)) as f32)
        .collect()
}

/// Box and Muller (1958); one of the two values is enough.
fn normal(count: usize, sd: f64, rng: &mut Stream) -> Vec<f32> {
    (0..count)
        .map(|_| {
            let radius = (-2.0 * (1.0 - rng.unit()).ln()).sqrt();
            (sd * radius * (std::f64::consts::TAU * rng.unit()).cos()) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(initializer: Initializer) -> Vec<f32> {
        let param = Param {
            name: "w".into(),
            shape: vec![128, 1440],
            start: Start::Weight {
                fan_in: 1440,
                fan_out: 128,
            },
            trainable: true,
        };
        initial_values(&param, initializer, &mut pairgen::stream(7, "test", 0))
    }

    #[test]
    fn every_initialiser_has_its_published_variance() {
        for (initializer, variance) in [
            (Initializer::GlorotUniform, 2.0 / 1568.0),
            (Initializer::GlorotNormal, 2.0 / 1568.0),
            (Initializer::HeUniform, 2.0 / 1440.0),
            (Initializer::HeNormal, 2.0 / 1440.0),
            (Initializer::LecunUniform, 1.0 / 1440.0),
        ] {
            let values = draw(initializer);
            let n = values.len() as f64;
            let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
            let found = values
                .iter()
                .map(|v| (f64::from(*v) - mean).powi(2))
                .sum::<f64>()
                / n;
            assert!(
                mean.abs() < 4.0 * (variance / n).sqrt(),
                "{initializer:?}: mean {mean}"
            );
            assert!(
                (found / variance - 1.0).abs() < 0.02,
                "{initializer:?}: {found} for {variance}"
            );
        }
    }

    #[test]
    fn glorot_uniform_stays_within_its_limit() {
        let limit = (6.0f64 / 1568.0).sqrt() as f32;
        assert!(
            draw(Initializer::GlorotUniform)
                .iter()
                .all(|v| v.abs() <= limit)
        );
    }
}
