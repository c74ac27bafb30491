//! The pairs that judge, and what must be said about them.

use std::collections::BTreeSet;
use std::path::Path;

use pairgen::{
    Catalog, EnrolProbe, ExhaustivePairs, Fold, Leakage, PairKind, PairSet, Protocol, SampleKind,
    Trials,
};
use siamese_net::{Fusion, Recipe};
use siamese_report::RunOutcome;
use verification_figures::FORGER;

use crate::error::Error;

/// The most pairs that are compared one by one. Beyond that, impostor pairs are sampled.
const MOST_TEST_PAIRS: u64 = 4_000_000;

/// The pairs that judge.
pub struct TestPairs {
    /// Pairs of images. Consecutive ones make one comparison where [`Self::images_per_template`] is more than 1.
    pub pairs: PairSet,
    /// Images enrolled of a person, with all of which an image is compared. 1 where images are compared with images.
    pub images_per_template: usize,
    /// What such a comparison is.
    fusion: Fusion,
    /// Which comparisons are one trial, where they are those of a one-shot test.
    pub trials: Option<Trials>,
    /// Whether these are all pairs of all images of their people.
    pub every: bool,
    /// What was left out, with counts; each a sentence.
    pub exclusions: Vec<String>,
    /// What they are, in words.
    pub what: String,
    /// Whether people of the test were trained on, which makes every figure flatter.
    pub leaks_people: bool,
    /// How much of the test was trained on, where pairs were split.
    pub leakage: Option<Leakage>,
}

impl TestPairs {
    /// These pairs of images, each a comparison, of people who were not trained on.
    fn new(pairs: PairSet, what: String) -> Self {
        Self {
            pairs,
            images_per_template: 1,
            fusion: Fusion::default(),
            trials: None,
            every: false,
            exclusions: Vec::new(),
            what,
            leaks_people: false,
            leakage: None,
        }
    }

    /// No pairs: everybody is trained on.
    pub fn none() -> Self {
        Self::new(PairSet::default(), "everybody: nobody is tested".to_owned())
    }

    /// The test part of a split of pairs.
    pub fn leaky(pairs: PairSet, leakage: Leakage) -> Self {
        Self {
            leaks_people: true,
            leakage: Some(leakage),
            ..Self::new(
                pairs,
                "seed-pairs: pairs of people, and mostly of images, that were trained on"
                    .to_owned(),
            )
        }
    }

    /// What a fold of a protocol compares: the pairs that it lists, probes with enrolled images, or every pair.
    ///
    /// # Errors
    /// Where these subjects cannot be compared as the protocol says.
    pub fn of_fold(
        catalog: &Catalog,
        protocol: &Protocol,
        fold: &Fold,
        recipe: &Recipe,
        name: &str,
    ) -> Result<Self, Error> {
        let people = fold.split().test();
        let mut test = match (fold.test_pairs(), protocol.enrol_probe(catalog, people)?) {
            (Some(pairs), _) if fold.trials().is_some() => Self {
                trials: fold.trials().cloned(),
                ..Self::new(pairs.clone(), format!("{name}: {}", said_of(fold.trials())))
            },
            (Some(pairs), _) => Self::new(
                pairs.clone(),
                format!("{name}: the {} pairs that it lists", pairs.len()),
            ),
            (None, Some(roles)) => Self::enrolled(catalog, &roles, recipe.decision.fusion, name)?,
            (None, None) => Self::every(catalog, people, recipe.seed, name)?,
        };
        let left_out = fold.left_out().len();
        if left_out > 0 {
            test.exclusions.push(format!(
                "{left_out} people of the data are in no fold of {protocol}: they were neither trained on nor judged."
            ));
        }
        Ok(test)
    }

