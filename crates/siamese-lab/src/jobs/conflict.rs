//! Folders that hold another training than the one to come.

use super::job::{Job, Progress};
use crate::data::Checksums;
use crate::error::Result;
use crate::experiment::Experiment;
use crate::judge::RunRecord;

const OTHER_DIVISION: &str = "with the subjects divided in another way";

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
    let record = match job.progress()? {
        Progress::Finished => RunRecord::read(&job.folder)?,
        Progress::Begun => return Ok(job.is_of_another_list().then_some(OTHER_DIVISION)),
        Progress::Nothing => return Ok(None),
    };
    Ok(if record.pairs_sha256 != experiment.sha256() {
        Some(OTHER_DIVISION)
    } else if record.data_sha256 != checksums.of_recipe(job.recipe())? {
        Some("on other images")
    } else {
        None
    })
}
