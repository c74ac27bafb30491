//! N-way K-shot episodes.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::jackknife::clustered_mean;
use crate::resample::stream;
use crate::{Error, Interval, Jackknife, SampleScores};

/// How the scores of a subject's shots become one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum ShotRule {
    /// The most alike shot decides.
    Nearest,
    /// The mean over the shots.
    Mean,
}

/// A plan of few-shot trials.
///
/// An episode draws `ways` subjects, `shots` samples of each, and one further
/// sample of the first subject as the query. It is right if that subject's
/// score is strictly the best: a tie is wrong. Subjects with fewer than
/// `shots + 1` samples are left out. G. Koch, R. Zemel and R. Salakhutdinov,
/// "Siamese neural networks for one-shot image recognition", ICML Deep
/// Learning Workshop 2015, is 20-way 1-shot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Episodes {
    /// Subjects in an episode, at least 2.
    pub ways: usize,
    /// Samples known of each, at least 1.
    pub shots: usize,
    /// Number of episodes.
    pub episodes: usize,
    /// How shots are combined; without effect for 1 shot.
    pub rule: ShotRule,
    /// Seed of all draws. The result depends on nothing else, in particular
    /// not on the number of threads.
    pub seed: u64,
}

/// A subject with its samples.
type Askable = (u32, Vec<usize>);

/// What came of [`Episodes`], or of trials that were drawn elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeOutcome {
    /// The query's subject, and whether it was recognised.
    trials: Vec<(u32, bool)>,
    eligible: usize,
    excluded: usize,
}

impl Episodes {
    /// `episodes` trials of `ways` subjects with `shots` samples each, the nearest shot deciding,
    /// with seed 0.
    #[must_use]
    pub fn new(ways: usize, shots: usize, episodes: usize) -> Self {
        Self {
            ways,
            shots,
            episodes,
            rule: ShotRule::Nearest,
            seed: 0,
        }
    }

    /// The same plan with shots combined by this rule.
    #[must_use]
    pub fn with_rule(mut self, rule: ShotRule) -> Self {
        self.rule = rule;
        self
    }

    /// The same plan with this seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs all episodes, in parallel.
    ///
    /// # Errors
    /// [`Error::Argument`] for fewer than 2 ways, no shots, no episodes, or
    /// more ways than subjects with enough samples;
    /// [`Error::ScoreOverflow`] if a score of embeddings is not finite.
    pub fn run(&self, scores: &SampleScores<'_>) -> Result<EpisodeOutcome, Error> {
        let (eligible, all) = self.eligible(scores)?;
        if self.ways > eligible.len() {
            return Err(self.too_many_ways());
        }
        let trials: Result<_, Error> = (0..self.episodes as u64)
            .into_par_iter()
            .map(|episode| self.trial(scores, &eligible, stream(self.seed, episode)))
            .collect();
        Ok(EpisodeOutcome {
            trials: trials?,
            eligible: eligible.len(),
            excluded: all - eligible.len(),
        })
    }

    /// Runs all episodes, each within one group of subjects, such as the characters of an alphabet. The query's subject is
    /// drawn from all, and the others from its group. Groups with fewer subjects than ways, counted without those that have
    /// too few samples, are left out.
    ///
    /// `group` gives the group of a subject.
    ///
    /// # Errors
    /// As [`run`](Self::run), with more ways than any group has such subjects.
    pub fn run_in_groups(
        &self,
        scores: &SampleScores<'_>,
        group: impl Fn(u32) -> u32,
    ) -> Result<EpisodeOutcome, Error> {
        let (eligible, all) = self.eligible(scores)?;
        let mut groups: BTreeMap<u32, Vec<Askable>> = BTreeMap::new();
        for subject in eligible {
            groups.entry(group(subject.0)).or_default().push(subject);
        }
        groups.retain(|_, subjects| subjects.len() >= self.ways);
        let groups: Vec<Vec<Askable>> = groups.into_values().collect();
        let ends: Vec<usize> = groups
            .iter()
            .scan(0, |end, group| {
                *end += group.len();
                Some(*end)
            })
            .collect();
        let Some(&count) = ends.last() else {
            return Err(self.too_many_ways());
        };
        let trial = |episode| {
            let mut rng = stream(self.seed, episode);
            let asked = rng.random_range(0..count as u64) as usize;
            let group = &groups[ends.partition_point(|&end| end <= asked)];
            self.trial(scores, group, rng)
        };
        let trials: Result<_, Error> = (0..self.episodes as u64)
            .into_par_iter()
            .map(trial)
            .collect();
        Ok(EpisodeOutcome {
            trials: trials?,
            eligible: count,
            excluded: all - count,
        })
    }

    fn too_many_ways(&self) -> Error {
        Error::Argument {
            argument: "ways",
            expected: "at most the number of subjects with more samples than shots",
            found: self.ways as f64,
        }
    }

    /// The subjects with enough samples, and the number of all.
    fn eligible(&self, scores: &SampleScores<'_>) -> Result<(Vec<Askable>, usize), Error> {
        at_least("ways", self.ways, 2, "at least 2")?;
        at_least("shots", self.shots, 1, "at least 1")?;
        at_least("episodes", self.episodes, 1, "at least 1")?;
        let mut samples_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (sample, &subject) in scores.subjects().iter().enumerate() {
            samples_of.entry(subject).or_default().push(sample);
        }
        let all = samples_of.len();
        samples_of.retain(|_, samples| samples.len() > self.shots);
        Ok((samples_of.into_iter().collect(), all))
    }

