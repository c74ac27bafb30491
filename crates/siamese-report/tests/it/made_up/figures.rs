//! Figures counted from made-up distances.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use siamese_report::{Answer, AtTarget, Decision, FewShot, Measured, MethodFigures, Rate, Shares};
use verification_figures::{Direction, Evidence};

use super::Size;

/// A standard normal number (Box and Muller).
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A method's distances, sorted, and their figures.
pub(crate) struct JudgedBy {
    pub(crate) genuine: Vec<f64>,
    pub(crate) impostor: Vec<f64>,
    pub(crate) figures: MethodFigures,
}

fn measured(value: f64, half: f64) -> Measured {
    Measured {
        value,
        interval: Some([(value - half).max(0.0), (value + half).min(1.0)]),
    }
}

/// A rate with an interval as of a few dozen people.
pub(crate) fn rate(errors: usize, trials: usize) -> Rate {
    let value = errors as f64 / trials.max(1) as f64;
    Rate {
        measured: measured(value, 2.0 * (value * (1.0 - value) / 60.0).sqrt()),
        evidence: Evidence {
            errors: errors as u64,
            comparisons: trials as u64,
        },
    }
}

/// Distances whose classes lie so many standard deviations apart.
pub(crate) fn judged_by(
    random: &mut ChaCha8Rng,
    size: &Size,
    hardness: &[f64],
    separation: f64,
    judged: Option<f64>,
) -> JudgedBy {
    let own = size.people / size.folds;
    let mut sorted = |n: usize, middle: f64, of_person: f64| {
        let mut distances: Vec<f64> = (0..n)
            .map(|i| {
                (middle + 0.14 * normal(random) + of_person * hardness[i % hardness.len()]).max(0.0)
            })
            .collect();
        distances.sort_by(f64::total_cmp);
        distances
    };
    let genuine = sorted(
        size.people * size.images * (size.images - 1) / 2,
        0.38,
        0.06,
    );
    let impostor = sorted(
        size.folds * own * own.saturating_sub(1) / 2 * size.images * size.images,
        0.38 + 0.15 * separation,
        0.02,
    );
    let det = det(&genuine, &impostor);
    let eer = det
        .iter()
        .map(|[fmr, fnmr]| fmr.max(*fnmr))
        .fold(1.0, f64::min);
    let fnmr_at = |target: f64| {
        let rate = if (impostor.len() as f64) * target < 3.0 {
            Answer::Unavailable(format!(
                "{} impostor comparisons cannot show this rate; it takes {:.0}",
                impostor.len(),
                3.0 / target
            ))
        } else {
            let best = det.iter().rev().find(|[fmr, _]| *fmr <= target);
            let fnmr = best.map_or(1.0, |[_, fnmr]| *fnmr);
            Answer::Known(rate(
                (fnmr * genuine.len() as f64).round() as usize,
                genuine.len(),
            ))
        };
        AtTarget {
            target,
            held: None,
            rate,
        }
    };
    let hit = |rank: usize| 1.0 - 0.5 * eer / (rank as f64).powf(0.8);
    let mut figures = MethodFigures::default();
    figures.eer = Some(measured(eer, 2.0 * (eer * (1.0 - eer) / 500.0).sqrt()));
    figures.auc = Some(measured(1.0 - 0.55 * eer, 0.02));
    figures.d_prime = Some(Measured {
        value: separation,
        interval: Some([separation - 0.2, separation + 0.2]),
    });
    figures.fnmr_at_fmr = [0.1, 0.01, 0.001].map(fnmr_at).to_vec();
    figures.enrolled = Some(own as u64);
    figures.rank_1 = Some(measured(hit(1), 0.03));
    figures.fnir_at_fpir = vec![AtTarget {
        target: 0.1,
        held: None,
        rate: Answer::Known(rate((900.0 * (2.0 * eer).min(1.0)) as usize, 900)),
    }];
    figures.few_shot = Some(FewShot {
        ways: 5,
        shots: 1,
        within_group: false,
        accuracy: measured(1.0 - 0.8 * eer, 0.03),
    });
    figures.cmc = (1..=own.max(2)).map(hit).collect();
    figures.histogram = histogram(&genuine, &impostor);
    figures.eer_above_judged = judged.map(|judged| Measured {
        value: eer - judged,
        interval: Some([eer - judged - 0.018, eer - judged + 0.021]),
    });
    figures.det = det;
    JudgedBy {
        genuine,
        impostor,
        figures,
    }
}

/// The corners of the staircase, the strictest first.
fn det(genuine: &[f64], impostor: &[f64]) -> Vec<[f64; 2]> {
    let rates = |i: usize, g: usize| {
        [
            i as f64 / impostor.len().max(1) as f64,
            1.0 - g as f64 / genuine.len().max(1) as f64,
        ]
    };
    let mut corners = vec![rates(0, 0)];
    let (mut g, mut i) = (0, 0);
    while g < genuine.len() && i < impostor.len() {
        while g < genuine.len() && genuine[g] <= impostor[i] {
            g += 1;
        }
        corners.push(rates(i, g));
        while g < genuine.len() && i < impostor.len() && impostor[i] < genuine[g] {
            i += 1;
        }
        corners.push(rates(i, g));
    }
    corners.push(rates(impostor.len(), genuine.len()));
    corners
}

fn histogram(genuine: &[f64], impostor: &[f64]) -> Shares {
    let most = genuine.iter().chain(impostor).copied().fold(0.1, f64::max);
    let range = [0.0, 1.01 * most];
    let shares = |distances: &[f64]| {
        let mut shares = vec![0.0; 52];
        for distance in distances {
            let step = (distance / range[1] * 52.0).clamp(0.0, 51.0) as usize;
            shares[step] += 1.0 / distances.len() as f64;
        }
        shares
    };
    Shares {
        range,
        genuine: shares(genuine),
        impostor: shares(impostor),
    }
}

/// What a threshold does.
pub(crate) fn decision(judged: &JudgedBy, size: &Size, threshold: f64) -> Decision {
    let accepted = judged.genuine.partition_point(|d| *d < threshold);
    let rejected = judged.genuine.len() - accepted;
    let strangers = judged.impostor.partition_point(|d| *d < threshold);
    let share = |of: usize, all: usize| Some(measured(of as f64 / all.max(1) as f64, 0.03));
    let n = judged.impostor.len().max(1) as f64;
    let right = judged.impostor.len() - strangers;
    let mut decision = Decision::new(
        "euclidean distance",
        Direction::Distance,
        vec![threshold; size.folds],
        "fixed by the recipe",
    );
    decision.fmr = (!judged.impostor.is_empty()).then(|| rate(strangers, judged.impostor.len()));
    decision.fnmr = Some(rate(rejected, judged.genuine.len()));
    decision.accuracy = share(
        accepted + right,
        judged.genuine.len() + judged.impostor.len(),
    );
    decision.balanced_accuracy = share(
        accepted * judged.impostor.len() + right * judged.genuine.len(),
        2 * judged.genuine.len() * judged.impostor.len(),
    );
    decision.precision = share(accepted, accepted + strangers);
    decision.recall = share(accepted, judged.genuine.len());
    decision.f1 = share(2 * accepted, 2 * accepted + strangers + rejected);
    decision.smallest_fmr = Some([3.0 / n, 30.0 / n]);
    decision
}
