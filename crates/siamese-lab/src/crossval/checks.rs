//! What would make a cross-validation fail later.

use std::path::{Path, PathBuf};

use pairgen::{PairKind, Protocol};
use siamese_model::Device;

use super::record::{CrossvalRecord, fold_name};
use crate::begin::Base;
use crate::data::{Checksums, Data};
use crate::error::{JobError, Result, Within};
use crate::experiment::Experiment;
use crate::jobs::{Job, other_training};
use crate::note::Note;
use crate::run::model_file;
use crate::watch::Watch;

/// The model file that a fold begins with, given a model or the folder of a cross-validation.
pub(super) fn of_fold(path: &Path, fold: usize) -> Result<PathBuf> {
    if CrossvalRecord::path(path).exists() {
        return model_file(&path.join(fold_name(fold)));
    }
    model_file(path)
}

/// Fails before any fold is trained where one cannot begin with its model.
pub(super) fn expect_bases(
    jobs: &[Job],
    experiments: &[Experiment],
    data: &Data,
    watch: &mut dyn Watch,
) -> Result<()> {
    let mut sums = Checksums::new(data);
    let mut notes = Vec::new();
    for (fold, (job, experiment)) in jobs.iter().zip(experiments).enumerate() {
        let Some(path) = &job.init else { continue };
        let mut check = || -> Result<Vec<Note>> {
            let base = Base::read(path, Device::Cpu)?;
            let misfit = base.expect_fit(&job.recipe().members()?)?;
            let known = base.expect_strangers(data, experiment, &mut sums)?;
            Ok(misfit.into_iter().chain(known).collect())
        };
        for note in check().within(|| format!("fold {fold}"))? {
            // Of several folds that begin with one model, each would say the same.
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes.iter().for_each(|note| watch.note(note));
    Ok(())
}

/// Refuses folders that hold another training than the one to come: finished ones are not trained again.
pub(super) fn refuse_others(jobs: &[Job], experiments: &[Experiment], data: &Data) -> Result<()> {
    let mut checksums = Checksums::new(data);
    for (job, experiment) in jobs.iter().zip(experiments) {
        if let Some(other) = other_training(job, experiment, &mut checksums)? {
            return Err(JobError::Other {
                folder: job.folder.clone(),
                other,
            }
            .into());
        }
    }
    Ok(())
}

/// Fails where no fold has comparisons of a kind.
pub(super) fn expect_comparisons(protocol: &Protocol, experiments: &[Experiment]) -> Result<()> {
    for (kind, what) in [
        (PairKind::Genuine, "two images of one subject"),
        (PairKind::Impostor, "images of two subjects"),
    ] {
        let none = |experiment: &Experiment| experiment.test.count(kind) == 0;
        if experiments.iter().all(none) {
            return Err(JobError::NothingToCompare {
                protocol: protocol.to_string(),
                what,
            }
            .into());
        }
    }
    Ok(())
}
