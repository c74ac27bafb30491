//! Identification and few-shot trials from the distances of every pair of a fold's images.

use pairgen::Catalog;
use siamese_report::{AtTarget, FewShot, Measured};
use verification_figures::{
    Bootstrap, Direction, EpisodeOutcome, Episodes, Error, Evidence, Identification, SampleScores,
    smallest_supported_rate,
};

use super::Scored;
use super::method_figures::{measured, rate};

use crate::experiment::TestPairs;
use crate::thousands::thousands;

/// Images beyond which a fold is not searched: the square of it is held.
const MOST_IMAGES: usize = 2_000;
/// Images of a person that take turns at being the enrolled one.
const MOST_TURNS: usize = 10;
/// People in an episode where there are so many.
const WAYS: usize = 20;
const EPISODES: usize = 2_000;
/// FPIRs at which the FNIR is given.
const FPIR_TARGETS: [f64; 2] = [0.1, 0.01];

/// Every image of a fold's test against every other.
struct Square {
    /// The subject of each image.
    subjects: Vec<u32>,
    /// Row-major `[n, n]`; zero on the diagonal.
    distances: Vec<f32>,
}

impl Square {
    /// From a distance for each pair of a test; the reason where it does not hold every pair, or too many.
    fn new(catalog: &Catalog, test: &TestPairs, distances: &[f32]) -> Result<Self, String> {
        let images = searched(test)?;
        let n = images.len();
        let place = |image: u32| images.partition_point(|&other| other < image);
        let mut square = vec![0.0; n * n];
        for (pair, &distance) in test.pairs.iter().zip(distances) {
            let (a, b) = (place(pair.a), place(pair.b));
            square[a * n + b] = distance;
            square[b * n + a] = distance;
        }
        Ok(Self {
            subjects: images
                .iter()
                .map(|&image| catalog.subject_of(image))
                .collect(),
            distances: square,
        })
    }

    /// One search for each turn: the turn's image of each person is enrolled, every other image is a probe. Each probe
    /// is searched a second time without its own person, which makes it a stranger.
    fn searches(&self) -> Result<Vec<Identification>, Error> {
        let scores = self.scores()?;
        let people = self.subjects.chunk_by(|a, b| a == b);
        let turns = people.map(<[u32]>::len).filter(|&images| images > 1).min();
        let search = |turn| Identification::leaving_one_out(&scores.rotation(turn)?);
        (0..turns.unwrap_or(0).min(MOST_TURNS))
            .map(search)
            .collect()
    }

    fn scores(&self) -> Result<SampleScores<'_>, Error> {
        SampleScores::from_matrix(Direction::Distance, &self.subjects, self.distances.clone())
    }

    /// People with so many images that one can be asked about and one be known.
    fn askable(&self) -> usize {
        let people = self.subjects.chunk_by(|a, b| a == b);
        people.filter(|images| images.len() > 1).count()
    }

    /// Trials of `ways` people with one known image each.
    fn few_shot(&self, ways: usize, seed: u64) -> Result<EpisodeOutcome, Error> {
        let episodes = Episodes::new(ways, 1, EPISODES).with_seed(seed);
        episodes.run(&self.scores()?)
    }
}

/// The images of a test that are searched among themselves; the reason where they are not.
fn searched(test: &TestPairs) -> Result<Vec<u32>, String> {
    if !test.every {
        return Err("The test does not compare every image with every other.".to_owned());
    }
    let images = super::distinct(&test.pairs);
    if images.len() > MOST_IMAGES {
        return Err(format!(
            "{} images of a fold are more than the {} that are searched among themselves.",
            thousands(images.len() as u64),
            thousands(MOST_IMAGES as u64)
        ));
    }
    Ok(images)
}

