//! A recipe by the name that a user gives.

use std::path::Path;

use anyhow::{Context, Result};
use siamese_model::Recipe;

/// A built-in recipe by name, or a file; its TorchScript programs are found, and pinned by their SHA-256.
pub fn read_recipe(name: &str, overrides: &[String]) -> Result<Recipe> {
    if Recipe::builtin_text(name).is_some()
        || !(name.ends_with(".toml") || Path::new(name).is_file())
    {
        return Ok(Recipe::builtin(name, overrides)?.pin()?);
    }
    let text =
        std::fs::read_to_string(name).with_context(|| format!("cannot read the recipe {name}"))?;
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    Ok(Recipe::parse(&text, name, overrides)?
        .relative_to(folder)?
        .pin()?)
}