    /// Each probe image compared with the enrolled images of each of these people.
    fn enrolled(
        catalog: &Catalog,
        roles: &EnrolProbe,
        fusion: Fusion,
        name: &str,
    ) -> Result<Self, Error> {
        if fusion == Fusion::Relative {
            return Err(siamese_net::Error::Recipe {
                origin: name.to_owned(),
                message: "decision.fusion = \"relative\" is for forgeries, and this protocol compares with enrolled images: \
                          set it to \"nearest\" or \"mean\""
                    .to_owned(),
            }
            .into());
        }
        let per_person = |sample: &u32| catalog.subject_of(*sample);
        let templates: Vec<&[u32]> = roles
            .enrol
            .chunk_by(|a, b| per_person(a) == per_person(b))
            .collect();
        let images_per_template = templates.first().map_or(1, |images| images.len());
        let pairs = roles.probe.iter().flat_map(|&probe| {
            let images = templates.iter().flat_map(|images| images.iter());
            images.map(move |&enrolled| (probe, enrolled))
        });
        let what = format!(
            "{name}: {} probe images, each against the {images_per_template} enrolled images of each of {} people \
             ({})",
            roles.probe.len(),
            templates.len(),
            fusion.in_words(),
        );
        Ok(Self {
            images_per_template,
            fusion,
            ..Self::new(PairSet::from_samples(catalog, pairs)?, what)
        })
    }

    /// How many comparisons of a kind there are.
    pub fn count(&self, kind: PairKind) -> usize {
        self.pairs.count(kind) / self.images_per_template
    }

    /// The people of each comparison; of a forgery the forger, see [`FORGER`].
    pub fn subjects(&self, catalog: &Catalog) -> impl Iterator<Item = [u32; 2]> {
        let pairs = self.pairs.iter().step_by(self.images_per_template);
        let who = |image| match catalog.kind_of(image) {
            SampleKind::Genuine => catalog.subject_of(image),
            SampleKind::Forgery => catalog.subject_of(image) | FORGER,
        };
        pairs.map(move |pair| {
            let [a, b] = [pair.a, pair.b].map(who);
            match a == b && pair.kind == PairKind::Impostor {
                // Two forgeries.
                true => [a & !FORGER, b],
                false => [a, b],
            }
        })
    }

    /// The distance of each comparison, from those of the pairs of images.
    pub fn combine(&self, distances: Vec<f32>) -> Vec<f32> {
        if self.images_per_template == 1 {
            return distances;
        }
        distances
            .chunks(self.images_per_template)
            .map(|part| fused(part, self.fusion))
            .collect()
    }

    /// What came of each one-shot trial, from the distance of each comparison: right where an item's own class is strictly the
    /// nearest. Nothing where this is no such test.
    pub fn outcomes(&self, distances: &[f32]) -> Vec<RunOutcome> {
        let Some(trials) = &self.trials else {
            return Vec::new();
        };
        let mut compared = distances.iter().zip(self.pairs.kinds());
        let of_run = |run: &pairgen::TrialRun| {
            let mut trial = |_| {
                let (mut own, mut other) = (f32::INFINITY, f32::INFINITY);
                for (&distance, kind) in compared.by_ref().take(run.ways) {
                    let nearest = match kind.is_genuine() {
                        true => &mut own,
                        false => &mut other,
                    };
                    *nearest = nearest.min(distance);
                }
                own < other
            };
            RunOutcome {
                name: run.name.clone(),
                group: run.group.clone(),
                ways: run.ways as u64,
                right: (0..run.trials).map(&mut trial).collect(),
            }
        };
        trials.runs().iter().map(of_run).collect()
    }

