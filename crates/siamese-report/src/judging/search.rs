//! Identification and few-shot trials, where every image of a fold is compared with every other.

use std::collections::BTreeMap;

use verification_figures::{
    EpisodeOutcome, Episodes, Error as Undefined, Evidence, Identification, Jackknife,
    SampleScores, ShotRule, smallest_supported_rate,
};

use super::Setup;
use super::folds::{FoldScores, MOST_IMAGES};
use super::method::of_difference;
use crate::number::{count, counted};
use crate::{AboveAtTarget, Answer, AtTarget, FewShot, Measured, MethodFigures, Rate};

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
pub(super) fn omitted(folds: &[FoldScores<'_>], templates: usize) -> Option<String> {
    let of_folds = match searched(folds) {
        Ok(of_folds) => of_folds,
        Err(reason) => return Some(reason),
    };
    let nobody = |samples: &&SampleScores<'_>| several(samples, templates).is_empty();
    of_folds.iter().any(nobody).then(|| {
        format!(
            "Nobody in a fold has more than {}, so none is left to be searched for.",
            counted(templates as u64, "image", "images")
        )
    })
}

/// Images of each subject that has so many that one can be asked about and `known` be known.
fn several(samples: &SampleScores<'_>, known: usize) -> Vec<usize> {
    let mut images = BTreeMap::<u32, usize>::new();
    for &subject in samples.subjects() {
        *images.entry(subject).or_default() += 1;
    }
    images
        .into_values()
        .filter(|&images| images > known)
        .collect()
}

/// The searches of each fold, under thresholds of equal FMR where there are several: their networks need not agree in
/// scale.
fn searches_of_all(
    folds: &[&SampleScores<'_>],
    templates: usize,
) -> Result<Vec<Identification>, Undefined> {
    let levelled: Option<Vec<SampleScores<'_>>> = match folds {
        [_] => None,
        _ => folds.iter().map(|samples| samples.by_fmr().ok()).collect(),
    };
    let each: Result<Vec<Vec<Identification>>, Undefined> = match &levelled {
        Some(levelled) => levelled
            .iter()
            .map(|samples| searches(samples, templates))
            .collect(),
        None => folds
            .iter()
            .map(|samples| searches(samples, templates))
            .collect(),
    };
    Ok(each?.concat())
}

/// One search for each turn: the turn's images of each subject are enrolled, every other image is a probe. Each probe is
/// searched a second time without its own subject, which makes it a stranger.
fn searches(
    samples: &SampleScores<'_>,
    templates: usize,
) -> Result<Vec<Identification>, Undefined> {
    let search = |turn| Identification::leaving_one_out(&samples.rotation_of(turn, templates)?);
    let fewest = several(samples, templates).into_iter().min();
    (0..(fewest.unwrap_or(0) / templates.max(1)).min(MOST_TURNS))
        .map(search)
        .collect()
}

/// N-way K-shot episodes that judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpisodePlan {
    /// N: subjects in an episode, at least 2.
    pub ways: usize,
    /// K: images known of each, at least 1.
    pub shots: usize,
    /// Episodes, at least 1.
    pub episodes: usize,
    /// How the shots of a subject are combined.
    pub rule: ShotRule,
    /// Seed of all draws.
    pub seed: u64,
    /// Whether all subjects of an episode are in one group ([`Setup::groups`]).
    pub within_group: bool,
}

