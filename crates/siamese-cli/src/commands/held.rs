//! What the folders of trainings hold before any is begun.

use anyhow::Result;
use siamese_model::{Device, ResizeSpec};

use super::jobs::Job;
use crate::data::{Data, load};
use crate::experiment::Experiment;

/// Fingerprints of a data set's images as recipes read them; each is found once.
pub(super) struct Checksums<'a> {
    data: &'a Data,
    /// By the channels and the size that are asked for.
    known: Vec<(usize, ResizeSpec, String)>,
}

impl<'a> Checksums<'a> {
    pub(super) fn new(data: &'a Data) -> Self {
        let known = Vec::new();
        Self { data, known }
    }

    /// Takes note of one that is known already.
    pub(super) fn know(&mut self, channels: usize, resize: ResizeSpec, sha256: &str) {
        self.known.push((channels, resize, sha256.to_owned()));
    }

    /// That of the images of so many channels as files become pixels by `resize`.
    pub(super) fn of(&mut self, channels: usize, resize: ResizeSpec) -> Result<String> {
        let mut known = self.known.iter();
        if let Some((.., sha256)) = known.find(|known| (known.0, known.1) == (channels, resize)) {
            return Ok(sha256.clone());
        }
        let stack = load(
            self.data.catalog.paths(),
            channels,
            resize,
            Device::Cpu,
            self.data.memory.bytes(),
        )?
        .stack;
        let sha256 = stack.sha256().to_owned();
        self.known.push((channels, resize, sha256.clone()));
        Ok(sha256)
    }
}

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
    checksums.of(recipe.encoder.input[0], recipe.data.resize)
}
