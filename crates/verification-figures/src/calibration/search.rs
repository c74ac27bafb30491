//! Thresholds from searches.

use std::collections::BTreeSet;

use super::document::{Calibration, FpirPoint};
use super::measure::ends;
use super::settings::{CalibrationSettings, usual_rates};
use crate::draws::Draws;
use crate::jackknife::{Scale, clustered_mean};
use crate::score_matrix::FusedRows;
use crate::{Error, Fusion, ScoreMatrix, smallest_supported_rate};

/// The share of comparisons that is kept, the most alike ones. In a gallery of two or more the threshold for an FPIR of 10 %
/// lies among the first tenth; the rest is for the replicates, in which that of one subject is missing.
const KEPT: f64 = 0.3;
/// Rounding of a sum of shares.
const ROUNDING: f64 = 1e-9;

impl Calibration {
    /// The same with thresholds for searches in galleries of 2, 5, 10, 20, 50, ... subjects, up to as many as there are:
    /// for an FPIR of 10 %, 1 % and so on, as far as one matrix has searches for strangers that show it.
    ///
    /// Each probe is searched twice: its subject is a stranger to the others first, and enrolled beside them then. Rates are
    /// the mean over *all* galleries of a size that can be drawn from the enrolled subjects. They are computed and not
    /// drawn: of `m` others, of whom `k` are more alike than the threshold, `n` drawn hold none of these with the
    /// probability `C(m - k, n) / C(m, n)`.
    ///
    /// Matrices are pooled: give one for each turn in which other templates were enrolled. Subjects have the same numbers
    /// in all of them. Rates below 3 / strangers are marked [weak](FpirPoint::weak). Intervals are over the probes'
    /// subjects; galleries stay as they are.
    ///
    /// # Errors
    /// [`Error::Empty`] without a matrix, [`Error::MixedDirections`] where one has another direction than the calibration,
    /// [`Error::Undefined`] where a probe has fewer than two others to be searched among.
    pub fn with_searches(
        mut self,
        matrices: &[ScoreMatrix],
        settings: &CalibrationSettings,
    ) -> Result<Self, Error> {
        if matrices
            .iter()
            .any(|matrix| matrix.direction() != self.direction)
        {
            return Err(Error::MixedDirections);
        }
        let searches = Searches::of(matrices, self.fusion)?;
        let most = searches.fewest_others;
        if most < 2 {
            return Err(Error::Undefined {
                figure: "FPIR",
                reason: "a probe has fewer than two other subjects to be searched among",
            });
        }
        let weak_below = smallest_supported_rate(searches.subjects.len() as u64);
        self.searches.clear();
        for size in sizes(most) {
            let draws = Draws::new(size);
            for fpir in usual_rates(searches.in_one_matrix) {
                let all = vec![1; searches.subjects.len()];
                let Some(limit) = searches.limit(&draws, fpir, &all) else {
                    continue;
                };
                let mut point = FpirPoint::new(size as u64, fpir, self.direction.score_of(limit));
                point.weak = fpir < weak_below;
                point.threshold_interval = searches
                    .limit_interval(&draws, fpir, limit, settings)
                    .map(|(low, high)| {
                        let ends = [low, high].map(|end| self.direction.score_of(end));
                        (ends[0].min(ends[1]), ends[0].max(ends[1]))
                    });
                let missed = || searches.missed(&draws, limit);
                let count = missed().count();
                if count > 0 {
                    point.fnir = Some(missed().map(|(_, share)| share).sum::<f64>() / count as f64);
                    let interval = clustered_mean("FNIR", missed(), &settings.jackknife);
                    point.fnir_interval = interval.ok().map(ends);
                }
                self.searches.push(point);
            }
        }
        self.checked()
    }
}

/// 2, 5, 10, 20, 50, ... and the most there can be.
fn sizes(most: usize) -> Vec<usize> {
    let decades = (0..).map(|power| 10_usize.pow(power));
    let steps = decades.flat_map(|decade| [decade, 2 * decade, 5 * decade]);
    let mut sizes: Vec<usize> = steps.skip(1).take_while(|&size| size < most).collect();
    sizes.push(most);
    sizes
}

/// Every probe with those it may be taken for.
struct Searches {
    /// The probes' subjects, ascending.
    subjects: Vec<u32>,
    /// By ascending keys, as many of the others as [`KEPT`] says.
    near: Vec<Near>,
    /// The searches of each subject for a stranger.
    of_subject: Vec<u64>,
    mated: Vec<Mated>,
    fewest_others: usize,
    /// The most searches in one matrix.
    in_one_matrix: u64,
}

/// Another subject than the probe's.
struct Near {
    key: f32,
    /// Place of the probe's subject.
    subject: u32,
    /// How many others are nearer to the probe.
    nearer: u32,
    /// How many others there are.
    others: u32,
}

/// A probe whose subject is enrolled.
struct Mated {
    subject: u32,
    key: f32,
    /// How many others are at least as near.
    nearer: u32,
    others: u32,
}

