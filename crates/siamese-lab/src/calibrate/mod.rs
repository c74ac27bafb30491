//! Which thresholds a model has on subjects that it did not learn from.

mod compared;
mod groups;
mod scores;
mod settings;
pub(crate) mod skilled;
mod strangers;
mod table;

pub use settings::{CalibrateFrom, CalibrateSettings};
pub use strangers::Checked;

use std::path::{Path, PathBuf};

#[cfg(feature = "train")]
use siamese_net::ImageStack;
use siamese_net::{EmbeddingModel, ModelFile};
use verification_figures::{
    Calibration, CalibrationSettings, Comparison, LabelledScores, ScoreMatrix,
    smallest_supported_rate,
};

use crate::data::{Data, DataSource};
use crate::duplicates::RepeatedPictures;
use crate::error::{CalibrateError, Error, Result};
use crate::note::Note;
use crate::run::model_file;
use crate::watch::Watch;
use compared::Compared;

/// A calibration that was measured, and is in no file yet.
#[derive(Debug)]
#[non_exhaustive]
pub struct Calibrated {
    /// What was measured.
    pub calibration: Calibration,
    /// How it was made sure that the model has not learnt from the images.
    pub checked: Checked,
    /// Where the model was read from.
    pub path: PathBuf,
    /// The model as it was.
    pub file: ModelFile,
}

impl Calibrated {
    /// Writes the model with the calibration, whole or not at all: the same weights under the same contract. A TorchScript
    /// program that it runs is not copied.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        Ok(self.file.write_calibrated(path, Some(&self.calibration))?)
    }
}

/// Measures which thresholds a model has on subjects that it did not learn from. Nothing is written.
///
/// On images every image is compared with every other, and searched for among one image of each subject, in several turns.
/// With several templates each image is compared with the templates of each subject, fused. Where there are forgeries, the
/// thresholds are those against them, and a group tells what they do to random impostors.
///
/// # Errors
/// Where the model or what it is calibrated on cannot be read; [`CalibrateError`] where the model has learnt from some of the
/// images, or the comparisons show too little.
pub fn calibrate(settings: &CalibrateSettings, watch: &mut dyn Watch) -> Result<Calibrated, Error> {
    expect_templates(settings.fusion, settings.templates)?;
    let path = model_file(&settings.model)?;
    let file = ModelFile::read(&path)?;
    let (calibration, checked) = match &settings.from {
        CalibrateFrom::Scores(list) => (of_scores(settings, list)?, Checked::NotChecked),
        CalibrateFrom::Images { data, training } => {
            let model = settings.compute.open_fastest(&path)?;
            of_images(settings, &*model, &file, data, training.as_deref(), watch)?
        }
    };
    Ok(Calibrated {
        calibration,
        checked,
        path,
        file,
    })
}

fn of_scores(settings: &CalibrateSettings, list: &Path) -> Result<Calibration> {
    let (scores, groups) = scores::read(list, settings.group.as_deref())?;
    measured(
        &scores,
        Vec::new(),
        groups,
        &how(settings, format!("scores in {}", name(list))),
    )
}

fn of_images(
    settings: &CalibrateSettings,
    model: &dyn EmbeddingModel,
    file: &ModelFile,
    source: &DataSource,
    training: Option<&Path>,
    watch: &mut dyn Watch,
) -> Result<(Calibration, Checked)> {
    let (data, groups) = match &settings.group {
        Some(column) => {
            let (data, groups) = groups::read(source, column)?;
            (data, Some(groups))
        }
        None => (Data::find(source.clone())?, None),
    };
    let data = data.within(settings.compute.memory);
    let stack = data.load(model.recipe())?.after_saying(watch);
    let repeated = RepeatedPictures::find(&data, &stack)?;
    repeated.expect_none_shared(&data)?;
    let said = data.said().into_iter().chain(repeated.remarks());
    said.for_each(|said| watch.note(&Note::OfData(said)));
    let known = file.card.fingerprints.as_ref();
    let checked =
        strangers::expect_strangers(&data.catalog, &stack, known, &data.source, training)?;
    let everyone = data.catalog.all_subjects();
    let compared = Compared::new(model, &data.catalog, &stack, &everyone)?;
    let how = how(settings, format!("images in {}", name(&source.path)));
    let searches = compared.searches(settings.templates.max(1) as usize, settings.fusion)?;
    let scores = match settings.templates {
        0 | 1 => compared.pairs()?,
        _ => {
            let turns = searches.iter().map(|turn| turn.fused(settings.fusion));
            let turns = turns.collect::<Result<Vec<_>, _>>()?;
            compared.expect_both_kinds(LabelledScores::pooled(&turns)?)?
        }
    };
    let groups = groups.map_or_else(|| Ok(Vec::new()), |groups| groups.within(&scores))?;
    let skilled = compared.skilled(settings.templates.max(1) as usize, settings.fusion)?;
    let calibration = measured(&scores, skilled, groups, &how)?;
    Ok((searched(calibration, &searches, &how)?, checked))
}

