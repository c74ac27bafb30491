//! Folders that hold another training than the one to come.

use super::job::Job;
use crate::data::Checksums;
use crate::error::Result;
use crate::experiment::Experiment;

/// What other training a folder holds, in words. `None` if it holds this one, finished or not, or nothing.
pub(crate) fn other_training(
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
        Some("with the subjects divided in another way")
    } else if record.data_sha256 != checksums.of_recipe(&job.recipe()?)? {
        Some("on other images")
    } else {
        None
    })
}