impl Searches {
    fn of(matrices: &[ScoreMatrix], fusion: Fusion) -> Result<Self, Error> {
        let subjects = matrices.iter().flat_map(|matrix| matrix.probes());
        let subjects: BTreeSet<u32> = subjects.copied().collect();
        let subjects = Vec::from_iter(subjects);
        let mut found = Self {
            near: Vec::new(),
            of_subject: vec![0; subjects.len()],
            mated: Vec::new(),
            fewest_others: usize::MAX,
            in_one_matrix: 0,
            subjects,
        };
        let rows = matrices.iter().map(|matrix| matrix.fused_rows(fusion));
        let rows: Vec<FusedRows> = rows.collect::<Result<_, _>>()?;
        let limit = kept_up_to(matrices, &rows);
        for (matrix, rows) in matrices.iter().zip(&rows) {
            found.add(matrix, rows, limit);
        }
        if found.in_one_matrix == 0 {
            return Err(Error::Empty);
        }
        found.near.sort_unstable_by(|a, b| a.key.total_cmp(&b.key));
        Ok(found)
    }

    fn add(&mut self, matrix: &ScoreMatrix, rows: &FusedRows, limit: f32) {
        let probes = matrix.probes();
        self.in_one_matrix = self.in_one_matrix.max(probes.len() as u64);
        let mut others = Vec::with_capacity(rows.subjects.len());
        for (&probe, row) in probes.iter().zip(rows.of_probes()) {
            let place = self.subjects.partition_point(|&other| other < probe);
            let subject = place as u32;
            self.of_subject[place] += 1;
            let mate = rows.subjects.binary_search(&probe).ok();
            others.clear();
            others.extend_from_slice(row);
            let mate = mate.map(|mate| others.remove(mate));
            others.sort_unstable_by(f32::total_cmp);
            self.fewest_others = self.fewest_others.min(others.len());
            let number = others.len() as u32;
            if let Some(key) = mate {
                self.mated.push(Mated {
                    subject,
                    key,
                    nearer: others.partition_point(|&other| other <= key) as u32,
                    others: number,
                });
            }
            let near = others.iter().take_while(|&&key| key <= limit);
            self.near.extend(near.zip(0..).map(|(&key, nearer)| Near {
                key,
                subject,
                nearer,
                others: number,
            }));
        }
    }

    /// The most lenient limit for keys at which the mean FPIR over all galleries is at most `target`, where each subject
    /// counts so often; `None` where none counts.
    fn limit(&self, draws: &Draws, target: f64, times: &[u32]) -> Option<f64> {
        let searches = self.of_subject.iter().zip(times);
        let searches: u64 = searches.map(|(of, &times)| of * u64::from(times)).sum();
        let allowed = target * searches as f64 + ROUNDING;
        let mut found = 0.0;
        let beyond = self.near.iter().find(|near| {
            let first = draws.first(near.others, near.nearer);
            found += f64::from(times[near.subject as usize]) * first;
            found > allowed
        });
        beyond.map(|near| f64::from(near.key))
    }

    fn limit_interval(
        &self,
        draws: &Draws,
        target: f64,
        limit: f64,
        settings: &CalibrationSettings,
    ) -> Option<(f64, f64)> {
        let subjects = self.subjects.len();
        settings.jackknife.check(subjects).ok()?;
        let limits = settings
            .jackknife
            .replicate(subjects, |stays, (): &mut ()| {
                self.limit(draws, target, stays)
            });
        let (of, limits) = ([subjects; 2], limits.into_iter());
        let found =
            settings
                .jackknife
                .summarise("threshold for FPIR", Scale::Plain, limit, of, limits);
        found.ok().map(ends)
    }

    /// For each probe whose subject is enrolled, the share of the galleries in which it is not found first, or not above
    /// the limit.
    fn missed<'a>(&'a self, draws: &'a Draws, limit: f64) -> impl Iterator<Item = (u32, f64)> + 'a {
        self.mated.iter().map(move |mated| {
            let found = match f64::from(mated.key) < limit {
                true => draws.unbeaten(mated.others, mated.nearer),
                false => 0.0,
            };
            (mated.subject, 1.0 - found)
        })
    }
}

/// The key up to which comparisons with others are kept.
fn kept_up_to(matrices: &[ScoreMatrix], rows: &[FusedRows]) -> f32 {
    let both = matrices.iter().zip(rows);
    let of_probes = both.flat_map(|(matrix, rows)| {
        let probes = matrix.probes().iter().zip(rows.of_probes());
        probes.map(|(&probe, row)| (probe, rows.subjects.iter().zip(row)))
    });
    let mut keys: Vec<f32> = of_probes
        .flat_map(|(probe, row)| row.filter(move |&(&other, _)| other != probe))
        .map(|(_, &key)| key)
        .collect();
    let place = (KEPT * keys.len() as f64) as usize;
    match keys.len() {
        0 => f32::INFINITY,
        _ => *keys.select_nth_unstable_by(place, f32::total_cmp).1,
    }
}
