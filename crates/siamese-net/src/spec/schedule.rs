//! How the learning rate moves.

use serde::{Deserialize, Serialize};

/// How the learning rate moves, as a factor of the base rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleSpec {
    /// The curve after the warm-up.
    pub kind: Curve,
    /// Steps over which the rate rises linearly from zero to its base.
    pub warmup_steps: u64,
    /// `step`: epochs between two falls.
    pub every_epochs: u32,
    /// `step`: factor of each fall.
    pub factor: f64,
    /// `cosine` and `one-cycle`: last rate as a share of the base.
    pub final_share: f64,
}

impl Default for ScheduleSpec {
    fn default() -> Self {
        Self {
            kind: Curve::Constant,
            warmup_steps: 0,
            every_epochs: 10,
            factor: 0.1,
            final_share: 0.0,
        }
    }
}

/// Shape of a learning-rate schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// The base rate throughout.
    Constant,
    /// Falls by `factor` every `every_epochs`.
    Step,
    /// Half a cosine from the base to `final_share` of it (Loshchilov and Hutter 2017).
    Cosine,
    /// Up from 1/25 over the first 30 % of the steps, then down to `final_share`, both as half a cosine (Smith 2018).
    OneCycle,
}

impl ScheduleSpec {
    /// Whether the rate at a step depends on how many steps the whole training has.
    #[must_use]
    pub fn depends_on_length(&self) -> bool {
        matches!(self.kind, Curve::Cosine | Curve::OneCycle)
    }

    /// The factor of the base rate at `step`, counted from 0 over the whole training of `total` steps, of which each
    /// epoch has `per_epoch`.
    #[must_use]
    pub fn factor(&self, step: u64, per_epoch: u64, total: u64) -> f64 {
        if step < self.warmup_steps {
            return (step + 1) as f64 / self.warmup_steps as f64;
        }
        let span = total.saturating_sub(self.warmup_steps).max(1);
        let done = (step - self.warmup_steps) as f64 / span as f64;
        match self.kind {
            Curve::Constant => 1.0,
            Curve::Step => {
                let falls = step / per_epoch.max(1) / u64::from(self.every_epochs.max(1));
                self.factor.powi(i32::try_from(falls).unwrap_or(i32::MAX))
            }
            Curve::Cosine => half_cosine(1.0, self.final_share, done),
            Curve::OneCycle if done < RISE => half_cosine(1.0 / 25.0, 1.0, done / RISE),
            Curve::OneCycle => half_cosine(1.0, self.final_share, (done - RISE) / (1.0 - RISE)),
        }
    }
}

/// Share of the steps over which one-cycle rises.
const RISE: f64 = 0.3;

fn half_cosine(from: f64, to: f64, done: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(kind: Curve) -> ScheduleSpec {
        ScheduleSpec {
            kind,
            every_epochs: 2,
            ..ScheduleSpec::default()
        }
    }

    #[test]
    fn every_curve_has_its_known_points() {
        let at = |spec: &ScheduleSpec, step| spec.factor(step, 10, 100);
        assert_eq!(at(&curve(Curve::Constant), 99), 1.0);
        let step = curve(Curve::Step);
        assert_eq!(at(&step, 19), 1.0);
        assert!((at(&step, 20) - 0.1).abs() < 1e-12);
        assert!((at(&step, 59) - 0.01).abs() < 1e-12);
        let cosine = ScheduleSpec {
            final_share: 0.2,
            ..curve(Curve::Cosine)
        };
        assert_eq!(at(&cosine, 0), 1.0);
        assert!((at(&cosine, 50) - 0.6).abs() < 1e-12);
        assert!((at(&cosine, 100) - 0.2).abs() < 1e-12);
        let cycle = curve(Curve::OneCycle);
        assert!((at(&cycle, 0) - 0.04).abs() < 1e-12);
        assert!((at(&cycle, 30) - 1.0).abs() < 1e-12);
        assert!(at(&cycle, 99) < 0.01);
    }

    #[test]
    fn a_warm_up_rises_linearly_and_the_curve_begins_after_it() {
        let warm = ScheduleSpec {
            warmup_steps: 10,
            ..curve(Curve::Cosine)
        };
        assert!((warm.factor(0, 10, 110) - 0.1).abs() < 1e-12);
        assert!((warm.factor(9, 10, 110) - 1.0).abs() < 1e-12);
        assert_eq!(warm.factor(10, 10, 110), 1.0);
        assert!((warm.factor(60, 10, 110) - 0.5).abs() < 1e-12);
    }
}