    fn trial(
        &self,
        scores: &SampleScores<'_>,
        eligible: &[Askable],
        mut rng: ChaCha8Rng,
    ) -> Result<(u32, bool), Error> {
        let mut subjects = draw(eligible.len(), self.ways, &mut rng).into_iter();
        let Some(asked) = subjects.next() else {
            return Err(Error::Empty);
        };
        let (subject, samples) = &eligible[asked];
        let drawn = draw(samples.len(), self.shots + 1, &mut rng);
        let query = samples[drawn[0]];
        let own = self.combined(scores, query, drawn[1..].iter().map(|&d| samples[d]))?;
        let mut right = true;
        for other in subjects {
            let samples = &eligible[other].1;
            let drawn = draw(samples.len(), self.shots, &mut rng);
            let score = self.combined(scores, query, drawn.iter().map(|&d| samples[d]))?;
            right &= own < score;
        }
        Ok((*subject, right))
    }

    fn combined(
        &self,
        scores: &SampleScores<'_>,
        query: usize,
        shots: impl Iterator<Item = usize>,
    ) -> Result<f64, Error> {
        let (mut nearest, mut sum) = (f64::INFINITY, 0.0);
        for shot in shots {
            let key = f64::from(scores.key(query, shot)?);
            nearest = nearest.min(key);
            sum += key;
        }
        // All subjects have equally many shots, so sums rank like means.
        Ok(match self.rule {
            ShotRule::Nearest => nearest,
            ShotRule::Mean => sum,
        })
    }
}

impl EpisodeOutcome {
    /// Trials that were drawn elsewhere, such as those of an official one-shot test: for each what it has in common with
    /// others (its subject, run or alphabet), over which intervals are taken, and whether it was right.
    ///
    /// # Errors
    /// [`Error::Empty`] without a trial.
    pub fn of_trials(trials: impl IntoIterator<Item = (u32, bool)>) -> Result<Self, Error> {
        let trials: Vec<(u32, bool)> = trials.into_iter().collect();
        if trials.is_empty() {
            return Err(Error::Empty);
        }
        let mut clusters: Vec<u32> = trials.iter().map(|trial| trial.0).collect();
        clusters.sort_unstable();
        clusters.dedup();
        Ok(Self {
            trials,
            eligible: clusters.len(),
            excluded: 0,
        })
    }

    /// Number of episodes.
    #[must_use]
    pub fn trials(&self) -> usize {
        self.trials.len()
    }

    /// Number of episodes that were wrong.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.trials.iter().filter(|trial| !trial.1).count()
    }

    /// The episodes of several runs together: of the folds of a cross-validation, say. They should have as many ways
    /// and shots each.
    ///
    /// # Errors
    /// [`Error::Empty`] without a run.
    pub fn pooled<'a>(runs: impl IntoIterator<Item = &'a Self>) -> Result<Self, Error> {
        let mut pooled = Self {
            trials: Vec::new(),
            eligible: 0,
            excluded: 0,
        };
        for run in runs {
            pooled.trials.extend_from_slice(&run.trials);
            pooled.eligible += run.eligible;
            pooled.excluded += run.excluded;
        }
        if pooled.trials.is_empty() {
            return Err(Error::Empty);
        }
        Ok(pooled)
    }

    /// Share of the episodes that were right.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right = self.trials.iter().filter(|trial| trial.1).count();
        right as f64 / self.trials.len() as f64
    }

    /// The accuracy with an interval over the queries' subjects. It covers
    /// the choice of subjects to ask about, and the draws of the episodes; more
    /// episodes narrow only the latter.
    ///
    /// # Errors
    /// Those of [`LabelledScores::interval`](crate::LabelledScores::interval).
    pub fn interval(&self, jackknife: &Jackknife) -> Result<Interval, Error> {
        let outcomes = self
            .trials
            .iter()
            .map(|&(s, right)| (s, f64::from(u8::from(right))));
        clustered_mean("episode accuracy", outcomes, jackknife)
    }

    /// Number of subjects that episodes were drawn from.
    #[must_use]
    pub fn eligible(&self) -> usize {
        self.eligible
    }

    /// Number of subjects left out because they have too few samples.
    #[must_use]
    pub fn excluded(&self) -> usize {
        self.excluded
    }
}

/// `count` distinct numbers below `from`, in random order (R. W. Floyd's
/// method, with random insertion).
fn draw(from: usize, count: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::with_capacity(count);
    for last in from - count..from {
        let candidate = rng.random_range(0..=last as u64) as usize;
        match chosen.iter().position(|&c| c == candidate) {
            // The largest number yet takes the place behind its twin.
            Some(place) => chosen.insert(place + 1, last),
            None => chosen.insert(0, candidate),
        }
    }
    chosen
}

fn at_least(
    argument: &'static str,
    found: usize,
    least: usize,
    expected: &'static str,
) -> Result<(), Error> {
    if found < least {
        let found = found as f64;
        return Err(Error::Argument {
            argument,
            expected,
            found,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 4 * 3 = 12 ordered draws of 2 from 4 should be equally frequent:
    /// chi-square with 11 degrees of freedom is above 31.3 once in 1000.
    #[test]
    fn ordered_draws_are_uniform() {
        let mut counts = BTreeMap::new();
        for episode in 0..12_000 {
            let drawn = draw(4, 2, &mut stream(7, episode));
            assert_ne!(drawn[0], drawn[1]);
            *counts.entry(drawn).or_insert(0_i32) += 1;
        }
        assert_eq!(counts.len(), 12);
        let chi_square: f64 = counts
            .values()
            .map(|&c| f64::from(c - 1000).powi(2) / 1000.0)
            .sum();
        assert!(chi_square < 31.3, "{chi_square}");
    }
}