/// Why the folds' images are not searched among themselves, where they are not.
pub(super) fn omitted(folds: &[Scored<'_>]) -> Option<String> {
    folds.iter().find_map(|fold| searched(fold.test).err())
}

/// Each fold's square.
fn squares(catalog: &Catalog, folds: &[Scored<'_>]) -> Result<Vec<Square>, String> {
    folds
        .iter()
        .map(|fold| Square::new(catalog, fold.test, fold.distances))
        .collect()
}

/// Share of the searches in all folds that find the right person first; absent where a fold is not searched.
pub fn rank_1(catalog: &Catalog, folds: &[Scored<'_>]) -> Option<f64> {
    let squares = squares(catalog, folds).ok()?;
    let searches: Result<Vec<Vec<Identification>>, Error> =
        squares.iter().map(Square::searches).collect();
    let search = Identification::pooled(searches.ok()?.iter().flatten()).ok()?;
    search.rank_rate(1).ok()
}

/// What searching and few-shot trials say of all folds.
#[derive(Default)]
pub(super) struct Search {
    /// People in the smallest gallery.
    pub(super) enrolled: Option<u64>,
    pub(super) rank_1: Option<Measured>,
    pub(super) cmc: Vec<f64>,
    pub(super) fnir_at_fpir: Vec<AtTarget>,
    pub(super) few_shot: Option<FewShot>,
}

impl Search {
    /// Searches each fold's images among themselves; the reason where that says nothing.
    pub(super) fn new(
        catalog: &Catalog,
        folds: &[Scored<'_>],
        seed: u64,
        settings: &Bootstrap,
    ) -> Result<Self, String> {
        let squares = squares(catalog, folds)?;
        Self::of(&squares, seed, settings).map_err(|error| error.to_string())
    }

    fn of(squares: &[Square], seed: u64, settings: &Bootstrap) -> Result<Self, Error> {
        let searches: Vec<Vec<Identification>> = squares
            .iter()
            .map(Square::searches)
            .collect::<Result<_, _>>()?;
        let search = Identification::pooled(searches.iter().flatten())?;
        // An image is searched in several galleries, but is no more than one image: errors are counted by the image.
        let images = squares
            .iter()
            .map(|square| square.subjects.len() as u64)
            .sum::<u64>();
        let galleries = search.mated() as f64 / images as f64;
        let by_image = |evidence: Evidence| Evidence {
            errors: (evidence.errors as f64 / galleries).round() as u64,
            comparisons: images,
        };
        let at = |&target: &f64| {
            let smallest = smallest_supported_rate(images);
            let rate = if target < smallest {
                Err(format!(
                    "an FPIR of {} % cannot be shown with {images} images: by the rule of three the smallest is {:.2} %",
                    100.0 * target,
                    100.0 * smallest
                ))
            } else {
                match search.fnir_at_fpir(target, 1) {
                    Ok(point) => {
                        let interval = search.fnir_at_fpir_interval(target, 1, settings);
                        let mut rate = rate(by_image(point.fnir), interval.ok());
                        rate.measured.value = point.fnir.rate();
                        Ok(rate)
                    }
                    Err(error) => Err(error.to_string()),
                }
            };
            AtTarget { target, rate }
        };
        let askable = squares.iter().map(Square::askable).min();
        let ways = askable.unwrap_or(0).min(WAYS);
        let outcomes: Result<Vec<EpisodeOutcome>, Error> = squares
            .iter()
            .map(|square| square.few_shot(ways, seed))
            .collect();
        let few_shot = outcomes.and_then(|outcomes| EpisodeOutcome::pooled(&outcomes));
        Ok(Self {
            enrolled: Some(search.enrolled() as u64),
            rank_1: Some(measured(
                search.rank_rate(1)?,
                search.rank_interval(1, settings).ok(),
            )),
            cmc: search.cmc()?,
            fnir_at_fpir: FPIR_TARGETS.iter().map(at).collect(),
            few_shot: few_shot.ok().map(|outcome| FewShot {
                ways: ways as u64,
                shots: 1,
                accuracy: measured(outcome.accuracy(), outcome.interval(settings).ok()),
            }),
        })
    }
}
