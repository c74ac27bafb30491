//! What is taken over from another network, and what of it stays.

use serde::{Deserialize, Serialize};

use super::Recipe;
use crate::plan::Plan;

/// What is taken over from the network that training begins with, and what of it stays.
///
/// Layers are counted as `siamese inspect` does: the entries of [`EncoderSpec::layers`](super::EncoderSpec::layers) from 1
/// on, layers without weights included, one inside a residual layer as a part of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FineTuneSpec {
    /// So many first layers get the other network's weights, those after them new ones; absent: all, and the two encoders
    /// must have the same tensors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<usize>,
    /// So many first layers are not moved, and do in training what they do in use: no dropout, and batch normalisation by
    /// the running figures, which stay.
    pub freeze: usize,
}

impl Recipe {
    /// Whether so many layers can be taken over and frozen; `plan` is that of the encoder.
    pub(super) fn check_fine_tune(&self, plan: &Plan) -> Result<(), String> {
        let Some(spec) = self.fine_tune else {
            return Ok(());
        };
        let count = self.encoder.layers.len();
        let taken = spec.layers.unwrap_or(count);
        let ready = self.encoder.torchscript.is_some();
        if (taken == 0 && !ready) || taken > count {
            return Err(format!(
                "fine_tune.layers = {taken} must be from 1 to {count}, the layers of the encoder"
            ));
        }
        if spec.freeze > taken {
            return Err(format!(
                "fine_tune.freeze = {} must be at most {taken}, the layers that are taken over: others begin at random \
                 and have to learn",
                spec.freeze
            ));
        }
        if spec.freeze > 0 && self.encoder.trainable {
            return Err(format!(
                "fine_tune.freeze = {} would keep the program before these layers from learning: leave it out, or \
                 encoder.trainable",
                spec.freeze
            ));
        }
        let layers = plan.rows().iter().filter(|row| !row.index.is_empty());
        let outermost = layers.filter(|row| !row.index.contains('.'));
        let learns =
            self.encoder.trainable || outermost.skip(spec.freeze).any(|row| row.parameters > 0);
        if !learns {
            return Err(format!(
                "fine_tune.freeze = {} leaves no layer with weights, so that there is nothing to learn: freeze fewer",
                spec.freeze
            ));
        }
        Ok(())
    }
}
