//! Versions of the model file.

use crate::recipe::Recipe;
use crate::spec::{ByChannel, LossSpec, OptimizerSpec, ProgramKind};

/// Newest version of the model file's document. A reader refuses a larger one and reads all smaller ones.
///
/// A file states the oldest version whose readers understand it. It is 1 if the recipe has nothing that came with 2:
/// batches of people, normalisation, averaged weights, processed embeddings and several networks. It is 2 if it has
/// nothing that came with 3: TorchScript programs. It is 3 if it has nothing that came with 4: a background, a choice of
/// how exactly images are decoded, pairs drawn by subject, required error rates, and RMSprop with epsilon under the root.
/// And it is 4 if it has nothing that came with 5: ONNX networks, `train.fingerprints`, and calibrations, since a reader who
/// overlooks one would decide by the bare threshold. 6 came with ONNX networks in the file itself.
pub const MODEL_FORMAT: u32 = 6;

/// The format that calibrations came with.
pub(super) const WITH_CALIBRATION: u32 = 5;

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
        _ if !recipe.train.fingerprints => 5,
        _ if programs.any(|(kind, _)| kind == ProgramKind::Onnx) => 5,
        _ if !read_as_ever => 4,
        _ if recipe.has_programs() => 3,
        true => 1,
        false => 2,
    }
}
