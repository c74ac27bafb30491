//! `siamese inspect`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use siamese_lab::{first_checkpoint, model_file, read_recipe};
use siamese_net::{LayerRow, ModelCard, Origin, Plan, Provenance, Recipe, Threshold};

use crate::args::InspectArgs;
use crate::output::{Output, table, thousands};

#[derive(Serialize)]
struct Report {
    kind: &'static str,
    recipe: Recipe,
    /// Networks that judge together.
    networks: usize,
    /// Of the layers of all networks.
    parameters: usize,
    /// In the order of the first network of each.
    encoders: Vec<Encoder>,
    /// Numbers that a model holds in place of its programs' own.
    #[serde(skip_serializing_if = "Option::is_none")]
    fine_tuned: Option<usize>,
    /// TorchScript programs that it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    programs: Vec<Program>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<Threshold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epochs_done: Option<u32>,
}

#[derive(Serialize)]
struct Program {
    /// Where it is looked for.
    file: String,
    /// Whether it is there; it is not read.
    there: bool,
}

/// Numbers that a model file holds of a program's parameters, since they were trained.
fn fine_tuned(card: &ModelCard) -> usize {
    let of_scripts = card.tensors.iter().filter(|(name, _)| {
        let name = name.strip_prefix("members.").map_or(name.as_str(), |rest| {
            rest.split_once('.').map_or(rest, |(_, name)| name)
        });
        name.starts_with("script.")
    });
    of_scripts
        .map(|(_, shape)| shape.iter().product::<usize>())
        .sum()
}

/// What networks of equal layers look like.
#[derive(Serialize)]
struct Encoder {
    /// Which of the networks, counted from 1.
    networks: Vec<usize>,
    /// `[channels, height, width]`.
    input: [usize; 3],
    /// Length of its output.
    embedding: usize,
    /// Of one network.
    parameters: usize,
    layers: Vec<Layer>,
}

#[derive(Serialize)]
struct Layer {
    index: String,
    layer: String,
    output: String,
    parameters: usize,
}

impl Encoder {
    fn new((plan, networks): (&Plan, Vec<usize>)) -> Self {
        let layer = |row: &LayerRow| Layer {
            index: row.index.clone(),
            layer: row.layer.clone(),
            output: row.output.to_string(),
            parameters: row.parameters,
        };
        Self {
            networks,
            input: plan.input(),
            embedding: plan.embedding(),
            parameters: plan.parameters(),
            layers: plan.rows().iter().map(layer).collect(),
        }
    }
}

pub(crate) fn run(args: &InspectArgs, output: Output) -> Result<()> {
    let report = read(&args.what)?;
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
fn layers(encoder: &Encoder) -> String {
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

fn read(what: &str) -> Result<Report> {
    let mut path = PathBuf::from(what);
    if path.is_dir() {
        // A run that is not finished has its checkpoint only.
        path = model_file(&path).or_else(|error| first_checkpoint(&path).ok_or(error))?;
    }
    if holds_tensors(&path) {
        match read_checkpoint(&path) {
            Ok((recipe, epochs)) => {
                return describe("checkpoint", recipe, None, None, Some(epochs));
            }
            // Under its own name it is a damaged checkpoint, not some other model.
            Err(error) if path.ends_with("checkpoint.safetensors") => return Err(error),
            Err(_) => {}
        }
        // A model with a program is not loaded, since that would run it.
        let card = ModelCard::read(&path)?;
        if !card.recipe.has_scripts() {
            expect_model(&path)?;
        }
        let fine_tuned = Some(fine_tuned(&card)).filter(|count| *count > 0);
        let recipe = card
            .recipe
            .relative_to(path.parent().unwrap_or(Path::new("")))?;
        let report = describe("model", recipe, card.threshold, Some(card.provenance), None)?;
        return Ok(Report {
            fine_tuned,
            ..report
        });
    }
    describe("recipe", read_recipe(what, &[])?, None, None, None)
}

/// The recipe of a checkpoint, and the epochs done.
#[cfg(feature = "train")]
fn read_checkpoint(path: &Path) -> Result<(Recipe, u32)> {
    let checkpoint = siamese_lab::model::Checkpoint::load(path)?;
    Ok((checkpoint.recipe().clone(), checkpoint.epochs()))
}

/// The recipe of a checkpoint, and the epochs done.
#[cfg(not(feature = "train"))]
fn read_checkpoint(path: &Path) -> Result<(Recipe, u32)> {
    let card = siamese_net::CheckpointCard::read(path)?;
    let epochs = card.history.last().map_or(0, |record| record.epoch);
    Ok((card.recipe, epochs))
}

/// Fails where a file is no whole model.
fn expect_model(path: &Path) -> Result<()> {
    #[cfg(feature = "train")]
    siamese_lab::model::Model::load(path, siamese_lab::model::Device::Cpu)?;
    #[cfg(not(feature = "train"))]
    siamese_net::ModelFile::read(path)?;
    Ok(())
}

/// Whether a file is named as one of tensors, or begins as one: its header's length in eight bytes, then the header.
fn holds_tensors(path: &Path) -> bool {
    let begins = || -> std::io::Result<bool> {
        let mut start = [0; 9];
        File::open(path)?.read_exact(&mut start)?;
        Ok(start[8] == b'{' && start[4..8] == [0; 4])
    };
    path.extension()
        .is_some_and(|ending| ending == "safetensors")
        || begins().unwrap_or(false)
}

fn describe(
    kind: &'static str,
    recipe: Recipe,
    threshold: Option<Threshold>,
    provenance: Option<Provenance>,
    epochs_done: Option<u32>,
) -> Result<Report> {
    let plans = recipe
        .members()?
        .iter()
        .map(|member| Plan::new(&member.encoder))
        .collect::<Result<Vec<_>, _>>()?;
    let mut encoders: Vec<(&Plan, Vec<usize>)> = Vec::new();
    for (number, plan) in (1..).zip(&plans) {
        match encoders.iter_mut().find(|(known, _)| *known == plan) {
            Some((_, networks)) => networks.push(number),
            None => encoders.push((plan, vec![number])),
        }
    }
    let programs = recipe.scripts().map(|file| Program {
        file: file.to_owned(),
        there: Path::new(file).is_file(),
    });
    Ok(Report {
        kind,
        programs: programs.collect(),
        fine_tuned: None,
        networks: plans.len(),
        parameters: plans.iter().map(Plan::parameters).sum(),
        encoders: encoders.into_iter().map(Encoder::new).collect(),
        recipe: recipe.portable(),
        threshold,
        provenance,
        epochs_done,
    })
}
