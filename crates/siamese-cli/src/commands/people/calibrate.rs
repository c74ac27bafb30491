//! `siamese gallery calibrate`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use siamese_lab::model_file;
use siamese_use::gallery::{Place, Store};
use siamese_use::{Calibration, Embedder, Error, own_model, shortened};

use super::{fewest_and_most, now_ms, of_calibration};
use crate::args::CalibrationArgs;
use crate::output::Output;

#[derive(Serialize)]
struct Report {
    gallery: String,
    /// Of the gallery's scores; absent where it was taken away.
    calibration: Option<Calibration>,
}

pub(super) fn run(place: &Place, from: &CalibrationArgs, output: Output) -> Result<()> {
    let mut store = place.open()?;
    let generation = store.active_generation()?;
    let calibration = match (&from.model, &from.calibration) {
        (Some(model), _) => Some(of_model(place, &generation.made_for.contract, model)?),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let given: Calibration = serde_json::from_str(&text)
                .with_context(|| format!("{} is no calibration", file.display()))?;
            Some(own_model(&store)?.units().for_gallery(given)?)
        }
        (None, None) => None,
    };
    if let (Some(calibration), Some(model)) = (&calibration, &from.model)
        && calibration.fusion != generation.made_for.fusion
    {
        bail!(
            "the calibration in {} is for the fusion {:?}, and {} fuses by {:?}; to fuse as the model says, with the same \
             templates: siamese reembed --gallery {} --model {}",
            model.display(),
            calibration.fusion,
            place,
            generation.made_for.fusion,
            place,
            model.display()
        );
    }
    store.set_calibration(generation.number, calibration.as_ref(), now_ms())?;
    let people = store.people()?.len() as u64;
    let text = match &calibration {
        Some(calibration) => format!(
            "{} decides by a calibration on {} subjects ({}).",
            place, calibration.made.subjects, calibration.made.how
        ),
        None => format!("{} has no calibration any more.", place),
    };
    let templates = fewest_and_most(&store, generation.number)?;
    let said = calibration.as_ref().map_or_else(Vec::new, |now| {
        of_calibration(place, Some(now), people, templates)
    });
    let text = [vec![text], said].concat().join("\n");
    let report = Report {
        gallery: place.to_string(),
        calibration,
    };
    output.result(&report, &text)
}

/// The calibration in the file of the gallery's model.
fn of_model(place: &Place, contract: &str, model: &Path) -> Result<Calibration> {
    let file = model_file(model)?;
    let embedder = Embedder::load(&file)?;
    if embedder.contract().digest != contract {
        return Err(Error::OtherModel {
            path: place.shown(),
            expected: shortened(contract),
            model: model.display().to_string(),
            found: embedder.contract().to_string(),
        }
        .into());
    }
    match embedder.calibration() {
        Some(calibration) => Ok(calibration.clone()),
        None => bail!(
            "{} holds no calibration; measure one first: siamese calibrate {} --data DIR",
            file.display(),
            file.display()
        ),
    }
}
