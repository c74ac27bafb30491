//! What the folds' networks make of the subjects that they never saw.
//!
//! Distances are taken as they are, whatever fold they come from. Thresholds of distances that were normalised by the
//! training subjects of each network carry over worse to the network of everybody: `examples/carry_over` measures it.

use std::path::Path;

use ndarray::Array2;
use pairgen::{Catalog, Pair, Protocol};
use siamese_net::{Distance, Threshold};
use verification_figures::{
    Calibration, CalibrationSettings, Comparison, Direction, Fusion, LabelledScores, ScoreMatrix,
};

use super::folds::Folds;
use super::settings::RefitSettings;
use crate::error::Result;
use crate::experiment::{TestPairs, list_of};
use crate::judge::Case;

/// Scores of searches that are held at most.
const MOST_SCORES: usize = 4_000_000;
/// Images of a subject that take their turn as the enrolled one, at most.
const MOST_TURNS: usize = 10;

/// The scores of subjects by networks that did not learn from them.
pub(super) struct OutOfFold {
    comparisons: Vec<Comparison>,
    /// How many images of each subject are its templates.
    templates: usize,
    fusion: Fusion,
    /// For each choice of the enrolled images.
    turns: Vec<Turn>,
    /// One of so many probes is searched for.
    every: usize,
}

/// Searches for the subjects of a test, each by the network of its fold.
#[derive(Default)]
struct Turn {
    /// Subject of each probe.
    probes: Vec<u32>,
    /// Subject of each template.
    enrolled: Vec<u32>,
    /// Row-major `[probes, templates]`.
    scores: Vec<f32>,
}

impl OutOfFold {
    /// The calibration that these scores make, and the threshold at which both error rates are equal.
    pub(super) fn measure(
        folds: &Folds,
        settings: &RefitSettings,
    ) -> Result<(Calibration, Option<Threshold>)> {
        let catalog = &folds.data.catalog;
        let known = |case: &Case| {
            let learnt = case.training.iter().flat_map(|training| &training.people);
            let mut subjects: Vec<u32> = learnt.copied().chain(case.test.people(catalog)).collect();
            subjects.sort_unstable();
            subjects
        };
        // Of a list, subjects that are in no fold are in no gallery.
        let gallery = folds.cases.first().map(known).unwrap_or_default();
        let mut found = Self::of_gallery(catalog, &gallery, settings);
        for case in &folds.cases {
            found.add(folds, case, &gallery)?;
        }
        let how = format!(
            "out of fold, {} folds of {}",
            folds.record.folds,
            without_path(&folds.record.protocol)?
        );
        let scores = LabelledScores::new(Direction::Distance, found.comparisons)?;
        let threshold = scores.scores().eer().ok().map(|eer| Threshold {
            value: eer.threshold,
            source: format!("equal error rate {how}"),
        });
        let how = format!("{how}, searched among training subjects");
        let settings =
            CalibrationSettings::new(how).with_templates(found.templates as u32, found.fusion);
        let calibration = Calibration::measure(&scores, &settings)?;
        let turns = found.turns.into_iter();
        let matrices = turns.filter(|turn| !turn.probes.is_empty()).map(|turn| {
            ScoreMatrix::new(Direction::Distance, turn.probes, turn.enrolled, turn.scores)
        });
        let matrices = matrices.collect::<Result<Vec<_>, _>>()?;
        let calibration = calibration.with_searches(&matrices, &settings)?;
        Ok((calibration, threshold))
    }

    /// As many turns as there are other templates of a subject, and room for.
    fn of_gallery(catalog: &Catalog, gallery: &[u32], settings: &RefitSettings) -> Self {
        let templates = settings.templates.max(1) as usize;
        let images = gallery
            .iter()
            .map(|&subject| catalog.samples_of(subject).len());
        let compared = catalog.len().saturating_mul(gallery.len());
        let one = compared.saturating_mul(templates).max(1);
        let most = (images.max().unwrap_or(1) / templates).min(MOST_TURNS);
        let turns = most.min(MOST_SCORES / one).max(1);
        Self {
            comparisons: Vec::new(),
            templates,
            fusion: settings.fusion,
            turns: (0..turns).map(|_| Turn::default()).collect(),
            every: one.div_ceil(MOST_SCORES),
        }
    }

