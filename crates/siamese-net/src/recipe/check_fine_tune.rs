//! That what is taken over and frozen are layers, and that some still learn.

use super::document::Recipe;
use crate::plan::Plan;

impl Recipe {
    /// Whether so many layers can be taken over and frozen; `plan` is that of the encoder.
    pub(super) fn check_fine_tune(&self, plan: &Plan) -> Result<(), String> {
        let Some(spec) = self.fine_tune else {
            return Ok(());
        };
        let count = self.encoder.layers.len();
        let taken = spec.layers.unwrap_or(count);
        let ready = self.encoder.program().is_some();
        if (taken == 0 && !ready) || taken > count {
            return Err(format!(
                "fine_tune.layers = {taken} must be from 1 to {count}, the layers of the encoder"
            ));
        }
        if spec.freeze > taken {
            return Err(format!(
                "fine_tune.freeze = {} must be at most {taken}, the number of layers that are taken over: the others \
                 begin at random and have to learn",
                spec.freeze
            ));
        }
        if spec.freeze > 0 && self.encoder.trainable {
            return Err(format!(
                "fine_tune.freeze = {} would keep the program before these layers from learning: leave out either \
                 fine_tune.freeze or encoder.trainable",
                spec.freeze
            ));
        }
        let layers = plan.rows().iter().filter(|row| !row.index.is_empty());
        let outermost = layers.filter(|row| !row.index.contains('.'));
        let learns =
            self.encoder.trainable || outermost.skip(spec.freeze).any(|row| row.parameters > 0);
        if !learns {
            return Err(format!(
                "fine_tune.freeze = {} leaves no layer with weights to learn: freeze fewer",
                spec.freeze
            ));
        }
        Ok(())
    }
}
