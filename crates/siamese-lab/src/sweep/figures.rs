//! The figures of a point over all its seeds.

use pairgen::Catalog;
use serde::Serialize;
use siamese_report::{Measured, jackknife};
use verification_figures::{
    Evidence, Figure, LabelledScores, Scores, smallest_firm_rate, smallest_supported_rate,
};

use super::crossvals::JudgedRun;
use super::scoring::Scoring;
use crate::judge::{Scored, rank_1};
use crate::spread::Spread;

/// FMRs at which the FNMR is given.
pub(super) const FMR_TARGETS: [f64; 2] = [0.1, 0.01];

/// What a line of the table says. Rates are of all folds' comparisons together.
#[derive(Debug, Clone, Serialize)]
pub struct PointFigures {
    /// Over the seeds.
    pub eer: Option<Spread>,
    /// Of all seeds at equal FMR, with its 95 % interval over people.
    pub eer_of_all_seeds: Option<Measured>,
    /// At each of a few FMRs.
    pub fnmr_at_fmr: Vec<FnmrAtFmr>,
    /// Share of searches that find the right person first, mean over the seeds; absent where folds are not searched.
    pub rank_1: Option<f64>,
    /// Mean time that a fold took to train.
    pub seconds_a_fold: f64,
    /// People who were judged.
    pub people: usize,
}

/// The FNMR where so many impostor comparisons are accepted.
#[derive(Debug, Clone, Serialize)]
pub struct FnmrAtFmr {
    /// So many.
    pub fmr: f64,
    /// Mean over the seeds; absent where it is refused.
    pub fnmr: Option<f64>,
    /// 95 % over people, of all seeds at equal FMR.
    pub interval: Option<[f64; 2]>,
    /// With all seeds together.
    pub errors: u64,
    /// False matches at that FMR with one seed, the fewest.
    pub false_matches: u64,
    /// Genuine comparisons with one seed.
    pub genuine: u64,
    /// Why one seed's comparisons cannot show it.
    pub refused: Option<String>,
}

/// Errors below which a rate is an indication: the rule of 30.
const FEW: u64 = 30;

impl PointFigures {
    pub(super) fn new(
        catalog: &Catalog,
        seeds: &[Vec<JudgedRun>],
        scoring: &Scoring,
        seed: u64,
    ) -> Self {
        let settings = jackknife(scoring.all.len(), seed);
        let mut wanted = vec![Figure::Eer];
        wanted.extend(FMR_TARGETS.map(Figure::FnmrAtFmr));
        let mut intervals = scoring.all.intervals(&wanted, &settings).into_iter();
        let eer = scoring.all.scores().eer();
        let eer_interval = intervals.next().and_then(Result::ok);
        let of_seeds: Vec<Scores> = scoring.seeds.iter().map(LabelledScores::scores).collect();
        let fnmr_at_fmr = FMR_TARGETS
            .iter()
            .zip(intervals)
            .map(|(&fmr, interval)| {
                let ends = interval.ok().map(|interval| [interval.low, interval.high]);
                FnmrAtFmr::new(&of_seeds, fmr, ends)
            })
            .collect();
        let rank_1 = |folds: &Vec<JudgedRun>| {
            let folds: Vec<Scored<'_>> = folds.iter().map(JudgedRun::scored).collect();
            rank_1(catalog, &folds)
        };
        let found: Option<Vec<f64>> = seeds.iter().map(rank_1).collect();
        let seconds: Vec<f64> = seeds
            .iter()
            .flatten()
            .map(|fold| fold.record.seconds)
            .collect();
        Self {
            eer: scoring.eer(),
            eer_of_all_seeds: eer.ok().map(|eer| Measured::new(eer.rate, eer_interval)),
            fnmr_at_fmr,
            rank_1: found.and_then(|rates| mean(&rates)),
            seconds_a_fold: mean(&seconds).unwrap_or_default(),
            people: scoring.all.subjects().len(),
        }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    Spread::of(values).map(|spread| spread.mean)
}

impl FnmrAtFmr {
    /// All seeds show the same people, so more seeds do not support a smaller rate. Each must support it alone.
    fn new(seeds: &[Scores], fmr: f64, interval: Option<[f64; 2]>) -> Self {
        let found: Result<Vec<_>, _> = seeds.iter().map(|seed| seed.fnmr_at_fmr(fmr)).collect();
        let (found, refused) = match found {
            Ok(found) => (found, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let evidence: Vec<Evidence> = found.iter().map(|at| at.evidence).collect();
        let held = found.iter().map(|at| at.at.reached.errors);
        let rates: Vec<f64> = evidence.iter().map(Evidence::rate).collect();
        Self {
            fmr,
            fnmr: mean(&rates),
            interval: interval.filter(|_| refused.is_none()),
            errors: evidence.iter().map(|evidence| evidence.errors).sum(),
            false_matches: held.min().unwrap_or(0),
            genuine: evidence.first().map_or(0, |evidence| evidence.comparisons),
            refused,
        }
    }

    /// In percent, with a mark where few errors of either kind are behind it; where there are none, the bounds by
    /// comparisons and by so many people.
    pub(super) fn text(&self, people: usize) -> String {
        match self.fnmr {
            None => "refused".to_owned(),
            Some(_) if self.errors == 0 => {
                let [bound, by_people] = [self.genuine, people as u64]
                    .map(|trials| 100.0 * smallest_supported_rate(trials).min(1.0));
                format!("< {bound:.2} (< {by_people:.1})")
            }
            Some(fnmr) if fnmr < smallest_firm_rate(self.genuine) || self.false_matches < FEW => {
                format!("{:.2}*", 100.0 * fnmr)
            }
            Some(fnmr) => format!("{:.2}", 100.0 * fnmr),
        }
    }
}
