//! One method's figures over all comparisons.

use pairgen::Catalog;
use siamese_report::{AtTarget, Histogram, Measured, MethodFigures, Rate, Support};
use verification_figures::{
    Bootstrap, Evidence, Figure, Interval, LabelledScores, OperatingPoint, normal_deviate,
};

use super::Scored;
use super::comparisons::{Pooled, bootstrap};
use super::search::Search;

/// FMRs at which the FNMR is given.
const FMR_TARGETS: [f64; 3] = [0.1, 0.01, 0.001];
/// Bars of a histogram.
const BARS: usize = 40;
/// Deviates closer than this are not seen apart: a chart spans some six of them.
const VISIBLE: f64 = 0.01;
/// Rates below it are off any chart.
const SMALLEST_DRAWN: f64 = 1e-7;

/// The figures of one method; `judged` is what it is compared with, on the same comparisons.
pub(super) fn method_figures(
    catalog: &Catalog,
    folds: &[Scored<'_>],
    pooled: &Pooled,
    judged: Option<&Pooled>,
    seed: u64,
) -> MethodFigures {
    let scores = pooled.scores.scores();
    let settings = bootstrap(pooled.scores.len(), seed);
    let mut wanted = vec![Figure::Eer, Figure::Auc, Figure::DPrime];
    wanted.extend(FMR_TARGETS.map(Figure::FnmrAtFmr));
    let mut found = pooled.scores.intervals(&wanted, &settings).into_iter();
    let mut measured = |value: Result<f64, verification_figures::Error>| {
        let interval = found.next().and_then(Result::ok);
        value.ok().map(|value| measured(value, interval))
    };
    let eer = measured(scores.eer().map(|eer| eer.rate));
    let auc = measured(scores.auc());
    let d_prime = measured(scores.d_prime());
    let fnmr_at_fmr = FMR_TARGETS
        .iter()
        .zip(found)
        .map(|(&target, interval)| AtTarget {
            target,
            rate: match scores.fnmr_at_fmr(target) {
                Ok(at) => Ok(rate(at.evidence, interval.ok())),
                Err(error) => Err(error.to_string()),
            },
        })
        .collect();
    let search = Search::new(catalog, folds, seed, &settings).unwrap_or_default();
    MethodFigures {
        eer,
        auc,
        d_prime,
        fnmr_at_fmr,
        enrolled: search.enrolled,
        rank_1: search.rank_1,
        fnir_at_fpir: search.fnir_at_fpir,
        few_shot: search.few_shot,
        det: scores
            .det()
            .map(|det| thinned(&det.corners()))
            .unwrap_or_default(),
        cmc: search.cmc,
        histogram: histogram(&pooled.scores),
        eer_above_judged: judged.and_then(|judged| above(pooled, judged, &settings)),
    }
}

/// A value with the ends of its interval, where it has one that says something.
pub fn measured(value: f64, interval: Option<Interval>) -> Measured {
    Measured {
        value,
        interval: interval
            .filter(|interval| !interval.is_degenerate())
            .map(|interval| [interval.low, interval.high]),
    }
}

/// An error rate with what it rests on.
pub(super) fn rate(evidence: Evidence, interval: Option<Interval>) -> Rate {
    Rate {
        measured: measured(evidence.rate(), interval),
        errors: evidence.errors,
        trials: evidence.comparisons,
        support: match evidence.support() {
            verification_figures::Support::Firm => Support::Firm,
            verification_figures::Support::Weak => Support::Weak,
            verification_figures::Support::BoundOnly => Support::BoundOnly,
        },
    }
}

/// Shares of both classes in equal steps.
fn histogram(scores: &LabelledScores) -> Histogram {
    let shares = |counts: &[u64]| -> Vec<f64> {
        let total: u64 = counts.iter().sum();
        match total {
            0 => Vec::new(),
            _ => counts
                .iter()
                .map(|&count| count as f64 / total as f64)
                .collect(),
        }
    };
    match scores.scores().histogram(BARS) {
        Ok(histogram) => Histogram {
            range: [histogram.edges[0], histogram.edges[BARS]],
            genuine: shares(&histogram.genuine),
            impostor: shares(&histogram.impostor),
        },
        Err(_) => Histogram {
            range: [0.0, 1.0],
            genuine: Vec::new(),
            impostor: Vec::new(),
        },
    }
}

/// `[fmr, fnmr]` of the corners that can be told apart on normal-deviate axes.
fn thinned(corners: &[OperatingPoint]) -> Vec<[f64; 2]> {
    let place = |rate: f64| {
        normal_deviate(rate.clamp(SMALLEST_DRAWN, 1.0 - SMALLEST_DRAWN)).unwrap_or_default()
    };
    let mut kept: Vec<[f64; 2]> = Vec::new();
    let mut drawn = [f64::INFINITY; 2];
    let last = corners.len().saturating_sub(1);
    for (i, point) in corners.iter().enumerate() {
        let at = [place(point.fmr), place(point.fnmr)];
        let moved = (at[0] - drawn[0]).abs().max((at[1] - drawn[1]).abs());
        if moved >= VISIBLE || i == last {
            kept.push([point.fmr, point.fnmr]);
            drawn = at;
        }
    }
    kept
}

/// How far this EER is above the judged one, with the interval of the difference on the same draws of people.
fn above(pooled: &Pooled, judged: &Pooled, settings: &Bootstrap) -> Option<Measured> {
    let found = pooled
        .scores
        .difference(&judged.scores, Figure::Eer, settings)
        .ok()?;
    Some(measured(found.interval.estimate, Some(found.interval)))
}
