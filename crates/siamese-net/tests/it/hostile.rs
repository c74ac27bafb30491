//! Model files and recipes from strangers are refused or read, and nothing panics.

use std::fs;

use proptest::prelude::*;
use siamese_net::{CheckpointCard, ModelFile, Recipe};

use crate::small::{RECIPE, recipe, write};

fn model() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &recipe(&[]), Some(0.5));
    fs::read(path).unwrap()
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
}
