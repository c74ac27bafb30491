//! One method's figures over all comparisons.

use verification_figures::{
    Difference, Error as Undefined, Figure, Identification, Jackknife, LabelledScores,
    OperatingPoint, normal_deviate,
};

use super::search::Search;
use crate::{Answer, AtTarget, Error, Measured, MethodFigures, Rate, Shares, SubjectsAlike};

/// FMRs at which the FNMR is given.
pub(super) const FMR_TARGETS: [f64; 3] = [0.1, 0.01, 0.001];
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

/// What a method is compared with on the same comparisons.
pub(super) struct Judged<'j> {
    /// Its comparisons, by fold.
    pub(super) by_fold: &'j LabelledScores,
    /// Its searches, where there are any.
    pub(super) search: Option<&'j Identification>,
}

/// The figures of one method with `pooled` scores, `searches` of them and the judged one that it is compared with.
/// `fmrs` are the FMRs at which the FNMR is given, the most lenient first.
pub(super) fn method_figures(
    pooled: &LabelledScores,
    by_fold: &LabelledScores,
    search: Option<&Search>,
    judged: Option<&Judged<'_>>,
    fmrs: &[f64],
    settings: &Jackknife,
) -> Result<MethodFigures, Error> {
    let scores = by_fold.scores();
    let mut wanted = vec![Figure::Eer, Figure::Auc];
    wanted.extend(fmrs.iter().map(|&fmr| Figure::FnmrAtFmr(fmr)));
    let mut found = by_fold.intervals(&wanted, settings).into_iter();
    let mut measured = |value: Result<f64, Undefined>| {
        let interval = found.next().and_then(Result::ok);
        value.ok().map(|value| Measured::new(value, interval))
    };
    let eer = measured(scores.eer().map(|eer| eer.rate));
    let auc = measured(scores.auc());
    let fnmr_at_fmr = fmrs
        .iter()
        .zip(found)
        .map(|(&target, interval)| {
            let at = scores.fnmr_at_fmr(target);
            AtTarget {
                target,
                held: at.as_ref().ok().map(|at| at.at.reached),
                rate: Answer::from(at.map(|at| Rate::new(at.evidence, interval.ok()))),
            }
        })
        .collect();
    // A distance between means is in the unit of the scores, which levels are not.
    let d_prime = pooled.scores().d_prime().ok().map(|value| {
        let interval = pooled.interval(Figure::DPrime, settings);
        Measured::new(value, interval.ok())
    });
    let mut figures = MethodFigures {
        eer,
        auc,
        d_prime,
        fnmr_at_fmr,
        min_cllr: scores.min_cllr().ok(),
        subjects_alike: alike(by_fold, fmrs),
        det: scores
            .det()
            .map(|det| thinned(&det.corners()))
            .unwrap_or_default(),
        histogram: pooled
            .scores()
            .histogram(BARS)
            .map(|histogram| Shares::from(&histogram))
            .unwrap_or_default(),
        ..MethodFigures::default()
    };
    if let Some(search) = search {
        search.figures(&mut figures, settings);
    }
    if let Some(judged) = judged {
        let above = above(by_fold, judged.by_fold, settings)?;
        figures.eer_above_judged = above.map(of_difference);
        figures.eer_above_judged_p = above.map(|above| above.p_value());
        if let Some((own, judged)) = search.zip(judged.search) {
            own.compare(judged, &mut figures, settings);
        }
    }
    Ok(figures)
}

/// Rates in which every subject counts alike, where subjects have unequal numbers of genuine comparisons.
fn alike(scores: &LabelledScores, fmrs: &[f64]) -> Option<SubjectsAlike> {
    if !is_uneven(scores) {
        return None;
    }
    let alike = scores.subjects_alike().ok()?;
    let at = |&fmr: &f64| Some([fmr, alike.fnmr_at_fmr(fmr).ok()?]);
    Some(SubjectsAlike {
        eer: alike.eer(),
        fnmr_at_fmr: fmrs.iter().filter_map(at).collect(),
    })
}

/// Whether some subjects have more genuine comparisons than others, so that figures in which every subject counts alike
/// say something else.
pub fn is_uneven(scores: &LabelledScores) -> bool {
    let subjects = scores.genuine_subjects() as f64;
    let effective = scores.effective_subjects();
    effective.is_ok_and(|effective| effective < subjects - 0.05)
}

/// `[fmr, fnmr]` of the corners that can be told apart on normal-deviate axes.
pub(super) fn thinned(corners: &[OperatingPoint]) -> Vec<[f64; 2]> {
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
) -> Result<Option<Difference>, Error> {
    match scores.difference(judged, Figure::Eer, settings) {
        Ok(found) => Ok(Some(found)),
        Err(error @ Undefined::DifferentComparisons { .. }) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// A difference with its interval.
pub(super) fn of_difference(found: Difference) -> Measured {
    Measured::new(found.interval.estimate, Some(found.interval))
}
