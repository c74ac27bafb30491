//! A model file written and read without a network in sight.

use std::fs;

use siamese_net::{Error, MODEL_FORMAT, ModelCard, ModelFile, oldest_format};

use crate::small::{provenance, recipe, tensors, write};

#[test]
fn a_file_comes_back_as_it_was_written_and_the_same_model_is_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let recipe = recipe(&[]);
    write(&path, &recipe, Some(0.5));
    let first = fs::read(&path).unwrap();
    let file = ModelFile::read(&path).unwrap();
    assert_eq!(file.card.recipe, recipe);
    assert_eq!(file.card.threshold.as_ref().unwrap().value, 0.5);
    assert_eq!(file.card.provenance, provenance());
    for (name, tensor) in tensors(&recipe) {
        let found = file.tensor(&name).unwrap();
        assert_eq!(found, tensor, "{name}");
        assert_eq!(found.to_f32()[1], 0.25);
    }
    let missing = file.tensor("layers.9.weight").unwrap_err();
    assert!(missing.contains("no tensor layers.9.weight"), "{missing}");
    write(&path, &recipe, Some(0.5));
    assert_eq!(fs::read(&path).unwrap(), first);
    // Another threshold is another file of the same contract.
    let contract = file.contract(&path).unwrap();
    write(&path, &recipe, None);
    let other = ModelFile::read(&path).unwrap();
    assert!(other.card.threshold.is_none());
    assert_eq!(other.contract(&path).unwrap(), contract);
    assert_eq!(ModelCard::read(&path).unwrap(), other.card);
    other.expect_whole(&path).unwrap();
}

#[test]
fn a_file_says_the_oldest_format_whose_readers_understand_it() {
    assert_eq!(oldest_format(&recipe(&[])), 1);
    for newer in ["data.pool=2", "embedding.flip=true", "train.average=0.9"] {
        assert_eq!(oldest_format(&recipe(&[newer])), 2, "{newer}");
    }
    for newest in [
        "optimizer={ kind = 'rmsprop', epsilon_under_root = true }",
        "data.background=white",
        "data.decoding=fast",
        "pairs.draw=subjects",
        "decision.max_fmr=0.001",
        "decision.max_fnmr=0.05",
    ] {
        assert_eq!(oldest_format(&recipe(&[newest])), 4, "{newest}");
    }
}

/// The refusal of a file with a piece of its header replaced by one of the same length.
fn changed(from: &str, to: &str) -> Error {
    assert_eq!(from.len(), to.len());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &recipe(&[]), None);
    let mut bytes = fs::read(&path).unwrap();
    let place = bytes
        .windows(from.len())
        .position(|part| part == from.as_bytes());
    let place = place.unwrap_or_else(|| panic!("{from} is not in the file"));
    bytes[place..][..to.len()].copy_from_slice(to.as_bytes());
    fs::write(&path, bytes).unwrap();
    let whole = ModelFile::read(&path).and_then(|file| file.expect_whole(&path));
    whole.unwrap_err()
}

#[test]
fn what_is_no_model_file_of_this_version_is_named_with_what_to_do() {
    let error = changed(r#"\"format\":1"#, r#"\"format\":9"#).to_string();
    for word in [
        "format 9",
        &format!("up to {MODEL_FORMAT}"),
        "update siamese",
    ] {
        assert!(error.contains(word), "{error}");
    }
    let error = changed(r#""siamese""#, r#""siamezz""#).to_string();
    assert!(error.contains("without the metadata `siamese`"), "{error}");
    let error = changed(r#""dtype":"F32""#, r#""dtype":"I32""#).to_string();
    assert!(error.contains("holds I32, expected F32"), "{error}");
    let error = changed("layers.2.bias", "layers.9.bias").to_string();
    assert!(error.contains("no tensor layers.2.bias"), "{error}");
    let error = changed(r#""shape":[3,4]"#, r#""shape":[4,3]"#).to_string();
    assert!(error.contains("[4, 3], expected [3, 4]"), "{error}");
    let error = changed("margin", "margni").to_string();
    assert!(error.contains("Did you mean `margin`?"), "{error}");
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &recipe(&[]), None);
    let bytes = fs::read(&path).unwrap();
    for share in [0, 1, 35, 60, 90, 99] {
        fs::write(&path, &bytes[..bytes.len() * share / 100]).unwrap();
        let error = ModelFile::read(&path).unwrap_err();
        assert!(matches!(error, Error::File { .. }), "{share} %: {error}");
    }
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(ModelFile::read(&path).is_err());
}
