//! Versions of the model file.

use crate::recipe::Recipe;
use crate::spec::{ByChannel, LossSpec, OptimizerSpec};

/// Newest version of the model file's document. A reader refuses a larger one and reads all smaller ones.
///
/// A file states the oldest version whose readers understand it. It is 1 if the recipe has nothing that came with 2:
/// batches of people, normalisation, averaged weights, processed embeddings and several networks. It is 2 if it has
/// nothing that came with 3: TorchScript programs. And it is 3 if it has nothing that came with 4: a background, a choice of
/// how exactly images are decoded, pairs drawn by subject, required error rates, and RMSprop with epsilon under the root.
/// 5 came with calibrations, as a reader who overlooks one would decide by the bare threshold, and with `train.fingerprints`.
pub const MODEL_FORMAT: u32 = 5;

/// The format that calibrations came with.
pub(super) const WITH_CALIBRATION: u32 = 5;

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
    match plain {
        _ if !recipe.train.fingerprints => WITH_CALIBRATION,
        _ if !read_as_ever => 4,
        _ if recipe.has_scripts() => 3,
        true => 1,
        false => 2,
    }
}
