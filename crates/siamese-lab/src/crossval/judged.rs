//! A finished cross-validation, read back and judged.

use std::path::Path;

use siamese_net::{EmbeddingModel, Recipe};
use siamese_report::Report;

use super::record::{CrossvalRecord, PooledFigures, fold_name};
use crate::data::Data;
use crate::duplicates::said_of;
use crate::error::{Error, JobError, Result, Within};
use crate::judge::{
    Beside, Figures, Images, ReportContext, RunRecord, Scored, impostors, read_case, run_report,
};
use crate::spread::Spread;
use crate::watch::Watch;

/// A finished cross-validation, judged.
#[derive(Debug)]
#[non_exhaustive]
pub struct JudgedCrossval {
    /// What its page shows.
    pub report: Report,
    /// What becomes of the record's figures.
    pub figures: PooledFigures,
    /// What each fold's run says of itself.
    pub records: Vec<RunRecord>,
}

/// What the trainings of all folds have in common.
fn of_all_folds(recipe: &Recipe) -> Recipe {
    let mut recipe = recipe.portable();
    recipe.protocol.fold = 0;
    recipe
}

/// What each fold's run says of itself, and its model; at least one. `open` reads a model file for whatever computes it.
pub(crate) fn trained_folds(
    out: &Path,
    record: &CrossvalRecord,
    open: impl Fn(&Path) -> Result<Box<dyn EmbeddingModel>, Error>,
) -> Result<Vec<(RunRecord, Box<dyn EmbeddingModel>)>> {
    let mut trained: Vec<(RunRecord, Box<dyn EmbeddingModel>)> = Vec::new();
    for fold in 0..record.folds {
        let folder = out.join(fold_name(fold));
        let found = RunRecord::read(&folder).within(|| {
            format!("fold {fold} is not trained yet: run the same siamese crossval again to go on")
        })?;
        if (&found.recipe, found.seed, &found.protocol, found.fold)
            != (&record.recipe, record.seed, &record.protocol, fold)
        {
            return Err(JobError::OtherFold {
                folder,
                fold: found.fold,
                recipe: found.recipe,
                protocol: found.protocol,
                seed: found.seed,
            }
            .into());
        }
        let model = open(&folder.join("model.safetensors"))?;
        // The recipe's file may have been edited while the folds were trained.
        if let Some((_, first)) = trained.first()
            && of_all_folds(model.recipe()) != of_all_folds(first.recipe())
        {
            return Err(JobError::OtherRecipe {
                folder,
                first: out.join(fold_name(0)),
            }
            .into());
        }
        trained.push((found, model));
    }
    match trained.is_empty() {
        true => Err(JobError::Empty.into()),
        false => Ok(trained),
    }
}

/// Reads the trainings of a finished cross-validation back and judges them together, on libtorch.
///
/// # Errors
/// As [`judge_crossval`].
#[cfg(feature = "train")]
pub fn read_crossval(
    out: &Path,
    record: &CrossvalRecord,
    data: &Data,
    device: siamese_model::Device,
    watch: &mut dyn Watch,
) -> Result<JudgedCrossval, Error> {
    let open = |path: &Path| -> Result<Box<dyn EmbeddingModel>> {
        Ok(Box::new(siamese_model::Model::load(path, device)?))
    };
    judge_crossval(out, record, data, open, watch)
}

/// Reads the trainings of a finished cross-validation back and judges them together. `open` reads a model file for
/// whatever computes it.
///
/// # Errors
/// Where a fold is not trained, was trained by another recipe or on other images, or cannot be judged.
pub fn judge_crossval(
    out: &Path,
    record: &CrossvalRecord,
    data: &Data,
    open: impl Fn(&Path) -> Result<Box<dyn EmbeddingModel>, Error>,
    watch: &mut dyn Watch,
) -> Result<JudgedCrossval, Error> {
    let trained = trained_folds(out, record, open)?;
    let (records, models): (Vec<_>, Vec<_>) = trained.into_iter().unzip();
    let first = &models[0];
    let stack = data.load(first.recipe())?.after_saying(watch);
    let images = Images {
        catalog: &data.catalog,
        stack: &stack,
    };
    let cases = models
        .into_iter()
        .enumerate()
        .map(|(fold, model)| read_case(&out.join(fold_name(fold)), &records[fold], model, images))
        .collect::<Result<Vec<_>>>()?;
    let distances = cases
        .iter()
        .map(|case| case.compared(images))
        .collect::<Result<Vec<_>>>()?;
    let folds: Vec<Scored<'_>> = cases
        .iter()
        .zip(&distances)
        .map(|(case, distances)| Scored {
            test: &case.test,
            distances,
            threshold: case.threshold,
        })
        .collect();
    let spread = |figure: fn(&Figures) -> Option<f64>| {
        let values: Option<Vec<f64>> = records
            .iter()
            .map(|record| figure(&record.figures))
            .collect();
        values.and_then(|values| Spread::of(&values))
    };
    let mut figures = PooledFigures {
        pooled: Figures::new(
            images.catalog,
            &folds,
            &format!("{}: {} folds pooled", record.protocol, record.folds),
            &cases[0].threshold_source,
            record.seed,
        )?,
        eer: spread(|figures| figures.eer),
        auc: spread(|figures| figures.auc),
        accuracy: spread(|figures| figures.accuracy),
        balanced_accuracy: spread(|figures| figures.balanced_accuracy),
    };
    figures.pooled.impostors = impostors(images, &cases, record.enrol)?;
    let context = ReportContext {
        said: said_of(data, &stack)?,
        unread: Some(data.unread()),
        required: record.required,
        enrol: record.enrol,
        episodes: record.episodes,
    };
    let report = run_report(images, &cases, &records, context, Beside::Everything)?;
    Ok(JudgedCrossval {
        report,
        figures,
        records,
    })
}
