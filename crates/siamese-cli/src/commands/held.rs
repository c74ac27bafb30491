//! What the folders of trainings hold before any is begun.

use anyhow::Result;
use siamese_lab::{Checksums, Experiment};

use super::jobs::Job;

/// Which other training a folder holds, in words; `None` where it holds this one, finished or not, or nothing.
pub(super) fn held_instead(
    job: &Job,
    experiment: &Experiment,
    checksums: &mut Checksums<'_>,
) -> Result<Option<&'static str>> {
    if job.is_of_another_recipe() {
        return Ok(Some(
            "of another recipe, or one that began with another model",
        ));
    }
    let Some(record) = job.record()? else {
        return Ok(None);
    };
    Ok(if record.pairs_sha256 != experiment.sha256() {
        Some("of people divided otherwise")
    } else if record.data_sha256 != of_job(job, checksums)? {
        Some("on other images")
    } else {
        None
    })
}

/// The fingerprint of the images as this training reads them.
fn of_job(job: &Job, checksums: &mut Checksums<'_>) -> Result<String> {
    let recipe = job.recipe()?;
    Ok(checksums.of(recipe.encoder.input[0], recipe.data.resize)?)
}
