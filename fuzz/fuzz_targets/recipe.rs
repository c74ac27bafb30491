//! Recipes from strangers. One that is read can be written, and reads as the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use siamese_net::{Contract, Recipe};

fuzz_target!(|text: &str| {
    let Ok(recipe) = Recipe::parse::<&str>(text, "fuzz.toml", &[]) else {
        return;
    };
    let _ = Contract::new(&recipe, []);
    let written = recipe.to_toml().expect("a recipe can be written");
    let again = Recipe::parse::<&str>(&written, "again.toml", &[]).expect("what was written can be read");
    assert_eq!(again.to_toml().expect("a recipe can be written"), written);
});