impl EpisodePlan {
    /// What is played where nobody says: one image each of as many subjects as every fold has, up to 20.
    fn usual(folds: &[&SampleScores<'_>], seed: u64) -> EpisodePlan {
        let askable = folds.iter().map(|samples| several(samples, 1).len()).min();
        EpisodePlan {
            ways: askable.unwrap_or(0).min(WAYS),
            shots: 1,
            episodes: EPISODES,
            rule: ShotRule::Nearest,
            seed,
            within_group: false,
        }
    }

    /// The episodes of each fold.
    fn play(
        &self,
        folds: &[&SampleScores<'_>],
        setup: &Setup,
    ) -> Result<EpisodeOutcome, Undefined> {
        let episodes = Episodes::new(self.ways, self.shots, self.episodes)
            .with_rule(self.rule)
            .with_seed(self.seed);
        let of_fold = |samples: &&SampleScores<'_>| match (self.within_group, &setup.groups) {
            (false, _) => episodes.run(samples),
            (true, Some(groups)) => {
                episodes.run_in_groups(samples, |subject| groups.number(subject))
            }
            (true, None) => Err(Undefined::Undefined {
                figure: "few-shot accuracy within a group",
                reason: "the subjects are in no groups",
            }),
        };
        let outcomes: Result<Vec<EpisodeOutcome>, Undefined> = folds.iter().map(of_fold).collect();
        EpisodeOutcome::pooled(&outcomes?)
    }
}

/// Share of the searches in all folds that find the right subject first; absent where a fold is not searched.
pub fn rank_1(folds: &[FoldScores<'_>]) -> Option<f64> {
    let of_folds = searched(folds).ok()?;
    let searches: Result<Vec<Vec<Identification>>, Undefined> = of_folds
        .into_iter()
        .map(|samples| searches(samples, 1))
        .collect();
    let search = Identification::pooled(searches.ok()?.iter().flatten()).ok()?;
    search.rank_rate(1).ok()
}

/// Searches and few-shot trials of all folds.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) pooled: Identification,
    /// Images that were searched: each in several galleries, but no more than one image.
    images: u64,
    /// Which episodes, and what came of them.
    few_shot: Option<(EpisodePlan, EpisodeOutcome)>,
}

impl Search {
    /// Searches each fold's images among themselves; nothing where that says nothing.
    pub(super) fn new(folds: &[FoldScores<'_>], setup: &Setup) -> Option<Search> {
        Search::of(&searched(folds).ok()?, setup).ok()
    }

    fn of(folds: &[&SampleScores<'_>], setup: &Setup) -> Result<Search, Undefined> {
        let plan = setup
            .episodes
            .unwrap_or_else(|| EpisodePlan::usual(folds, setup.seed));
        let few_shot = plan.play(folds, setup);
        Ok(Search {
            pooled: Identification::pooled(&searches_of_all(folds, setup.templates)?)?,
            images: folds
                .iter()
                .map(|samples| samples.subjects().len() as u64)
                .sum(),
            few_shot: few_shot.ok().map(|outcome| (plan, outcome)),
        })
    }

    /// Errors counted by the image. Where any search went wrong, at least one image did.
    fn by_image(&self, searches: Evidence) -> Evidence {
        let galleries = searches.comparisons as f64 / self.images as f64;
        let errors = (searches.errors as f64 / galleries).round() as u64;
        Evidence {
            errors: errors.max(u64::from(searches.errors > 0)),
            comparisons: self.images,
        }
    }

    /// The FNIR at a wanted FPIR.
    fn at(&self, target: f64, settings: &Jackknife) -> AtTarget {
        let smallest = smallest_supported_rate(self.images);
        let found = if target < smallest {
            Err(Undefined::Unsupported {
                figure: "FPIR",
                target,
                trials: "images",
                count: self.images,
                smallest,
            })
        } else {
            self.pooled.fnir_at_fpir(target, 1)
        };
        AtTarget {
            target,
            held: found.as_ref().ok().map(|point| self.by_image(point.fpir)),
            rate: Answer::from(found.map(|point| {
                let interval = self.pooled.fnir_at_fpir_interval(target, 1, settings);
                let mut rate = Rate::new(self.by_image(point.fnir), interval.ok());
                rate.measured.value = point.fnir.rate();
                rate
            })),
        }
    }

    /// Fills in what searches and trials say.
    pub(super) fn figures(&self, figures: &mut MethodFigures, settings: &Jackknife) {
        figures.enrolled = Some(self.pooled.enrolled() as u64);
        figures.rank_1 = self.pooled.rank_rate(1).ok().map(|rate| {
            let interval = self.pooled.rank_interval(1, settings);
            Measured::new(rate, interval.ok())
        });
        figures.cmc = self.pooled.cmc().unwrap_or_default();
        figures.fnir_at_fpir = FPIR_TARGETS.map(|fpir| self.at(fpir, settings)).to_vec();
        figures.few_shot = self.few_shot.as_ref().map(|(plan, outcome)| FewShot {
            ways: plan.ways as u64,
            shots: plan.shots as u64,
            within_group: plan.within_group,
            accuracy: Measured::new(outcome.accuracy(), outcome.interval(settings).ok()),
        });
    }

    /// Fills in how far it is above the judged method, on the same probes.
    pub(super) fn compare(
        &self,
        judged: &Identification,
        figures: &mut MethodFigures,
        settings: &Jackknife,
    ) {
        let rank_1 = self.pooled.rank_difference(judged, 1, settings);
        figures.rank_1_above_judged = rank_1.ok().map(of_difference);
        let shown = figures.fnir_at_fpir.iter();
        let shown = shown.filter(|at| at.rate.known().is_some());
        let above = shown.filter_map(|at| {
            let found = self
                .pooled
                .fnir_at_fpir_difference(judged, at.target, 1, settings);
            Some(AboveAtTarget {
                target: at.target,
                above: of_difference(found.ok()?),
            })
        });
        figures.fnir_above_judged = above.collect();
    }
}

#[cfg(test)]
mod tests {
    use verification_figures::{Comparison, Direction, LabelledScores};

    use super::*;
    use crate::Groups;

    /// Why images are not searched that are compared by these pairs of them, and are given without a square.
    fn why(images: u32, pairs: impl Iterator<Item = [u32; 2]>) -> String {
        let subject = |image| image / 2;
        let comparisons = pairs.map(|pair| Comparison {
            subjects: pair.map(subject),
            score: 1.0,
        });
        let scores = LabelledScores::new(Direction::Distance, comparisons.collect()).unwrap();
        let fold = FoldScores::new(scores, 0.5).of_images(u64::from(images));
        omitted(&[fold], 1).unwrap()
    }

    /// Regression: a mean over galleries was rounded to "no error was seen".
    #[test]
    fn an_error_in_one_gallery_of_many_is_an_error() {
        // Four subjects with four images each; of all searches few go wrong.
        let subjects: Vec<u32> = (0..16).map(|image| image / 4).collect();
        let mut square = vec![5.0; 256];
        for a in 0..16 {
            for b in 0..16 {
                if a / 4 == b / 4 {
                    square[a * 16 + b] = 1.0;
                }
            }
        }
        // One pair of strangers is closer than one genuine pair.
        (square[16], square[1]) = (9.0, 9.0);
        (square[4], square[64]) = (8.0, 8.0);
        let samples = SampleScores::from_matrix(Direction::Distance, &subjects, square).unwrap();
        let search = Search::of(&[&samples], &Setup::new("", "")).unwrap();
        let point = search.pooled.open_set_at(6.0, 1).unwrap();
        assert_eq!((point.fnir.errors, search.pooled.mated()), (2, 48));
        assert_eq!(search.by_image(point.fnir).errors, 1);
        let none = Evidence {
            errors: 0,
            comparisons: 48,
        };
        assert_eq!(search.by_image(none).errors, 0);
    }

    /// Regression: they were played among all subjects, and said to be within a group.
    #[test]
    fn episodes_within_groups_need_groups() {
        let subjects: Vec<u32> = (0..16).map(|image| image / 4).collect();
        let square = (0..256).map(|at| if at / 64 == at % 16 / 4 { 1.0 } else { 2.0 });
        let samples =
            SampleScores::from_matrix(Direction::Distance, &subjects, square.collect()).unwrap();
        let mut setup = Setup::new("", "");
        setup.episodes = Some(EpisodePlan {
            ways: 2,
            shots: 1,
            episodes: 50,
            rule: ShotRule::Nearest,
            seed: 0,
            within_group: true,
        });
        let flat = Search::of(&[&samples], &setup).unwrap();
        assert!(flat.few_shot.is_none());
        assert_eq!(flat.pooled.mated(), 48, "it is searched all the same");
        setup.groups = Some(Groups {
            names: vec!["a".to_owned(), "b".to_owned()],
            of: (0..4).map(|subject| (subject, subject / 2)).collect(),
        });
        let grouped = Search::of(&[&samples], &setup).unwrap();
        assert_eq!(grouped.few_shot.unwrap().1.accuracy(), 1.0);
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
