//! A model file written and read without a network in sight.

use std::fs;

use ndarray::Array3;
use siamese_net::{
    Calibration, Error, Fingerprints, ImageStack, MODEL_FORMAT, ModelCard, ModelFile, ModelParts,
    oldest_format,
};
use verification_figures::{Direction, FmrPoint, Fusion, Made};

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
    assert_eq!(oldest_format(&recipe(&["train.fingerprints=false"])), 5);
    for newest in [
        "data.resize={ fit = [12, 10], fill = 'white' }",
        "protocol.name=one-shot:runs",
        "pairs.skilled=0.5",
        "decision.references=3",
        "decision.fusion=relative",
        "embedding.zoom=0.1",
        "train.cuda={ tf32 = 'none' }",
        "loss={ kind = 'logistic' }",
        "loss={ kind = 'sum', terms = [{ loss = { kind = 'logistic' } }] }",
        "encoder.layers=['flatten', { dense = 3 }, 'sigmoid']",
        "members=[{ encoder.layers = ['flatten', { residual = [{ dense = 3 }, { scale = 1.0 }], projection = true }] }]",
    ] {
        assert_eq!(oldest_format(&recipe(&[newest])), 7, "{newest}");
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

fn calibration() -> Calibration {
    let made = Made::new("a test", 40);
    let mut calibration = Calibration::new(Direction::Distance, Fusion::Best, 1, made);
    calibration.comparisons = vec![FmrPoint::new(0.01, 0.4), FmrPoint::new(0.1, 0.6)];
    calibration
}

#[test]
fn a_calibration_changes_the_format_and_neither_contract_nor_weights() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (plain, with, without) = (path("a"), path("b"), path("c"));
    write(&plain, &recipe(&[]), Some(0.5));
    let file = ModelFile::read(&plain).unwrap();
    assert_eq!(file.card.calibration, None);
    let calibration = calibration();
    file.write_calibrated(&with, Some(&calibration)).unwrap();
    let calibrated = ModelFile::read(&with).unwrap();
    assert_eq!(calibrated.card.calibration, Some(calibration));
    assert_eq!(calibrated.card.tensors, file.card.tensors);
    assert_eq!(
        calibrated.contract(&with).unwrap(),
        file.contract(&plain).unwrap()
    );
    // A reader that overlooked the calibration would decide by the bare threshold.
    let text = fs::read(&with).unwrap();
    assert!(text.windows(12).any(|part| part == br#"\"format\":5"#));
    // Without it the file is what it was, to the byte.
    calibrated.write_calibrated(&without, None).unwrap();
    assert_eq!(fs::read(&without).unwrap(), fs::read(&plain).unwrap());
}

#[test]
fn a_calibration_of_similarities_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &recipe(&[]), None);
    let mut calibration = calibration();
    calibration.direction = Direction::Similarity;
    calibration.comparisons.truncate(1);
    let file = ModelFile::read(&path).unwrap();
    file.write_calibrated(&path, Some(&calibration)).unwrap();
    let error = ModelFile::read(&path).unwrap_err().to_string();
    assert!(error.contains("similarities"), "{error}");
}

#[test]
fn a_calibration_that_cannot_be_is_refused_when_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &recipe(&[]), None);
    let mut wrong = calibration();
    wrong.comparisons[0].threshold = 0.8;
    let file = ModelFile::read(&path).unwrap();
    file.write_calibrated(&path, Some(&wrong)).unwrap();
    let error = ModelFile::read(&path).unwrap_err().to_string();
    assert!(error.contains("the calibration cannot be right"), "{error}");
}

#[test]
fn fingerprints_tell_which_images_were_learnt_from_and_need_no_newer_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let images = Array3::from_shape_fn((4, 2, 2), |(n, y, x)| [9, 5, 9, 70][n] + (2 * y + x) as u8);
    let stack = ImageStack::new(images.view()).unwrap();
    let found = Fingerprints::of_images(&stack, &[0, 1, 2])
        .unwrap()
        .unwrap();
    // The third is the first again.
    assert_eq!(found.len(), 2);
    let recipe = recipe(&[]);
    let parts = ModelParts {
        recipe: &recipe,
        threshold: None,
        calibration: None,
        fingerprints: Some(&found),
        domain: None,
        provenance: &provenance(),
    };
    parts.write(&path, &tensors(&recipe)).unwrap();
    let card = ModelCard::read(&path).unwrap();
    let read = card.fingerprints.unwrap();
    assert_eq!(read, found);
    let holds = |image: i64| read.holds(&stack.bytes(&[image]).unwrap());
    assert_eq!([0, 1, 2, 3].map(holds), [true, true, true, false]);
    let text = fs::read(&path).unwrap();
    assert!(text.windows(12).any(|part| part == br#"\"format\":1"#));
    let other = Fingerprints::of_images(&stack, &[3]).unwrap().unwrap();
    assert_eq!(read.with(&other).unwrap().len(), 3);
}
