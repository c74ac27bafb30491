//! The trials of a one-shot test.

use std::collections::BTreeMap;

use verification_figures::{EpisodeOutcome, Jackknife};

use crate::{Measured, OneShot, OneShotRun};

/// One run of one-shot trials, by what came of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOutcome {
    /// Its name.
    pub name: String,
    /// What it has in common with other runs, such as their alphabet.
    pub group: Option<String>,
    /// Classes in a trial.
    pub ways: u64,
    /// Whether each trial was right.
    pub right: Vec<bool>,
}

/// The errors of these runs; nothing without a trial.
///
/// Trials of one run share their classes, and runs of one group do, too. So intervals leave out whole runs, or whole groups,
/// one after the other: see [`Jackknife`].
#[must_use]
pub fn one_shot(runs: &[RunOutcome], settings: &Jackknife) -> Option<OneShot> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let groups: Option<Vec<u32>> = runs
        .iter()
        .map(|run| {
            let next = numbers.len() as u32;
            let group = run.group.as_deref()?;
            Some(*numbers.entry(group).or_insert(next))
        })
        .collect();
    let rate = |clusters: &[u32]| -> Option<Measured> {
        let trials = runs.iter().zip(clusters);
        let trials = trials.flat_map(|(run, &of)| run.right.iter().map(move |&right| (of, right)));
        let outcome = EpisodeOutcome::of_trials(trials).ok()?;
        // That of right trials, turned round.
        let interval = outcome.interval(settings).ok();
        Some(Measured {
            value: 1.0 - outcome.accuracy(),
            interval: interval.map(|right| [1.0 - right.high, 1.0 - right.low]),
        })
    };
    let each: Vec<u32> = (0..runs.len() as u32).collect();
    let error_rate = rate(&each)?;
    let of_run = |run: &RunOutcome| OneShotRun {
        name: run.name.clone(),
        group: run.group.clone(),
        trials: run.right.len() as u64,
        errors: run.right.iter().filter(|right| !**right).count() as u64,
    };
    let ways = runs.first().map(|run| run.ways);
    let mut found = OneShot::default();
    found.ways = ways.filter(|ways| runs.iter().all(|run| run.ways == *ways));
    found.runs = runs.iter().map(of_run).collect();
    found.trials = found.runs.iter().map(|run| run.trials).sum();
    found.errors = found.runs.iter().map(|run| run.errors).sum();
    found.error_rate = Some(error_rate);
    found.error_rate_over_groups = groups.and_then(|groups| rate(&groups));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(groups: bool) -> Vec<RunOutcome> {
        let run = |number: usize| RunOutcome {
            name: format!("run{number:02}"),
            group: groups.then(|| format!("pair {}", number / 2)),
            ways: 20,
            right: (0..20).map(|trial| trial >= number / 2 % 4).collect(),
        };
        (0..20).map(run).collect()
    }

    /// In Python: `x = numpy.arange(20) // 2 % 4 / 20` over runs and `x = numpy.arange(10) % 4 / 20` over pairs, which hold
    /// equal runs; `m = x.mean()`, `n = len(x)`; the ends are `expit(logit(m) -+ t.ppf(.975, n - 1) * x.std(ddof=1) / n ** .5
    /// / (m * (1 - m)))`.
    #[test]
    fn errors_are_counted_and_intervals_taken_over_runs_and_over_groups() {
        let found = one_shot(&runs(true), &Jackknife::default()).unwrap();
        assert_eq!(
            (found.ways, found.trials, found.errors),
            (Some(20), 400, 26)
        );
        assert_eq!(found.groups(), 10);
        for (measured, ends) in [
            (found.error_rate, [0.043_078_198, 0.096_947_257]),
            (found.error_rate_over_groups, [0.033_942_363, 0.120_918_706]),
        ] {
            let measured = measured.unwrap();
            assert!((measured.value - 0.065).abs() < 1e-12);
            for (end, expected) in measured.interval.unwrap().into_iter().zip(ends) {
                assert!((end - expected).abs() < 1e-6, "{end} {expected}");
            }
        }
        assert_eq!(found.runs[3].errors, 1);
    }

    #[test]
    fn without_groups_there_are_only_runs_and_few_runs_have_no_interval() {
        let found = one_shot(&runs(false), &Jackknife::default()).unwrap();
        assert_eq!((found.groups(), found.error_rate_over_groups), (0, None));
        let few = one_shot(&runs(true)[..4], &Jackknife::default()).unwrap();
        assert_eq!(few.error_rate.unwrap().interval, None);
        assert_eq!(one_shot(&[], &Jackknife::default()), None);
        let mut uneven = runs(true);
        uneven[5].ways = 5;
        assert_eq!(one_shot(&uneven, &Jackknife::default()).unwrap().ways, None);
    }
}
