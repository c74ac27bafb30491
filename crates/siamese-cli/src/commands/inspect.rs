//! `siamese inspect`.

use std::path::Path;

use anyhow::Result;
use siamese_lab::{InspectedEncoder, InspectedOnnx, Inspection};
use siamese_net::Origin;

use super::calibrated::calibration_text;
use crate::args::InspectArgs;
use crate::output::{Output, table, thousands};

pub(crate) fn run(args: &InspectArgs, output: Output) -> Result<()> {
    let path = Path::new(&args.what);
    if path.extension().is_some_and(|ending| ending == "onnx") {
        return onnx(&InspectedOnnx::of(path)?, output);
    }
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
            "begins with the {} {}{}, whose own parameters are not counted; it was not run now\n",
            program.kind,
            program.file,
            if program.there {
                ""
            } else {
                " (which is not there)"
            }
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
    let trained = report
        .provenance
        .as_ref()
        .filter(|from| !from.data_sha256.is_empty());
    if report.provenance.is_some() && trained.is_none() {
        text.push_str("made of a ready network, without training\n");
    }
    if let Some(provenance) = trained {
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

/// An ONNX file.
fn onnx(report: &InspectedOnnx, output: Output) -> Result<()> {
    let used = match (&report.refused, report.dimension, report.multiplications) {
        (None, Some(dimension), Some(multiplications)) => format!(
            "can be encoder.onnx: vectors of {dimension} numbers, {} million multiplications for an image",
            thousands(multiplications.div_ceil(1_000_000))
        ),
        (Some(reason), ..) => format!("cannot be encoder.onnx as it is: {reason}"),
        _ => String::new(),
    };
    let mut text = format!(
        "ONNX network of operator set {}, written by {}\n{} bytes, {} weights, SHA-256 {}\n",
        report.opset,
        match report.producer.is_empty() {
            true => "an unnamed program",
            false => &report.producer,
        },
        thousands(report.bytes as u64),
        thousands(report.weights as u64),
        report.sha256
    );
    for (what, values) in [("input", &report.inputs), ("output", &report.outputs)] {
        for value in values {
            text.push_str(&format!("{what} {value}\n"));
        }
    }
    text.push_str(&format!("{used}\n\n"));
    let rows = report.operators.iter().map(|(name, count)| {
        let mut row = vec![name.clone(), count.to_string()];
        if report.unsupported.contains(name) {
            row.push("not supported".to_owned());
        }
        row
    });
    let head = vec!["operator".to_owned(), "used".to_owned()];
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    text.push_str(&table(&rows));
    output.result(report, &text)
}
