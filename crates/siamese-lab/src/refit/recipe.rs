//! The recipe of a cross-validation, for all subjects.

use siamese_net::{Keep, Recipe};

/// The recipe of the folds, with everybody to learn from.
///
/// Where the folds kept subjects out of training to be watched by, nobody is kept out now, so no epoch can be chosen by
/// them. The training then takes as many epochs as the folds' chosen weights had: their median, `chosen`.
pub(super) fn of_everybody(of_folds: &Recipe, chosen: &[u32]) -> Recipe {
    let mut recipe = of_folds.clone();
    let protocol = &mut recipe.protocol;
    protocol.name = "everybody".to_owned();
    protocol.fold = 0;
    if protocol.validation_people > 0 || protocol.validation_groups > 0 {
        protocol.validation_people = 0;
        protocol.validation_groups = 0;
        protocol.validation = 0.0;
        recipe.train.epochs = median(chosen).unwrap_or(recipe.train.epochs);
        recipe.train.keep = Keep::Last;
        recipe.train.patience = None;
    }
    recipe
}

/// The middle one, the upper of two; `None` of none.
fn median(values: &[u32]) -> Option<u32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_that_keeps_nobody_out_changes_in_the_protocol_alone() {
        let folds = Recipe::builtin("orl-fast", &["protocol.fold=3"]).unwrap();
        let all = of_everybody(&folds, &[7, 8]);
        let overrides = ["protocol.name=everybody", "protocol.fold=0"];
        assert_eq!(all, Recipe::builtin("orl-fast", &overrides).unwrap());
    }

    #[test]
    fn who_watched_is_learnt_from_for_as_long_as_the_folds_took() {
        let overrides = [
            "protocol.validation_people=5",
            "train.patience=3",
            "train.keep=best",
        ];
        let folds = Recipe::builtin("orl-fast", &overrides).unwrap();
        let all = of_everybody(&folds, &[9, 2, 7]);
        assert_eq!(all.protocol.validation_people, 0);
        assert_eq!((all.train.epochs, all.train.patience), (7, None));
        assert_eq!(all.train.keep, Keep::Last);
        assert_eq!(of_everybody(&folds, &[]).train.epochs, folds.train.epochs);
    }
}