    /// The subjects of one fold's test.
    fn add(&mut self, folds: &Folds, case: &Case, gallery: &[u32]) -> Result<()> {
        let catalog = &folds.data.catalog;
        let tested = case.test.people(catalog);
        let probes: Vec<u32> = images_of(catalog, &tested);
        let templates = self.templates;
        let of_turn = |turn: usize, subjects: &[u32]| -> Vec<u32> {
            let of_subject = |&subject: &u32| templates_of(catalog, subject, templates, turn);
            subjects.iter().flat_map(of_subject).collect()
        };
        let mut images: Vec<u32> = (0..self.turns.len())
            .flat_map(|turn| of_turn(turn, gallery))
            .collect();
        images.extend(&probes);
        let embedded = Embedded::of(case, folds, images)?;
        if templates == 1 {
            let seed = case.model.recipe().seed;
            let pairs = TestPairs::every(catalog, &tested, seed, "out of fold")?.pairs;
            let comparison = |pair: Pair| Comparison {
                subjects: [pair.a, pair.b].map(|image| catalog.subject_of(image)),
                score: embedded.between(pair.a, pair.b),
            };
            self.comparisons.extend(pairs.iter().map(comparison));
        }
        let turns = self.turns.len();
        for (number, turn) in self.turns.iter_mut().enumerate() {
            if templates > 1 {
                let mut among_strangers = Turn::default();
                let enrolled = of_turn(number, &tested);
                let compared = probes.len() * enrolled.len() * turns;
                let every = compared.div_ceil(MOST_SCORES).max(1);
                among_strangers.add(catalog, &embedded, &probes, &enrolled, every);
                self.comparisons.extend(among_strangers.fused(self.fusion)?);
            }
            let enrolled = of_turn(number, gallery);
            turn.add(catalog, &embedded, &probes, &enrolled, self.every);
        }
        Ok(())
    }
}

impl Turn {
    /// Compares one in so many of the probes that are not enrolled with those that are.
    fn add(
        &mut self,
        catalog: &Catalog,
        embedded: &Embedded,
        probes: &[u32],
        enrolled: &[u32],
        every: usize,
    ) {
        self.enrolled = enrolled
            .iter()
            .map(|&image| catalog.subject_of(image))
            .collect();
        let others = probes
            .iter()
            .filter(|probe| enrolled.binary_search(probe).is_err());
        for &probe in others.step_by(every) {
            self.probes.push(catalog.subject_of(probe));
            let scores = enrolled.iter().map(|&image| embedded.between(probe, image));
            self.scores.extend(scores);
        }
    }

    /// Each probe compared once with each subject that is enrolled.
    fn fused(self, fusion: Fusion) -> Result<Vec<Comparison>> {
        if self.probes.is_empty() || self.enrolled.is_empty() {
            return Ok(Vec::new());
        }
        let matrix =
            ScoreMatrix::new(Direction::Distance, self.probes, self.enrolled, self.scores)?;
        Ok(matrix.fused(fusion)?.comparisons().collect())
    }
}

/// The images of a subject that are its templates in a turn, ascending; none for one who has fewer.
fn templates_of(catalog: &Catalog, subject: u32, templates: usize, turn: usize) -> Vec<u32> {
    let images = catalog.samples_of(subject);
    if images.len() < templates {
        return Vec::new();
    }
    let image =
        |template: usize| images.start + ((turn * templates + template) % images.len()) as u32;
    let mut own: Vec<u32> = (0..templates).map(image).collect();
    own.sort_unstable();
    own
}

/// The protocol, if it is a list by the name of its file: a model holds no paths.
fn without_path(protocol: &str) -> Result<String> {
    let parsed: Protocol = protocol.parse()?;
    let file = list_of(&parsed).and_then(Path::file_name);
    Ok(file.map_or_else(
        || protocol.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    ))
}

fn images_of(catalog: &Catalog, subjects: &[u32]) -> Vec<u32> {
    let images = subjects.iter().map(|&subject| catalog.samples_of(subject));
    images.flatten().collect()
}

/// Some images by one network.
struct Embedded {
    /// Ascending.
    images: Vec<u32>,
    /// `[images, d]`.
    embeddings: Array2<f32>,
    distance: Distance,
}

impl Embedded {
    fn of(case: &Case, folds: &Folds, mut images: Vec<u32>) -> Result<Self> {
        images.sort_unstable();
        images.dedup();
        let numbers: Vec<i64> = images.iter().map(|&image| i64::from(image)).collect();
        Ok(Self {
            embeddings: case.model.embeddings(&folds.images, &numbers)?,
            distance: case.model.recipe().distance(),
            images,
        })
    }

    fn between(&self, a: u32, b: u32) -> f32 {
        let row = |image: u32| {
            let place = self.images.partition_point(|&other| other < image);
            self.embeddings.row(place)
        };
        self.distance.of_vectors(row(a), row(b))
    }
}
