//! What is required of what is judged.

use siamese_net::Recipe;
use siamese_report::Requirement;

/// What was asked for or, where nothing was, what the recipe says.
pub(crate) fn required(asked: Option<Requirement>, recipe: &Recipe) -> Option<Requirement> {
    let [fmr, fnmr] = [recipe.decision.max_fmr, recipe.decision.max_fnmr];
    let of_recipe = (fmr.is_some() || fnmr.is_some()).then_some(Requirement { fmr, fnmr });
    asked.or(of_recipe)
}
