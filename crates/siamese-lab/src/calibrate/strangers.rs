//! Whether a model knows the images that it is to be calibrated on.

use std::path::Path;

use pairgen::Catalog;
use serde::Serialize;
use siamese_net::{Fingerprints, ImageStack};

use crate::data::DataSource;
use crate::error::{CalibrateError, Result};
use crate::leak::{LeakImages, LeakReading, Leaks};

/// How it was made sure that the model has not learnt from the images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Checked {
    /// By the fingerprints in the model file, of equal pixels.
    Fingerprints,
    /// By the training images, of equal and nearly equal pictures.
    TrainingImages,
    /// By both.
    Both,
    /// Not at all: the model file holds no fingerprints, and no training images were given.
    NotChecked,
}

/// Images looked at together.
const AT_ONCE: u32 = 256;

/// Fails where the model has learnt from some of the images.
///
/// # Errors
/// [`CalibrateError::Known`] and [`CalibrateError::SharedPictures`].
pub(super) fn expect_strangers(
    catalog: &Catalog,
    stack: &ImageStack,
    fingerprints: Option<&Fingerprints>,
    source: &DataSource,
    training: Option<&Path>,
) -> Result<Checked> {
    if let Some(fingerprints) = fingerprints {
        expect_unknown(catalog, stack, fingerprints)?;
    }
    if let Some(training) = training {
        expect_other_pictures(source, training)?;
    }
    Ok(match (fingerprints, training) {
        (Some(_), Some(_)) => Checked::Both,
        (Some(_), None) => Checked::Fingerprints,
        (None, Some(_)) => Checked::TrainingImages,
        (None, None) => Checked::NotChecked,
    })
}

fn expect_unknown(catalog: &Catalog, stack: &ImageStack, known: &Fingerprints) -> Result<()> {
    let size: usize = stack.shape().iter().product();
    let all = stack.len() as u32;
    let stack = stack.ahead(|| 0..all);
    let (mut images, mut subjects) = (0, Vec::new());
    for first in (0..all).step_by(AT_ONCE as usize) {
        let numbers = first..all.min(first + AT_ONCE);
        let wanted: Vec<i64> = numbers.clone().map(i64::from).collect();
        let bytes = stack.bytes(&wanted)?;
        for (number, pixels) in numbers.zip(bytes.chunks_exact(size)) {
            if known.holds(pixels) {
                images += 1;
                subjects.push(catalog.subject_of(number));
            }
        }
    }
    subjects.sort_unstable();
    subjects.dedup();
    match images {
        0 => Ok(()),
        _ => Err(CalibrateError::Known {
            subjects: subjects
                .into_iter()
                .map(|subject| catalog.subject_name(subject).to_owned())
                .collect(),
            images,
            all: catalog.subjects() as usize,
        }
        .into()),
    }
}

fn expect_other_pictures(source: &DataSource, training: &Path) -> Result<()> {
    let reading = LeakReading {
        scan: source.scan_options(),
        limits: source.limits(),
        skip_bad: source.skip_bad,
    };
    let found = Leaks::between(
        &source.path,
        training,
        LeakImages::Below([None, None]),
        &reading,
    )?;
    if let Some(failure) = found.failure {
        return Err(failure);
    }
    match found.same_pictures.as_deref() {
        None => Err(CalibrateError::NoTrainingPictures {
            training: training.to_owned(),
        }
        .into()),
        Some([first, ..]) => Err(CalibrateError::SharedPictures {
            training: training.to_owned(),
            pictures: found.same_pictures.as_ref().map_or(0, Vec::len),
            example: first.to_string(),
        }
        .into()),
        _ => Ok(()),
    }
}
