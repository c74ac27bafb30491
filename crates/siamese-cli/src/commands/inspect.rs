//! `siamese inspect`.

use anyhow::Result;
use siamese_lab::{InspectedEncoder, Inspection};
use siamese_net::Origin;

use super::calibrated::calibration_text;
use crate::args::InspectArgs;
use crate::output::{Output, table, thousands};

pub(crate) fn run(args: &InspectArgs, output: Output) -> Result<()> {
    let report = Inspection::of(&args.what)?;
    let mut text = match report.kind {
        "recipe" => format!("recipe {}\n", report.recipe.name),
        kind => format!("{kind} of recipe {}\n", report.recipe.name),
    };
    for encoder in &report.encoders {
        text.push('\n');
        if report.networks > 1 {
            let numbers: Vec<String> = encoder.networks.iter().map(usize::to_string).collect();
            let plural = if numbers.len() > 1 { "s" } else { "" };
            text.push_str(&format!("network{plural} {}\n", numbers.join(", ")));
        }
        text.push_str(&format!(
            "{}\n{} parameters, embeddings of {} numbers\n",
            layers(encoder),
            thousands(encoder.parameters as u64),
            encoder.embedding
        ));
    }
    if report.networks > 1 {
        text.push_str(&format!(
            "\n{} networks judge together, of {} parameters in all\n",
            report.networks,
            thousands(report.parameters as u64)
        ));
    }
    for program in &report.programs {
        text.push_str(&format!(
            "runs the TorchScript program {}{}, whose own parameters are not counted; it was not run now\n",
            program.file,
            if program.there { "" } else { " (which is not there)" }
        ));
    }
    if let Some(count) = report.fine_tuned {
        text.push_str(&format!(
            "holds {} fine-tuned parameters, which take the place of the program's own\n",
            thousands(count as u64)
        ));
    }
    if let Some(threshold) = &report.threshold {
        text.push_str(&format!(
            "genuine below distance {:.4} ({})\n",
            threshold.value, threshold.source
        ));
    }
    if let Some(calibration) = &report.calibration {
        text.push_str(&format!("\n{}\n", calibration_text(calibration)));
    }
    if let Some(count) = report.fingerprints {
        text.push_str(&format!(
            "holds fingerprints of {} images that it has learnt from\n",
            thousands(count as u64)
        ));
    }
    if let Some(contract) = &report.contract {
        text.push_str(&format!(
            "contract {contract}: embeddings of {} numbers, compared by {} distance\n",
            contract.dimension,
            contract.metric.name()
        ));
    }
    if let Some(provenance) = &report.provenance {
        text.push_str(&format!(
            "after {} epochs on {} by siamese {} with libtorch {}\ntrained on images with SHA-256 {}\n",
            provenance.epoch, provenance.device, provenance.siamese, provenance.libtorch, provenance.data_sha256
        ));
    }
    let origin = report
        .provenance
        .iter()
        .flat_map(|provenance| &provenance.origin);
    for origin in origin.flat_map(Origin::line) {
        text.push_str(&format!(
            "began with the weights of a model file with SHA-256 {},\n  trained on {}, fold {}, seed {}, of images with \
             SHA-256 {}\n",
            origin.sha256, origin.protocol, origin.fold, origin.seed, origin.data_sha256
        ));
    }
    if let Some(epochs) = report.epochs_done {
        text.push_str(&format!(
            "{epochs} of {} epochs done\n",
            report.recipe.train.epochs
        ));
    }
    text.push_str(&format!("\n{}", report.recipe.to_toml()?));
    output.result(&report, &text)
}

/// The table of an encoder's layers.
fn layers(encoder: &InspectedEncoder) -> String {
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    let [c, h, w] = encoder.input;
    let mut cells = vec![
        row(["#", "layer", "output", "parameters"]),
        row(["", "input", &format!("{c}x{h}x{w}"), ""]),
    ];
    for layer in &encoder.layers {
        let parameters = match layer.parameters {
            0 => String::new(),
            count => thousands(count as u64),
        };
        cells.push(row([
            &layer.index,
            &layer.layer,
            &layer.output,
            &parameters,
        ]));
    }
    table(&cells)
}