    /// What the distance of each comparison is, in words; `None` where images are compared with images.
    pub fn fusion(&self) -> Option<&'static str> {
        (self.images_per_template > 1).then(|| self.fusion.in_words())
    }

    /// The people in these pairs, ascending.
    pub fn people(&self, catalog: &Catalog) -> Vec<u32> {
        people(catalog, &self.pairs).into_iter().collect()
    }

    /// Every genuine and every impostor pair of these subjects, or as many as can be compared one by one.
    ///
    /// # Errors
    /// Where there are no pairs.
    pub fn every(
        catalog: &Catalog,
        subjects: &[u32],
        seed: u64,
        name: &str,
    ) -> Result<Self, Error> {
        let every = ExhaustivePairs::new(catalog, subjects)?;
        let people = subjects.len();
        let pairs = if every.len() <= MOST_TEST_PAIRS {
            PairSet::from_samples(catalog, every.iter().map(|pair| (pair.a, pair.b)))?
        } else {
            let half = MOST_TEST_PAIRS / 2;
            let (genuine, impostor) = (
                every.genuine_len().min(half),
                every.impostor_len().min(half),
            );
            PairSet::balanced(catalog, subjects, genuine as usize, impostor as usize, seed)?
        };
        let share = if pairs.len() as u64 == every.len() {
            "every pair"
        } else {
            "a random sample of the pairs"
        };
        let alone = subjects
            .iter()
            .filter(|&&subject| catalog.samples_of(subject).len() == 1)
            .count();
        let what = format!("{name}: {share} of {people} people");
        Ok(Self {
            every: pairs.len() as u64 == every.len(),
            exclusions: (alone > 0)
                .then(|| {
                    format!(
                        "{alone} of the {people} people have a single image: they are in impostor comparisons only."
                    )
                })
                .into_iter()
                .collect(),
            ..Self::new(pairs, what)
        })
    }

    /// The pairs of a list file.
    ///
    /// # Errors
    /// Where the list cannot be read, or names images that are not in the catalogue.
    pub fn from_list(catalog: &Catalog, path: &Path) -> Result<Self, Error> {
        let pairs = PairSet::from_list(catalog, path)?;
        let what = format!("the {} pairs of {}", pairs.len(), path.display());
        Ok(Self::new(pairs, what))
    }

    /// Says how many people in these pairs a training learnt from or was watched by, if any.
    pub fn mark_known(&mut self, catalog: &Catalog, trained: &BTreeSet<u32>) {
        let judged = people(catalog, &self.pairs);
        let both = judged.intersection(trained).count();
        if both > 0 && !self.leaks_people {
            self.leaks_people = true;
            self.what = format!(
                "{}; {both} of these {} people were trained on",
                self.what,
                judged.len()
            );
        }
    }

    /// Withdraws what a split of pairs says about trained images, if these are other images.
    pub fn mark_other_images(&mut self) {
        if self.leaks_people {
            self.leaks_people = false;
            self.leakage = None;
            self.what = "a share of pairs drawn as for training, of other images".to_owned();
        }
    }
}

/// One-shot trials in words.
fn said_of(trials: Option<&Trials>) -> String {
    let runs = trials.map_or(&[][..], Trials::runs);
    let mut ways: Vec<usize> = runs.iter().map(|run| run.ways).collect();
    ways.sort_unstable();
    let ways = match ways[..] {
        [first, .., last] if first != last => format!("{first} to {last} ways"),
        [first, ..] => format!("{first} ways"),
        [] => "no ways".to_owned(),
    };
    format!(
        "{} one-shot trials of {ways} in {} runs",
        trials.map_or(0, Trials::len),
        runs.len()
    )
}

/// One distance of those to the enrolled images of a person.
fn fused(distances: &[f32], fusion: Fusion) -> f32 {
    match fusion {
        Fusion::Mean | Fusion::Relative => {
            let sum: f64 = distances.iter().map(|&distance| f64::from(distance)).sum();
            (sum / distances.len() as f64) as f32
        }
        // A distance that is no number stays, to be refused.
        Fusion::Nearest => distances
            .iter()
            .copied()
            .reduce(|a, b| if a <= b || a.is_nan() { a } else { b })
            .unwrap_or(f32::NAN),
    }
}

/// The people in these pairs.
pub fn people(catalog: &Catalog, pairs: &PairSet) -> BTreeSet<u32> {
    let images = pairs.a().iter().chain(pairs.b());
    images.map(|&image| catalog.subject_of(image)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_enrolled_images_are_judged_by_the_nearest_or_the_mean() {
        let distances = [0.75, 0.25, 0.5];
        assert_eq!(fused(&distances, Fusion::Nearest), 0.25);
        assert_eq!(fused(&distances, Fusion::Mean), 0.5);
        for fusion in [Fusion::Nearest, Fusion::Mean] {
            assert!(fused(&[0.5, f32::NAN, 0.25], fusion).is_nan());
            assert!(fused(&[f32::NAN, 0.25], fusion).is_nan());
        }
    }
}