/// Refuses what no fusion can be made of.
pub(crate) fn expect_templates(fusion: verification_figures::Fusion, templates: u32) -> Result<()> {
    match fusion == verification_figures::Fusion::Relative && templates < 2 {
        true => Err(CalibrateError::OneTemplate.into()),
        false => Ok(()),
    }
}

/// The same with searches, where there are enough subjects to be searched among.
fn searched(
    calibration: Calibration,
    searches: &[ScoreMatrix],
    how: &CalibrationSettings,
) -> Result<Calibration> {
    use verification_figures::Error::{Empty, Undefined};
    match calibration.clone().with_searches(searches, how) {
        Err(Empty | Undefined { .. }) => Ok(calibration),
        searched => Ok(searched?),
    }
}

/// The last part of a path, which says where a calibration is from and not where on this machine.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn how(settings: &CalibrateSettings, how: String) -> CalibrationSettings {
    CalibrationSettings::new(how)
        .with_templates(settings.templates.max(1), settings.fusion)
        .with_more_fmr(settings.more_fmr.clone())
}

fn measured(
    scores: &LabelledScores,
    skilled: Vec<Comparison>,
    groups: Vec<(String, LabelledScores)>,
    how: &CalibrationSettings,
) -> Result<Calibration> {
    let forged = skilled::are_enough(&skilled);
    let hard = match forged {
        true => Some(skilled::against(scores, &skilled)?),
        false => None,
    };
    for &asked in &how.more_fmr {
        expect_shown(hard.as_ref().unwrap_or(scores), asked, forged)?;
    }
    let calibration = skilled::measure(scores, &skilled, how)?;
    let with_group = |calibration: Calibration, (name, scores): &(String, LabelledScores)| {
        calibration.with_group(name, scores)
    };
    Ok(groups.iter().try_fold(calibration, with_group)?)
}

/// Fails with the number of subjects that it would take where the comparisons do not show a rate.
fn expect_shown(scores: &LabelledScores, asked: f64, forged: bool) -> Result<(), CalibrateError> {
    let subjects = scores.subjects().len() as u64;
    let impostors = scores
        .comparisons()
        .filter(|c| c.subjects[0] != c.subjects[1]);
    let impostor = impostors.count() as u64;
    let smallest = smallest_supported_rate(impostor);
    if asked >= smallest || asked <= 0.0 {
        return Ok(());
    }
    let n = subjects as f64;
    let needed = match forged {
        // Forgeries grow with the number of subjects, pairs of subjects with its square, n (n - 1).
        true => (n * smallest / asked).ceil(),
        false => (0.5 + (0.25 + n * (n - 1.0) * smallest / asked).sqrt()).ceil(),
    };
    Err(CalibrateError::TooFew {
        asked,
        smallest,
        impostor,
        subjects,
        needed: needed as u64,
        firm: (3.0 / asked).ceil() as u64,
    })
}

/// A calibration of a model on some of the images of a stack, those of these subjects: every image compared with every
/// other, and searched for. Nothing where the comparisons do not show an FMR of 10 %.
///
/// # Errors
/// Where an image cannot be read, or a distance is no number.
#[cfg(feature = "train")]
pub(crate) fn calibration_of(
    model: &dyn EmbeddingModel,
    stack: &ImageStack,
    catalog: &pairgen::Catalog,
    subjects: &[u32],
    how: String,
) -> Result<Option<Calibration>> {
    if subjects.len() < 2 {
        return Ok(None);
    }
    let compared = Compared::new(model, catalog, stack, subjects)?;
    let how = CalibrationSettings::new(how);
    let scores = match compared.pairs() {
        Err(Error::Calibrate(CalibrateError::NoComparisons { .. })) => return Ok(None),
        scores => scores?,
    };
    let skilled = compared.skilled(1, verification_figures::Fusion::Best)?;
    let calibration = match skilled::measure(&scores, &skilled, &how) {
        Err(Error::Figures(verification_figures::Error::Unsupported { .. })) => return Ok(None),
        calibration => calibration?,
    };
    searched(
        calibration,
        &compared.searches(1, verification_figures::Fusion::Best)?,
        &how,
    )
    .map(Some)
}
