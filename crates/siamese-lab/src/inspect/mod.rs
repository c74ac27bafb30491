//! What a model, a checkpoint or a recipe holds.

mod encoder;
mod onnx;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use siamese_net::{
    Calibration, CheckpointCard, Contract, ModelCard, ModelFile, Plan, Provenance, Recipe,
    Threshold,
};

use crate::error::Error;
use crate::recipe_file::read_recipe;
use crate::run::{first_checkpoint, model_file};

pub use encoder::{InspectedEncoder, InspectedLayer};
pub use onnx::InspectedOnnx;
pub(crate) use onnx::{image_of, read_outline};

/// What a model, a checkpoint or a recipe holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// `model`, `checkpoint` or `recipe`.
    pub kind: &'static str,
    /// The recipe, its programs by the names under which they are kept.
    pub recipe: Recipe,
    /// Networks that judge together.
    pub networks: usize,
    /// Of the layers of all networks.
    pub parameters: usize,
    /// In the order of the first network of each.
    pub encoders: Vec<InspectedEncoder>,
    /// Numbers that a model holds in place of its programs' own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fine_tuned: Option<usize>,
    /// Ready networks that it begins with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<InspectedProgram>,
    /// Where the decision of a model lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Thresholds of a model with the error rates they have on subjects that it did not learn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// How many images a model has fingerprints of, because it learnt from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<usize>,
    /// Where the weights of a model come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// Under what a model's embeddings may be compared with others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
    /// Completed epochs of a checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs_done: Option<u32>,
}

/// A ready network that a recipe names.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InspectedProgram {
    /// What it is: `TorchScript program` or `ONNX network`.
    pub kind: &'static str,
    /// Where it is looked for, unless it is in the model file itself.
    pub file: String,
    /// Whether it is there, or in the model file itself; it is not read.
    pub there: bool,
}

impl Inspection {
    /// Reads a model file, a checkpoint, the folder of a run, or a recipe by its name or its file. Nothing is executed.
    ///
    /// # Errors
    /// Where there is no such file, or it is damaged, or the recipe cannot be understood.
    pub fn of(what: &str) -> Result<Self, Error> {
        let mut path = PathBuf::from(what);
        if path.is_dir() {
            // A run that is not finished has its checkpoint only.
            path = model_file(&path).or_else(|error| first_checkpoint(&path).ok_or(error))?;
        }
        if !holds_tensors(&path) {
            return Self::of_recipe("recipe", &read_recipe(what, &[])?);
        }
        match CheckpointCard::read(&path) {
            Ok(card) => {
                let epochs = card.history.last().map_or(0, |record| record.epoch);
                return Ok(Self {
                    epochs_done: Some(epochs),
                    ..Self::of_recipe("checkpoint", &card.recipe)?
                });
            }
            // Under its own name it is a damaged checkpoint, not some other model.
            Err(error) if path.ends_with("checkpoint.safetensors") => return Err(error.into()),
            Err(_) => {}
        }
        let file = ModelFile::read(&path)?;
        file.expect_whole(&path)?;
        let contract = file.contract(&path)?;
        let held = file.holds_networks();
        let card = file.card;
        let fine_tuned = fine_tuned(&card);
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut of_recipe = Self::of_recipe("model", &card.recipe.relative_to(folder)?)?;
        for program in &mut of_recipe.programs {
            program.there |= held;
        }
        Ok(Self {
            fine_tuned: (fine_tuned > 0).then_some(fine_tuned),
            threshold: card.threshold,
            calibration: card.calibration,
            fingerprints: card.fingerprints.map(|known| known.len()),
            provenance: Some(card.provenance),
            contract: Some(contract),
            ..of_recipe
        })
    }

    fn of_recipe(kind: &'static str, recipe: &Recipe) -> Result<Self, Error> {
        let members = recipe.members()?;
        let plans = members.iter().map(|member| Plan::new(&member.encoder));
        let plans = plans.collect::<Result<Vec<_>, _>>()?;
        let mut encoders: Vec<(&Plan, Vec<usize>)> = Vec::new();
        for (number, plan) in (1..).zip(&plans) {
            match encoders.iter_mut().find(|(known, _)| *known == plan) {
                Some((_, networks)) => networks.push(number),
                None => encoders.push((plan, vec![number])),
            }
        }
        let programs = recipe.programs().map(|(kind, file)| InspectedProgram {
            kind: kind.name(),
            file: file.to_owned(),
            there: Path::new(file).is_file(),
        });
        Ok(Self {
            kind,
            programs: programs.collect(),
            fine_tuned: None,
            networks: plans.len(),
            parameters: plans.iter().map(Plan::parameters).sum(),
            encoders: encoders.into_iter().map(InspectedEncoder::new).collect(),
            recipe: recipe.portable(),
            threshold: None,
            calibration: None,
            fingerprints: None,
            provenance: None,
            contract: None,
            epochs_done: None,
        })
    }
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
