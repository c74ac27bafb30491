//! Versions of the model file.

use crate::recipe::Recipe;
use crate::spec::{ByChannel, Fusion, LayerSpec, LossSpec, OptimizerSpec, ProgramKind, ResizeSpec};

/// Newest version of the model file's document. A reader refuses a larger one and reads all smaller ones.
///
/// A file states the oldest version whose readers understand it. It is 1 if the recipe has nothing that came with 2:
/// batches of people, normalisation, averaged weights, processed embeddings and several networks. It is 2 if it has
/// nothing that came with 3: TorchScript programs. It is 3 if it has nothing that came with 4: a background, a choice of
/// how exactly images are decoded, pairs drawn by subject, required error rates, and RMSprop with epsilon under the root.
/// And it is 4 if it has nothing that came with 5: ONNX networks, `train.fingerprints`, and calibrations, since a reader who
/// overlooks one would decide by the bare threshold. 6 came with ONNX networks in the file itself, and 7 with ink on paper,
/// images that are not stretched, forgeries, given pairs, one-shot tests, groups above subjects, classes made of others,
/// elastic warps, `train.cuda`, `embedding.zoom`, and the loss and the layers of Koch's network.
pub const MODEL_FORMAT: u32 = 7;

/// The format that calibrations came with.
pub(super) const WITH_CALIBRATION: u32 = 5;

/// The format that calibrations came with whose fusion is relative.
pub(super) const WITH_RELATIVE: u32 = 7;

/// The format that came with ready networks in the file itself.
pub(super) const WITH_NETWORKS: u32 = 6;

/// The oldest format that can hold a model of this recipe, without a calibration.
#[must_use]
pub fn oldest_format(recipe: &Recipe) -> u32 {
    let plain = recipe.members.is_empty()
        && recipe.embedding.is_none()
        && recipe.batches.is_none()
        && recipe.data.normalise.is_none()
        && recipe.data.pool == 1
        && matches!(
            (recipe.data.mean, recipe.data.sd),
            (ByChannel::All(_), ByChannel::All(_))
        )
        && recipe.train.average.is_none()
        && recipe.fine_tune.is_none()
        && recipe.train.precision.is_usual()
        && recipe.train.accumulate == 1
        && !matches!(recipe.loss, LossSpec::Sum { .. });
    let read_as_ever = recipe.data.background.is_usual()
        && recipe.data.decoding.is_usual()
        && recipe.pairs.draw.is_usual()
        && recipe.decision.max_fmr.is_none()
        && recipe.decision.max_fnmr.is_none()
        && !matches!(
            recipe.optimizer,
            OptimizerSpec::Rmsprop {
                epsilon_under_root: true,
                ..
            }
        );
    let mut programs = recipe.programs();
    match plain {
        _ if came_with_seven(recipe) || members(recipe).iter().any(came_with_seven) => 7,
        _ if !recipe.train.fingerprints => 5,
        _ if programs.any(|(kind, _)| kind == ProgramKind::Onnx) => 5,
        _ if !read_as_ever => 4,
        _ if recipe.has_programs() => 3,
        true => 1,
        false => 2,
    }
}

/// Each network's own recipe, where there are several.
fn members(recipe: &Recipe) -> Vec<Recipe> {
    match recipe.members.is_empty() {
        true => Vec::new(),
        // A recipe that was read has members that are recipes.
        false => recipe.members().unwrap_or_default(),
    }
}

fn came_with_seven(recipe: &Recipe) -> bool {
    let Recipe {
        data,
        protocol,
        pairs,
        augment,
        ..
    } = recipe;
    matches!(data.resize, ResizeSpec::Fit { .. })
        || data.ink.is_some()
        || data.invert
        || protocol.validation_groups > 0
        || ["k-fold-groups:", "one-shot:", "omniglot-runs"]
            .iter()
            .any(|name| protocol.name.starts_with(name))
        || pairs.skilled > 0.0
        || pairs.list.is_some()
        || recipe.batches.is_some_and(|batches| batches.forgeries > 0)
        || augment
            .as_ref()
            .is_some_and(|augment| augment.elastic > 0.0 || !augment.classes.is_empty())
        || recipe.decision.references.is_some()
        || recipe.decision.fusion == Fusion::Relative
        || recipe.episodes.is_some()
        || recipe
            .embedding
            .is_some_and(|embedding| embedding.zoom > 0.0)
        || !recipe.train.cuda.is_usual()
        || recipe
            .loss
            .terms()
            .iter()
            .any(|(_, loss)| matches!(loss, LossSpec::Logistic { .. }))
        || has_new_layer(&recipe.encoder.layers)
}

fn has_new_layer(layers: &[LayerSpec]) -> bool {
    layers.iter().any(|layer| match layer {
        LayerSpec::Sigmoid | LayerSpec::Scale(_) => true,
        LayerSpec::Residual(residual) => has_new_layer(&residual.residual),
        _ => false,
    })
}
