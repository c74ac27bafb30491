//! Ways to bring the distances of a network onto a scale that it shares with others, from its training subjects alone:
//! its cohort.

use std::fmt;

use verification_figures::{LogisticMap, PairKind, Scores};

use crate::networks::Distances;

/// A way to bring distances of different networks onto one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Distances as they are.
    Raw,
    /// Z-norm of the whole network: mean and standard deviation of the cohort's impostor distances.
    Z,
    /// The same with the median and the distance from there to the tenth percentile.
    Robust,
    /// The cohort's mean genuine distance is 0, its mean impostor distance 1.
    BothMeans,
    /// The FMR of the cohort at a distance.
    CohortFmr,
    /// Log-odds of Platt's map, fitted to the cohort.
    Platt,
    /// Symmetric normalisation of each comparison by the distances of both images from the cohort.
    SNorm,
    /// The same by the nearest tenth of the cohort.
    AdaptiveSNorm,
}

impl Scale {
    pub(crate) const ALL: [Self; 8] = [
        Self::Raw,
        Self::Z,
        Self::Robust,
        Self::BothMeans,
        Self::CohortFmr,
        Self::Platt,
        Self::SNorm,
        Self::AdaptiveSNorm,
    ];

    /// The score of two images on this scale, small for alike.
    pub(crate) fn of<'a>(self, distances: &'a Distances<'a>) -> Box<dyn Fn(u32, u32) -> f32 + 'a> {
        let raw = |a, b| distances.between(a, b);
        let cohort = || distances.among(&distances.network.cohort, raw);
        let affine = |zero: f64, unit: f64| {
            Box::new(move |a, b| ((f64::from(distances.between(a, b)) - zero) / unit) as f32)
        };
        match self {
            Self::Raw => Box::new(raw),
            Self::Z => {
                let Moments { mean, sd } = Moments::of(&of_kind(&cohort(), PairKind::Impostor));
                affine(mean, sd)
            }
            Self::Robust => {
                let impostor = of_kind(&cohort(), PairKind::Impostor);
                let at = |share: f64| impostor[(share * (impostor.len() - 1) as f64) as usize];
                affine(at(0.5), at(0.5) - at(0.1))
            }
            Self::BothMeans => {
                let cohort = cohort();
                let [genuine, impostor] = [PairKind::Genuine, PairKind::Impostor]
                    .map(|kind| Moments::of(&of_kind(&cohort, kind)).mean);
                affine(genuine, impostor - genuine)
            }
            Self::CohortFmr => {
                let impostor = of_kind(&cohort(), PairKind::Impostor);
                Box::new(move |a, b| rank(&impostor, f64::from(distances.between(a, b))) as f32)
            }
            Self::Platt => {
                let map = LogisticMap::fit(&cohort()).unwrap();
                affine(-map.intercept / map.slope, -1.0 / map.slope)
            }
            Self::SNorm => by_image(distances, 1.0),
            Self::AdaptiveSNorm => by_image(distances, 0.1),
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "distances as they are",
            Self::Z => "z-norm by the cohort",
            Self::Robust => "the same by quantiles",
            Self::BothMeans => "both means of the cohort",
            Self::CohortFmr => "FMR of the cohort",
            Self::Platt => "Platt map of the cohort",
            Self::SNorm => "s-norm",
            Self::AdaptiveSNorm => "adaptive s-norm",
        })
    }
}

/// Each image's z-norm by the nearest share of the cohort's images of other subjects, the mean of both.
fn by_image<'a>(distances: &'a Distances<'a>, share: f64) -> Box<dyn Fn(u32, u32) -> f32 + 'a> {
    let cohort = distances.images_of(&distances.network.cohort);
    let subject = |image| distances.catalog.subject_of(image);
    let moments = |image: u32| {
        let others = cohort
            .iter()
            .filter(|&&other| subject(other) != subject(image));
        let mut found: Vec<f64> = others
            .map(|&other| distances.between(image, other).into())
            .collect();
        found.sort_by(f64::total_cmp);
        found.truncate((share * found.len() as f64).ceil() as usize);
        Moments::of(&found)
    };
    let moments: Vec<Moments> = (0..distances.catalog.len() as u32).map(moments).collect();
    Box::new(move |a, b| {
        let distance = f64::from(distances.between(a, b));
        let z = |image: u32| {
            let Moments { mean, sd } = moments[image as usize];
            (distance - mean) / sd
        };
        (0.5 * (z(a) + z(b))) as f32
    })
}

/// The distances of a kind, ascending.
fn of_kind(scores: &Scores, kind: PairKind) -> Vec<f64> {
    let mut found: Vec<f64> = scores.of_kind(kind).map(f64::from).collect();
    found.sort_by(f64::total_cmp);
    found
}

/// How many of them are below a value, interpolated; below the least of them in proportion to the value.
fn rank(sorted: &[f64], value: f64) -> f64 {
    let after = sorted.partition_point(|&other| other < value);
    let before = after.checked_sub(1).map_or(0.0, |place| sorted[place]);
    match sorted.get(after) {
        Some(&next) if next > before => after as f64 + (value - before) / (next - before),
        Some(_) => after as f64,
        None => after as f64 + value - before,
    }
}

#[derive(Debug, Clone, Copy)]
struct Moments {
    mean: f64,
    sd: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            sd: (squares / (n - 1.0)).sqrt(),
        }
    }
}
