//! One method's figures over all comparisons.

use verification_figures::{
    Error as Undefined, Figure, Jackknife, LabelledScores, OperatingPoint, normal_deviate,
};

use super::folds::FoldScores;
use super::search::Search;
use crate::{Answer, AtTarget, Error, Measured, MethodFigures, Rate, Shares};

/// FMRs at which the FNMR is given.
const FMR_TARGETS: [f64; 3] = [0.1, 0.01, 0.001];
/// Bars of a histogram.
const BARS: usize = 40;
/// Deviates closer than this are not seen apart: a chart spans some six of them.
const VISIBLE: f64 = 0.01;
/// Rates below it are off any chart.
const SMALLEST_DRAWN: f64 = 1e-7;
/// Groups of subjects that are left out in turn, at least and at most, where there are so many subjects.
const GROUPS: [usize; 2] = [200, 1000];
/// Comparisons weighed for the intervals of one set of scores, over all groups: some seconds' work.
const MOST_WEIGHED: usize = 1_000_000_000;

/// The jackknife behind a report's intervals: each of up to 1,000 subjects is left out in turn. More of them are dealt
/// into 1,000 groups, and down to 200 where there are very many comparisons.
pub fn jackknife(comparisons: usize, seed: u64) -> Jackknife {
    let groups = MOST_WEIGHED / comparisons.max(1);
    Jackknife::default()
        .with_most_groups(groups.clamp(GROUPS[0], GROUPS[1]))
        .with_seed(seed)
}

/// The figures of one method, whose pooled scores are `pooled`; `judged` is what it is compared with, on the same
/// comparisons.
pub(super) fn method_figures(
    folds: &[FoldScores<'_>],
    pooled: &LabelledScores,
    judged: Option<&LabelledScores>,
    seed: u64,
) -> Result<MethodFigures, Error> {
    let scores = pooled.scores();
    let settings = jackknife(pooled.len(), seed);
    let mut wanted = vec![Figure::Eer, Figure::Auc, Figure::DPrime];
    wanted.extend(FMR_TARGETS.map(Figure::FnmrAtFmr));
    let mut found = pooled.intervals(&wanted, &settings).into_iter();
    let mut measured = |value: Result<f64, Undefined>| {
        let interval = found.next().and_then(Result::ok);
        value.ok().map(|value| Measured::new(value, interval))
    };
    let eer = measured(scores.eer().map(|eer| eer.rate));
    let auc = measured(scores.auc());
    let d_prime = measured(scores.d_prime());
    let fnmr_at_fmr = FMR_TARGETS
        .iter()
        .zip(found)
        .map(|(&target, interval)| {
            let at = scores.fnmr_at_fmr(target);
            AtTarget {
                target,
                rate: Answer::from(at.map(|at| Rate::new(at.evidence, interval.ok()))),
            }
        })
        .collect();
    let search = Search::new(folds, seed, &settings).unwrap_or_default();
    Ok(MethodFigures {
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
        histogram: scores
            .histogram(BARS)
            .map(|histogram| Shares::from(&histogram))
            .unwrap_or_default(),
        eer_above_judged: match judged {
            Some(judged) => above(pooled, judged, &settings)?,
            None => None,
        },
    })
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

/// How far this EER is above the judged one, with the interval of the difference over the same subjects; nothing
/// where there are too few of them.
fn above(
    scores: &LabelledScores,
    judged: &LabelledScores,
    settings: &Jackknife,
) -> Result<Option<Measured>, Error> {
    match scores.difference(judged, Figure::Eer, settings) {
        Ok(found) => Ok(Some(Measured::new(
            found.interval.estimate,
            Some(found.interval),
        ))),
        Err(error @ Undefined::DifferentComparisons { .. }) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
