//! A recipe by the name that a user gives.

use std::path::Path;

use siamese_net::Recipe;

use crate::error::{Error, FileError};

/// A built-in recipe by name, or a file that ends in `.toml` or is there, with values replaced as `KEY=VALUE` says; its
/// ready networks are found, and pinned by their SHA-256.
///
/// # Errors
/// Where there is no such recipe, it cannot be read or understood, or nothing would be learnt by it
/// ([`Recipe::expect_lesson`]).
pub fn read_recipe(name: &str, overrides: &[String]) -> Result<Recipe, Error> {
    let recipe = find(name, overrides)?;
    recipe.expect_lesson()?;
    Ok(recipe.pin()?)
}

fn find(name: &str, overrides: &[String]) -> Result<Recipe, Error> {
    if Recipe::builtin_text(name).is_some()
        || !(name.ends_with(".toml") || Path::new(name).is_file())
    {
        return Ok(Recipe::builtin(name, overrides)?);
    }
    let text = std::fs::read_to_string(name).map_err(|source| FileError::ReadRecipe {
        path: name.into(),
        source,
    })?;
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    Ok(Recipe::parse(&text, name, overrides)?.relative_to(folder)?)
}

/// What makes a recipe another experiment than the one it was, a line for each key: `train.epochs is 40, and was 20`.
#[cfg(feature = "train")]
pub(crate) fn changes(now: &Recipe, was: &Recipe) -> Result<Vec<String>, Error> {
    let table = |recipe: &Recipe| {
        toml::Table::try_from(recipe.portable()).map_err(|error| Error::build("recipe", error))
    };
    let mut found = Vec::new();
    compare("", &table(now)?, &table(was)?, &mut found);
    Ok(found)
}

#[cfg(feature = "train")]
fn compare(section: &str, now: &toml::Table, was: &toml::Table, found: &mut Vec<String>) {
    let keys: std::collections::BTreeSet<&String> = now.keys().chain(was.keys()).collect();
    for key in keys {
        let name = format!("{section}{key}");
        match (now.get(key), was.get(key)) {
            (now, was) if now == was => {}
            (Some(toml::Value::Table(now)), Some(toml::Value::Table(was))) => {
                compare(&format!("{name}."), now, was, found);
            }
            (Some(now), Some(was)) => found.push(format!("{name} is {now}, and was {was}")),
            (Some(now), None) => found.push(format!("{name} is {now}, and was not there")),
            (None, Some(was)) => found.push(format!("{name} is not there, and was {was}")),
            (None, None) => {}
        }
    }
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;

    #[test]
    fn each_key_that_was_changed_is_named_with_both_values() {
        let was = read_recipe("seed", &[]).unwrap();
        assert!(changes(&was, &was).unwrap().is_empty());
        let set = ["train.epochs=7", "train.clip_norm=2.0", "seed=5"].map(str::to_owned);
        let now = read_recipe("seed", &set).unwrap();
        let found = changes(&now, &was).unwrap();
        let epochs = was.train.epochs;
        assert_eq!(
            found,
            [
                "seed is 5, and was 0".to_owned(),
                "train.clip_norm is 2.0, and was not there".to_owned(),
                format!("train.epochs is 7, and was {epochs}"),
            ]
        );
    }
}
