//! A figure over several trainings.

use serde::{Deserialize, Serialize};

/// Mean and sample standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// Absent for a single value.
    pub sd: Option<f64>,
    /// How many values there are.
    pub n: usize,
}

impl Spread {
    /// Of some values; `None` for none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares = values
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>();
        let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        Some(Self { mean, sd, n })
    }

    /// As `mean +- sd`, each formatted alike; `-` where there is none.
    pub fn show(spread: Option<Self>, format: impl Fn(f64) -> String) -> String {
        match spread {
            None => "-".to_owned(),
            Some(Self { mean, sd: None, .. }) => format(mean),
            Some(Self {
                mean, sd: Some(sd), ..
            }) => format!("{} +- {}", format(mean), format(sd)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_mean_and_the_sample_standard_deviation() {
        let spread = Spread::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(spread.mean, 2.5);
        assert!((spread.sd.unwrap() - (5.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!(Spread::of(&[1.0]).unwrap().sd.is_none());
        assert!(Spread::of(&[]).is_none());
    }
}
