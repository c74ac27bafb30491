//! A trained network and what judges it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::{JudgeError, Result};
use pairgen::{Catalog, PairSet};
use siamese_net::{EmbeddingModel, EpochRecord, ImageStack, Keep, Threshold};

use super::comparisons::Scored;
use super::figures::Figures;
use super::impostors::impostors;
use crate::experiment::Experiment;
use crate::experiment::TestPairs;
use crate::run::HistoryLine;

/// A data set as it is judged on.
#[derive(Clone, Copy)]
pub struct Images<'a> {
    /// Who is in which image.
    pub catalog: &'a Catalog,
    /// The pixels.
    pub stack: &'a ImageStack,
}

/// A trained network and what judges it.
pub struct Case {
    /// The fold of the protocol, counted from 0.
    pub fold: usize,
    /// The network, whatever computes it.
    pub model: Box<dyn EmbeddingModel>,
    /// Distance below which two images are called genuine.
    pub threshold: f64,
    /// How it was found.
    pub threshold_source: String,
    /// What is compared.
    pub test: TestPairs,
    /// Who was trained on, where these are the images of the training.
    pub training: Option<Training>,
    /// One for each network that was trained; none where the run's history is damaged.
    pub(super) histories: Vec<History>,
    /// Those of [`Case::distances`], once they were asked for.
    distances: OnceCell<Vec<f32>>,
}

/// The training of a network.
pub(super) struct History {
    /// Which of several, counted from 1.
    pub(super) network: Option<usize>,
    pub(super) epochs: Vec<EpochRecord>,
}

/// Who a network was trained on.
pub struct Training {
    /// Learnt from or watched while learning; ascending.
    pub people: Vec<u32>,
    /// The pairs that watched.
    pub validation: PairSet,
    /// Whether the people of the validation pairs were learnt from, too.
    pub validation_seen: bool,
}

impl Case {
    /// A model with what judges it, decided by its own threshold.
    ///
    /// # Errors
    /// Where the model holds no threshold.
    pub fn new(
        model: Box<dyn EmbeddingModel>,
        test: TestPairs,
        training: Option<Training>,
        history: Vec<HistoryLine>,
    ) -> Result<Self> {
        let Some(threshold) = model.threshold().cloned() else {
            return Err(JudgeError::NoThreshold.into());
        };
        Ok(Self::decided_by(threshold, model, test, training, history))
    }

    /// A model with what judges it, decided by another threshold than its own.
    pub fn decided_by(
        threshold: Threshold,
        model: Box<dyn EmbeddingModel>,
        test: TestPairs,
        training: Option<Training>,
        history: Vec<HistoryLine>,
    ) -> Self {
        Self {
            fold: model.recipe().protocol.fold,
            model,
            threshold: threshold.value,
            threshold_source: threshold.source,
            test,
            training,
            histories: History::of_each(history),
            distances: OnceCell::new(),
        }
    }

    /// The epochs whose weights its networks have.
    pub fn epochs_chosen(&self) -> Vec<u32> {
        if self.histories.is_empty() {
            return vec![self.model.provenance().epoch];
        }
        let keep = self.model.recipe().train.keep;
        let each = self.histories.iter();
        each.filter_map(|history| history.chosen(keep)).collect()
    }

    /// What a training of one of so many cases is called: nothing, where there is no other.
    pub(super) fn name_of(&self, history: &History, cases: usize) -> String {
        let fold = (cases > 1).then(|| format!("fold {}", self.fold));
        let network = history.network.map(|number| format!("network {number}"));
        let parts: Vec<String> = fold.into_iter().chain(network).collect();
        parts.join(", ")
    }

    /// Whether the network was trained here, and is no program used as it came.
    pub fn is_trained(&self) -> bool {
        self.model.provenance().epoch > 0
    }

    /// The distance of every pair of images of the test. The images are embedded once.
    ///
    /// # Errors
    /// Where an image cannot be read, or the computation fails.
    pub fn distances(&self, images: Images<'_>) -> Result<&[f32]> {
        if let Some(found) = self.distances.get() {
            return Ok(found);
        }
        let found = distances(&*self.model, images, &self.test.pairs)?;
        Ok(self.distances.get_or_init(|| found))
    }

    /// The distance of every comparison of the test.
    ///
    /// # Errors
    /// As [`Self::distances`].
    pub fn compared(&self, images: Images<'_>) -> Result<Vec<f32>> {
        Ok(self.test.combine(self.distances(images)?.to_vec()))
    }

    /// The figures of the test.
    ///
    /// # Errors
    /// As [`Self::distances`], and where a distance is no number.
    pub fn figures(&self, images: Images<'_>) -> Result<Figures> {
        self.figures_with(images, None)
    }

    /// The same with so many references of each subject, where there are forgeries.
    ///
    /// # Errors
    /// As [`Self::figures`].
    pub fn figures_with(&self, images: Images<'_>, references: Option<usize>) -> Result<Figures> {
        let distances = self.compared(images)?;
        let fold = Scored {
            test: &self.test,
            distances: &distances,
            threshold: self.threshold,
        };
        let mut figures = Figures::new(
            images.catalog,
            &[fold],
            &self.test.what,
            &self.threshold_source,
            self.model.recipe().seed,
        )?;
        figures.impostors = impostors(images, std::slice::from_ref(self), references)?;
        Ok(figures)
    }
}

impl History {
    /// From the lines of networks that were trained side by side.
    fn of_each(lines: Vec<HistoryLine>) -> Vec<Self> {
        let mut by_network = BTreeMap::<Option<usize>, Vec<EpochRecord>>::new();
        for line in lines {
            by_network
                .entry(line.network)
                .or_default()
                .push(line.record);
        }
        let each = by_network.into_iter();
        each.map(|(network, epochs)| Self { network, epochs })
            .collect()
    }

    /// The epoch whose weights became the model.
    pub(super) fn chosen(&self, keep: Keep) -> Option<u32> {
        let best = self.epochs.iter().rfind(|record| record.best);
        let chosen = match keep {
            Keep::Best => best.or(self.epochs.last()),
            Keep::Last => self.epochs.last(),
        };
        chosen.map(|record| record.epoch)
    }
}

impl Training {
    /// Whom an experiment trains on.
    pub fn of(experiment: &Experiment, catalog: &Catalog) -> Self {
        let people =
            |numbers| crate::experiment::people(catalog, &experiment.pairs.select(numbers));
        let fit = experiment.people.iter().copied().collect::<BTreeSet<_>>();
        let validation = people(&experiment.validation);
        Self {
            validation_seen: !fit.is_disjoint(&validation),
            people: fit.union(&validation).copied().collect(),
            validation: experiment.pairs.select(&experiment.validation),
        }
    }
}

/// The distance of every pair; each distinct image is embedded once.
///
/// # Errors
/// Where an image cannot be read, or the computation fails or gives too few distances or too many.
pub(super) fn distances(
    model: &dyn EmbeddingModel,
    images: Images<'_>,
    pairs: &PairSet,
) -> Result<Vec<f32>> {
    let found = model.distances(images.stack, pairs.a(), pairs.b())?;
    expect_each("pairs", pairs.len(), found.len())?;
    Ok(found)
}

/// Fails where an engine gives another number of results than it was asked for.
pub(super) fn expect_each(of: &'static str, asked: usize, found: usize) -> Result<()> {
    match found == asked {
        true => Ok(()),
        false => Err(JudgeError::Results { of, asked, found }.into()),
    }
}
