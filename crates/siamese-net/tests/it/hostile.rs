//! Model files and recipes from strangers are refused or read, and nothing panics.

use std::fs;

use proptest::prelude::*;
use siamese_net::{CheckpointCard, Contract, ModelFile, Recipe};

use crate::small::{RECIPE, recipe, write};

fn model() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &recipe(&[]), Some(0.5));
    fs::read(path).unwrap()
}

/// Values that no recipe expects where a number stands.
const UNEXPECTED: [&str; 14] = [
    "-1",
    "0",
    "1",
    "65536",
    "4294967295",
    "9223372036854775807",
    "-9223372036854775808",
    "0.5",
    "-0.0",
    "1e308",
    "nan",
    "inf",
    "\"\"",
    "[]",
];

/// Where the numbers of a text stand.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    let of_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(|c: char| c.is_ascii_digit()) {
        let start = rest + start;
        let length = text[start..].find(|c| !of_number(c));
        rest = length.map_or(text.len(), |length| start + length);
        found.push(start..rest);
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn changed_bytes_of_a_model_file_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        keep in any::<bool>(),
    ) {
        let mut bytes = model();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if !keep {
            bytes.truncate(cut.index(bytes.len()));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        fs::write(&path, &bytes).unwrap();
        let _ = ModelFile::read(&path);
        let _ = CheckpointCard::read(&path);
    }

    #[test]
    fn changed_characters_of_a_recipe_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), "[-0-9a-z\"\\[\\]{}=., \n]"), 1..5),
    ) {
        let mut text: Vec<char> = RECIPE.chars().collect();
        for (place, with) in changes {
            let place = place.index(text.len());
            text[place] = with.chars().next().unwrap_or(' ');
        }
        let text: String = text.into_iter().collect();
        let _ = Recipe::parse::<&str>(&text, "hostile.toml", &[]);
    }

    #[test]
    fn unexpected_numbers_in_a_recipe_never_panic(
        builtin in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&UNEXPECTED)), 1..3),
    ) {
        let names: Vec<&str> = Recipe::builtin_names().collect();
        let mut text = Recipe::builtin_text(names[builtin.index(names.len())]).unwrap().to_owned();
        for (place, value) in changes {
            let places = numbers(&text);
            text.replace_range(places[place.index(places.len())].clone(), value);
        }
        if let Ok(recipe) = Recipe::parse::<&str>(&text, "hostile.toml", &[]) {
            let _ = Contract::new(&recipe, []);
            let written = recipe.to_toml().unwrap();
            let again = Recipe::parse::<&str>(&written, "again.toml", &[]).unwrap();
            prop_assert_eq!(again.to_toml().unwrap(), written);
        }
    }
}
