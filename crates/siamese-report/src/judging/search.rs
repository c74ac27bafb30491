//! Identification and few-shot trials, where every image of a fold is compared with every other.

use std::collections::BTreeMap;

use verification_figures::{
    EpisodeOutcome, Episodes, Error as Undefined, Evidence, Identification, Jackknife,
    SampleScores, smallest_supported_rate,
};

use super::folds::{FoldScores, MOST_IMAGES};
use crate::number::count;
use crate::{Answer, AtTarget, FewShot, Measured, Rate};

/// Images of a subject that take turns at being the enrolled one.
const MOST_TURNS: usize = 10;
/// Subjects in an episode where there are so many.
const WAYS: usize = 20;
const EPISODES: usize = 2_000;
/// FPIRs at which the FNIR is given.
const FPIR_TARGETS: [f64; 2] = [0.1, 0.01];

/// The images of each fold, which are searched among themselves; the reason where they are not.
fn searched<'f, 'a>(folds: &'f [FoldScores<'a>]) -> Result<Vec<&'f SampleScores<'a>>, String> {
    let of_fold = |fold: &'f FoldScores<'a>| {
        if fold.compares_all() && fold.images > MOST_IMAGES as u64 {
            return Err(format!(
                "{} images of a fold are more than the {} that are searched among themselves.",
                count(fold.images),
                count(MOST_IMAGES as u64)
            ));
        }
        let samples = fold.samples.as_ref();
        samples.ok_or_else(|| "The test does not compare every image with every other.".to_owned())
    };
    folds.iter().map(of_fold).collect()
}

/// Why the folds' images are not searched among themselves, where they are not.
pub(super) fn omitted(folds: &[FoldScores<'_>]) -> Option<String> {
    searched(folds).err()
}

/// Images of each subject that has so many that one can be asked about and one be known.
fn several(samples: &SampleScores<'_>) -> Vec<usize> {
    let mut images = BTreeMap::<u32, usize>::new();
    for &subject in samples.subjects() {
        *images.entry(subject).or_default() += 1;
    }
    images.into_values().filter(|&images| images > 1).collect()
}

/// One search for each turn: the turn's image of each subject is enrolled, every other image is a probe. Each probe is
/// searched a second time without its own subject, which makes it a stranger.
fn searches(samples: &SampleScores<'_>) -> Result<Vec<Identification>, Undefined> {
    let search = |turn| Identification::leaving_one_out(&samples.rotation(turn)?);
    let turns = several(samples).into_iter().min();
    (0..turns.unwrap_or(0).min(MOST_TURNS))
        .map(search)
        .collect()
}

/// Trials of `ways` subjects with one known image each.
fn few_shot(
    samples: &SampleScores<'_>,
    ways: usize,
    seed: u64,
) -> Result<EpisodeOutcome, Undefined> {
    let episodes = Episodes::new(ways, 1, EPISODES).with_seed(seed);
    episodes.run(samples)
}

/// Share of the searches in all folds that find the right subject first; absent where a fold is not searched.
pub fn rank_1(folds: &[FoldScores<'_>]) -> Option<f64> {
    let of_folds = searched(folds).ok()?;
    let searches: Result<Vec<Vec<Identification>>, Undefined> =
        of_folds.into_iter().map(searches).collect();
    let search = Identification::pooled(searches.ok()?.iter().flatten()).ok()?;
    search.rank_rate(1).ok()
}

/// What searching and few-shot trials say of all folds.
#[derive(Default)]
pub(super) struct Search {
    /// Subjects in the smallest gallery.
    pub(super) enrolled: Option<u64>,
    pub(super) rank_1: Option<Measured>,
    pub(super) cmc: Vec<f64>,
    pub(super) fnir_at_fpir: Vec<AtTarget>,
    pub(super) few_shot: Option<FewShot>,
}

impl Search {
    /// Searches each fold's images among themselves; nothing where that says nothing.
    pub(super) fn new(folds: &[FoldScores<'_>], seed: u64, settings: &Jackknife) -> Option<Search> {
        Search::of(&searched(folds).ok()?, seed, settings).ok()
    }

    fn of(
        folds: &[&SampleScores<'_>],
        seed: u64,
        settings: &Jackknife,
    ) -> Result<Search, Undefined> {
        let searches: Vec<Vec<Identification>> = folds
            .iter()
            .map(|samples| searches(samples))
            .collect::<Result<_, _>>()?;
        let search = Identification::pooled(searches.iter().flatten())?;
        // An image is searched in several galleries, but is no more than one image: errors are counted by the image.
        let images = folds
            .iter()
            .map(|samples| samples.subjects().len() as u64)
            .sum::<u64>();
        let galleries = search.mated() as f64 / images as f64;
        let by_image = |evidence: Evidence| Evidence {
            errors: (evidence.errors as f64 / galleries).round() as u64,
            comparisons: images,
        };
        let at = |&target: &f64| {
            let smallest = smallest_supported_rate(images);
            let found = if target < smallest {
                Err(Undefined::Unsupported {
                    figure: "FPIR",
                    target,
                    trials: "images",
                    count: images,
                    smallest,
                })
            } else {
                search.fnir_at_fpir(target, 1)
            };
            let rate = found.map(|point| {
                let interval = search.fnir_at_fpir_interval(target, 1, settings);
                let mut rate = Rate::new(by_image(point.fnir), interval.ok());
                rate.measured.value = point.fnir.rate();
                rate
            });
            AtTarget {
                target,
                rate: Answer::from(rate),
            }
        };
        let askable = folds.iter().map(|samples| several(samples).len()).min();
        let ways = askable.unwrap_or(0).min(WAYS);
        let outcomes: Result<Vec<EpisodeOutcome>, Undefined> = folds
            .iter()
            .map(|samples| few_shot(samples, ways, seed))
            .collect();
        let few_shot = outcomes.and_then(|outcomes| EpisodeOutcome::pooled(&outcomes));
        Ok(Search {
            enrolled: Some(search.enrolled() as u64),
            rank_1: Some(Measured::new(
                search.rank_rate(1)?,
                search.rank_interval(1, settings).ok(),
            )),
            cmc: search.cmc()?,
            fnir_at_fpir: FPIR_TARGETS.iter().map(at).collect(),
            few_shot: few_shot.ok().map(|outcome| FewShot {
                ways: ways as u64,
                shots: 1,
                accuracy: Measured::new(outcome.accuracy(), outcome.interval(settings).ok()),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use verification_figures::{Comparison, Direction, LabelledScores};

    use super::*;

    /// Why images are not searched that are compared by these pairs of them, and are given without a square.
    fn why(images: u32, pairs: impl Iterator<Item = [u32; 2]>) -> String {
        let subject = |image| image / 2;
        let comparisons = pairs.map(|pair| Comparison {
            subjects: pair.map(subject),
            score: 1.0,
        });
        let scores = LabelledScores::new(Direction::Distance, comparisons.collect()).unwrap();
        let fold = FoldScores::new(scores, 0.5).of_images(u64::from(images));
        omitted(&[fold]).unwrap()
    }

    #[test]
    fn more_images_than_are_searched_need_no_square_to_be_told() {
        assert!(FoldScores::searches(2_000));
        assert!(!FoldScores::searches(2_001));
        let every = (0..2_001).flat_map(|a| (0..a).map(move |b| [a, b]));
        let said = why(2_001, every.clone());
        assert!(said.starts_with("2,001 images of a fold"), "{said}");
        let said = why(2_001, every.skip(1));
        assert!(said.starts_with("The test does not compare"), "{said}");
    }
}
