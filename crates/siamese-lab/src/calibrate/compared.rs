//! Which images are compared for a calibration, and how far they lie apart.

use pairgen::Catalog;
use siamese_net::{EmbeddingModel, ImageStack};
use verification_figures::{Comparison, Direction, Fusion, LabelledScores, ScoreMatrix};

use crate::embedded::{Embedded, Turns};
use crate::error::{CalibrateError, Result};

/// The images of the subjects of a calibration, by the model.
pub(super) struct Compared<'a> {
    catalog: &'a Catalog,
    subjects: &'a [u32],
    images: Vec<u32>,
    embedded: Embedded,
}

impl<'a> Compared<'a> {
    pub(super) fn new(
        model: &dyn EmbeddingModel,
        catalog: &'a Catalog,
        stack: &ImageStack,
        subjects: &'a [u32],
    ) -> Result<Self> {
        let images = subjects.iter().flat_map(|&s| catalog.samples_of(s));
        let images: Vec<u32> = images.collect();
        let forgeries = subjects.iter().flat_map(|&s| catalog.forgeries_of(s));
        let all = images.iter().copied().chain(forgeries).collect();
        Ok(Self {
            embedded: Embedded::of(model, stack, all)?,
            catalog,
            subjects,
            images,
        })
    }

    /// Every image compared with every other, or a sample of these where there are very many.
    pub(super) fn pairs(&self) -> Result<LabelledScores> {
        let pairs = self
            .embedded
            .pairs(self.catalog, self.subjects, "calibration")?;
        self.expect_both_kinds(LabelledScores::new(Direction::Distance, pairs)?)
    }

    /// The forgeries of these subjects, each compared with every genuine image, or with several templates in each turn.
    pub(super) fn skilled(&self, templates: usize, fusion: Fusion) -> Result<Vec<Comparison>> {
        let Self {
            catalog,
            subjects,
            embedded,
            ..
        } = self;
        if templates == 1 {
            return embedded.skilled_pairs(catalog, subjects);
        }
        let turns = Turns::new(catalog, subjects, templates, self.images.len());
        let of_turn = |turn: usize| {
            let templates = turns.templates(catalog, subjects, turn);
            embedded.skilled(catalog, subjects, &templates, fusion)
        };
        let turns: Vec<Vec<Comparison>> = (0..turns.count()).map(of_turn).collect::<Result<_>>()?;
        Ok(turns.concat())
    }

    /// Fails where there is nothing genuine or no impostor.
    pub(super) fn expect_both_kinds(&self, scores: LabelledScores) -> Result<LabelledScores> {
        let genuine = scores.comparisons().any(|c| c.subjects[0] == c.subjects[1]);
        let impostor = scores.comparisons().any(|c| c.subjects[0] != c.subjects[1]);
        let kind = match (genuine, impostor) {
            (true, true) => return Ok(scores),
            (false, _) => "genuine",
            (true, false) => "impostor",
        };
        let place = self.catalog.root().display().to_string();
        Err(CalibrateError::NoComparisons { kind, place }.into())
    }

    /// A search in each turn in which other images are the templates. All others are probes, or with very many one in so
    /// many of them.
    pub(super) fn searches(&self, templates: usize, fusion: Fusion) -> Result<Vec<ScoreMatrix>> {
        let turns = Turns::new(self.catalog, self.subjects, templates, self.images.len());
        let search = |turn: usize| {
            let templates = turns.templates(self.catalog, self.subjects, turn);
            let embedded = &self.embedded;
            embedded
                .search(
                    self.catalog,
                    &self.images,
                    &templates,
                    turns.every(),
                    fusion,
                )
                .matrix()
                .transpose()
        };
        (0..turns.count()).filter_map(search).collect()
    }
}
