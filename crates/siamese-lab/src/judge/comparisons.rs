//! The comparisons of a test by one method, as scores of a report.

use crate::error::{JudgeError, Result};
use pairgen::{Catalog, PairKind, PairSet};
use siamese_report::{FoldScores, Pooled};
use verification_figures::{Comparison, Direction, LabelledScores, SampleScores, Scores};

use crate::experiment::TestPairs;

/// One fold's comparisons with their distances and the threshold they are decided by.
#[derive(Clone, Copy)]
pub struct Scored<'a> {
    /// What is compared.
    pub test: &'a TestPairs,
    /// One for each comparison, in the test's order.
    pub distances: &'a [f32],
    /// The distance below which a comparison is called genuine.
    pub threshold: f64,
}

/// The images of a test, and whom they show.
pub(super) struct Compared {
    /// Ascending, and so grouped by subject.
    images: Vec<u32>,
    subjects: Vec<u32>,
}

impl Compared {
    pub(super) fn of(catalog: &Catalog, test: &TestPairs) -> Self {
        let images = distinct(&test.pairs);
        let subjects = images.iter().map(|&image| catalog.subject_of(image));
        Self {
            subjects: subjects.collect(),
            images,
        }
    }
}

impl Scored<'_> {
    /// Its scores; each image is also searched among the others where all are compared with all.
    ///
    /// # Errors
    /// Where a distance is no number.
    pub(super) fn fold<'a>(
        &self,
        catalog: &Catalog,
        compared: &'a Compared,
    ) -> Result<FoldScores<'a>> {
        self.expect_finite(catalog)?;
        if self.test.every && FoldScores::searches(compared.images.len()) {
            let samples = self.square(compared)?;
            return Ok(FoldScores::of_samples(samples, self.threshold)?);
        }
        let images = compared.images.len() as u64;
        Ok(self.bare(catalog)?.of_images(images))
    }

    /// Its scores alone.
    fn bare<'a>(&self, catalog: &Catalog) -> Result<FoldScores<'a>> {
        let both = self.test.subjects(catalog).zip(self.distances);
        let comparisons = both.map(|(subjects, &score)| Comparison { subjects, score });
        let scores = LabelledScores::new(Direction::Distance, comparisons.collect())?;
        let trials = self.test.outcomes(self.distances);
        Ok(FoldScores::new(scores, self.threshold).of_trials(trials))
    }

    /// Every image against every other, from a distance for each pair.
    fn square<'a>(&self, compared: &'a Compared) -> Result<SampleScores<'a>> {
        let n = compared.images.len();
        let place = |image: u32| compared.images.partition_point(|&other| other < image);
        let mut square = vec![0.0; n * n];
        for (pair, &distance) in self.test.pairs.iter().zip(self.distances) {
            let (a, b) = (place(pair.a), place(pair.b));
            square[a * n + b] = distance;
            square[b * n + a] = distance;
        }
        let subjects = &compared.subjects;
        Ok(SampleScores::from_matrix(
            Direction::Distance,
            subjects,
            square,
        )?)
    }

    /// Fails by the files where a distance is no number.
    fn expect_finite(&self, catalog: &Catalog) -> Result<()> {
        let Some(place) = self.distances.iter().position(|score| !score.is_finite()) else {
            return Ok(());
        };
        let pair = self.test.pairs.get(place * self.test.images_per_template);
        Err(JudgeError::NotFinite {
            a: catalog.relative_path(pair.a).to_owned(),
            b: catalog.relative_path(pair.b).to_owned(),
            distance: self.distances[place],
        }
        .into())
    }
}

/// The folds' comparisons together. A subject is tested in one fold only, unless a list says otherwise.
///
/// # Errors
/// Where a distance is no number.
pub fn pooled(catalog: &Catalog, folds: &[Scored<'_>]) -> Result<Pooled> {
    let bare = |fold: &Scored<'_>| {
        fold.expect_finite(catalog)?;
        fold.bare(catalog)
    };
    let folds: Vec<FoldScores<'_>> = folds.iter().map(bare).collect::<Result<_>>()?;
    Ok(Pooled::new(&folds)?)
}

/// Share of the searches in all folds that find the right subject first; absent where a fold is not searched.
pub fn rank_1(catalog: &Catalog, folds: &[Scored<'_>]) -> Option<f64> {
    let compared = folds.iter().map(|fold| Compared::of(catalog, fold.test));
    let compared: Vec<Compared> = compared.collect();
    let both = folds.iter().zip(&compared);
    let folds: Result<Vec<FoldScores<'_>>> = both
        .map(|(fold, compared)| fold.fold(catalog, compared))
        .collect();
    siamese_report::rank_1(&folds.ok()?)
}

/// How many comparisons of a kind the folds hold.
pub(super) fn count(folds: &[Scored<'_>], kind: PairKind) -> usize {
    folds.iter().map(|fold| fold.test.count(kind)).sum()
}

/// Distances of a pair set as scores.
///
/// # Errors
/// Where a distance is no number.
pub fn scores(pairs: &PairSet, distances: &[f32]) -> Result<Scores> {
    let of = |wanted: PairKind| -> Vec<f32> {
        let both = distances.iter().zip(pairs.kinds());
        both.filter(|(_, kind)| **kind == wanted)
            .map(|(distance, _)| *distance)
            .collect()
    };
    Ok(Scores::new(
        Direction::Distance,
        of(PairKind::Genuine),
        of(PairKind::Impostor),
    )?)
}

/// The images in these pairs, ascending.
pub(super) fn distinct(pairs: &PairSet) -> Vec<u32> {
    let mut images: Vec<u32> = pairs.a().iter().chain(pairs.b()).copied().collect();
    images.sort_unstable();
    images.dedup();
    images
}
