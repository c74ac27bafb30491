//! A recipe by the name that a user gives.

use std::path::Path;

use siamese_net::Recipe;

use crate::error::{Error, FileError};

/// A built-in recipe by name, or a file that ends in `.toml` or is there, with values replaced as `KEY=VALUE` says; its
/// TorchScript programs are found, and pinned by their SHA-256.
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
