//! A refit from its checks to its model file.

use std::sync::atomic::AtomicBool;

use serde::Serialize;
use siamese_model::Model;
use siamese_net::Threshold;
use verification_figures::Calibration;

use super::folds::Folds;
use super::out_of_fold::OutOfFold;
use super::recipe::of_everybody;
use super::settings::RefitSettings;
use crate::calibrate::expect_templates;
use crate::error::{Error, RefitError, Result};
use crate::jobs::{Job, Progress};
use crate::out::OutFile;
use crate::train::{Prepared, Start, TrainSettings};
use crate::watch::Watch;

/// A refit whose cross-validation is read and judged, and whose training is known to be possible.
pub struct Refit {
    settings: RefitSettings,
    document: RefitDocument,
    threshold: Option<Threshold>,
    prepared: Prepared,
}

/// A refit that is trained.
pub struct Refitted {
    settings: RefitSettings,
    document: RefitDocument,
    threshold: Option<Threshold>,
    model: Model,
}

/// The document of `siamese refit --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RefitDocument {
    /// The model file.
    pub model: String,
    /// The folder of the cross-validation.
    pub crossval: String,
    /// The recipe's name.
    pub recipe: String,
    /// The recipe's seed.
    pub seed: u64,
    /// Subjects that the model learnt from.
    pub subjects: usize,
    /// Their images.
    pub images: usize,
    /// What strangers can expect, from the folds.
    pub calibration: Calibration,
}

/// Trains the recipe of a finished cross-validation on all subjects, and writes the model with the calibration that the
/// folds' scores make; `None` where `stop` was set meanwhile: the same call goes on with what was done.
///
/// # Errors
/// Where the cross-validation is not finished, its images are gone or others, or the training fails.
pub fn refit(
    settings: &RefitSettings,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<Option<RefitDocument>, Error> {
    match Refit::new(settings, watch)?.train(stop, watch)? {
        Some(trained) => trained.save().map(Some),
        None => Ok(None),
    }
}

impl Refit {
    /// Reads the folds of the cross-validation, scores the subjects that each of them never saw, and takes the folder of
    /// the training, `refit` in that of the cross-validation.
    ///
    /// # Errors
    /// Where the cross-validation is not finished or no longer what it was, its images are gone or others, or something is
    /// in the way.
    pub fn new(settings: &RefitSettings, watch: &mut dyn Watch) -> Result<Self, Error> {
        expect_templates(settings.fusion, settings.templates)?;
        OutFile::Safetensors.expect_place(&settings.out, settings.replace, &[])?;
        let folds = Folds::read(settings, watch)?;
        let recipe = of_everybody(&folds.recipe, &folds.epochs_chosen());
        let (calibration, threshold) = OutOfFold::measure(&folds, settings)?;
        let document = RefitDocument {
            model: settings.out.display().to_string(),
            crossval: settings.crossval.display().to_string(),
            recipe: recipe.name.clone(),
            seed: recipe.seed,
            subjects: folds.data.catalog.subjects() as usize,
            images: folds.data.catalog.len(),
            calibration,
        };
        let mut job = Job::new(recipe.clone(), settings.crossval.join("refit"))?;
        job.init = folds.base;
        let start = match job.progress()? {
            Progress::Begun => Start::Resume,
            _ if job.is_of_another_recipe() && !settings.replace => {
                let folder = job.folder;
                return Err(RefitError::OtherTraining { folder }.into());
            }
            _ => Start::New(Box::new(recipe)),
        };
        let training = TrainSettings {
            init: job.init.filter(|_| start != Start::Resume),
            start,
            data: Some(folds.data.source),
            list: None,
            epochs: None,
            out: job.folder,
            replace: true,
            compute: settings.compute,
        };
        Ok(Self {
            settings: settings.clone(),
            document,
            threshold,
            prepared: Prepared::unjudged(&training, watch)?,
        })
    }

    /// Trains on everybody; `None` where `stop` was set meanwhile: a new [`Refit`] goes on with what was done.
    ///
    /// # Errors
    /// Where the training fails, or something cannot be written.
    pub fn train(
        self,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<Option<Refitted>, Error> {
        let Some(trained) = self.prepared.train(stop, watch)? else {
            return Ok(None);
        };
        Ok(Some(Refitted {
            settings: self.settings,
            document: self.document,
            threshold: self.threshold,
            model: trained.unjudged()?,
        }))
    }
}

impl Refitted {
    /// Writes the model file, with the calibration.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn save(mut self) -> Result<RefitDocument, Error> {
        self.model.calibration = Some(self.document.calibration.clone());
        if self.model.recipe.decision.threshold.is_none() {
            self.model.threshold = self.threshold;
        }
        self.model.save(&self.settings.out)?;
        Ok(self.document)
    }
}
