//! What the folders of trainings hold before any is begun.

use anyhow::Result;
use siamese_model::{Device, ImageStack, ResizeSpec};

use super::jobs::Job;
use crate::data::Data;
use crate::experiment::Experiment;

/// Fingerprints of a data set's images as recipes read them; each is found once.
pub(super) struct Checksums<'a> {
    data: &'a Data,
    known: Vec<(ResizeSpec, String)>,
}

impl<'a> Checksums<'a> {
    pub(super) fn new(data: &'a Data) -> Self {
        let known = Vec::new();
        Self { data, known }
    }

    /// That of the images as this training reads them.
    pub(super) fn of(&mut self, job: &Job) -> Result<String> {
        let resize = job.recipe()?.data.resize;
        if let Some((_, sha256)) = self.known.iter().find(|(known, _)| *known == resize) {
            return Ok(sha256.clone());
        }
        let pixels = self.data.decode(resize)?;
        let stack = ImageStack::new(pixels.view(), Device::Cpu)?;
        self.known.push((resize, stack.sha256().to_owned()));
        Ok(stack.sha256().to_owned())
    }
}

/// Which other training a folder holds, in words; `None` where it holds this one, finished or not, or nothing.
pub(super) fn held_instead(
    job: &Job,
    experiment: &Experiment,
    checksums: &mut Checksums<'_>,
) -> Result<Option<&'static str>> {
    if job.is_of_another_recipe() {
        return Ok(Some("of another recipe"));
    }
    let Some(record) = job.record()? else {
        return Ok(None);
    };
    Ok(if record.pairs_sha256 != experiment.sha256() {
        Some("of people divided otherwise")
    } else if record.data_sha256 != checksums.of(job)? {
        Some("on other images")
    } else {
        None
    })
}
