//! `siamese calibrate`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;
use siamese_lab::{
    CalibrateFrom, CalibrateSettings, Calibrated, Checked, Compute, OutFile, calibrate, model_file,
};
use siamese_net::Calibration;

use super::calibrated::calibration_text;
use crate::args::CalibrateArgs;
use crate::output::Output;
use crate::target::Target;
use crate::terminal::Terminal;

#[derive(Serialize)]
struct Report<'a> {
    /// The file that holds the calibration now.
    model: String,
    /// How it was made sure that the model has not learnt from the images.
    checked: Checked,
    calibration: &'a Calibration,
    /// That of the model before, where it had one.
    replaced: Option<&'a Calibration>,
}

pub(crate) fn run(args: &CalibrateArgs, output: Output) -> Result<()> {
    let model = model_file(&args.model)?;
    let out = args.out.as_deref().unwrap_or(&model);
    if args.out.is_some() {
        let target = Target(out);
        if target.is_standard_output() {
            bail!("--out needs a file: the model is written beside it first, and then renamed");
        }
        target.expect_place(OutFile::Safetensors, args.force, &[&model], output)?;
    }
    let calibrated = calibrate(&settings(args), &mut Terminal::new(output))?;
    expect_program_beside(&calibrated, out)?;
    calibrated.write(out)?;
    let report = Report {
        model: out.display().to_string(),
        checked: calibrated.checked,
        calibration: &calibrated.calibration,
        replaced: calibrated.file.card.calibration.as_ref(),
    };
    output.result(&report, &text(&report))
}

fn settings(args: &CalibrateArgs) -> CalibrateSettings {
    let from = match (args.source(), &args.scores) {
        (Some(data), _) => CalibrateFrom::Images {
            data,
            training: args.training_data.clone(),
        },
        // The command line has one of the two.
        (None, scores) => CalibrateFrom::Scores(scores.clone().unwrap_or_default()),
    };
    let mut settings = CalibrateSettings::new(&args.model, from);
    settings.group.clone_from(&args.group);
    settings.more_fmr = args.fmr.iter().map(|rate| rate.0).collect();
    settings.templates = args.templates.templates;
    settings.fusion = args.templates.fusion;
    settings.compute = Compute::from(&args.compute);
    settings
}

/// A program (TorchScript or ONNX) lies beside the model that runs it, unless it is in the model's file.
fn expect_program_beside(calibrated: &Calibrated, out: &Path) -> Result<()> {
    let folder = |path: &Path| {
        path.parent()
            .map(PathBuf::from)
            .and_then(|p| p.canonicalize().ok())
    };
    let beside = calibrated.file.card.recipe.has_programs() && !calibrated.file.holds_networks();
    if beside && folder(out) != folder(&calibrated.path) {
        bail!(
            "the model runs a program that lies beside it: let --out name a file in the same folder"
        );
    }
    Ok(())
}

fn text(report: &Report<'_>) -> String {
    let checked = match report.checked {
        Checked::Fingerprints => "No image of theirs is one that the model has learnt from.",
        Checked::TrainingImages => {
            "No picture of theirs is nearly equal to one of the training images."
        }
        Checked::Both => {
            "No image of theirs is one that the model has learnt from, and none is nearly equal to a training image."
        }
        _ => {
            "Whether the model has learnt from them cannot be checked: make sure that it has not, or the rates are those of \
             people it knows."
        }
    };
    let replaced = match report.replaced {
        Some(before) => format!(
            " It replaces one on {} subjects ({}).",
            before.made.subjects, before.made.how
        ),
        None => String::new(),
    };
    format!(
        "{}{checked}\nThe calibration is in {}.{replaced}",
        calibration_text(report.calibration),
        report.model
    )
}
