//! Exports of small models, and what is refused.

use std::fs;
use std::path::PathBuf;

use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use siamese_net::Error;
use siamese_onnx::OnnxModel;
use tempfile::TempDir;

use crate::small;

fn model(sets: &[&str]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    small::write(&path, &small::recipe(sets));
    (folder, path)
}

/// Weights 0, 0.25, ... 5.75 in two rows, biases 0 and 0.25: of a white image the sums are 16.5 and 52.75.
#[test]
fn a_graph_gives_the_numbers_that_one_can_compute_by_hand() {
    let (_folder, path) = model(&[]);
    let exported = OnnxModel::export(&path).unwrap();
    assert_eq!((exported.images, exported.dimension), ([1, 4, 3], 2));
    let graph = rten::Model::load(exported.bytes).unwrap();
    let mut pixels = vec![255u8; 12];
    pixels.extend([0; 12]);
    let images = NdTensor::from_data([2, 1, 4, 3], pixels);
    let found: NdTensor<f32, 2> = graph
        .run_one(images.into(), None)
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(found.to_vec(), [16.5, 52.75, 0.0, 0.25]);
}

#[test]
fn the_same_model_is_the_same_bytes() {
    let sets = [
        "members=[{}, { data = { sd = 0.5 } }]",
        "embedding.flip=true",
    ];
    let (_folder, path) = model(&sets);
    let first = OnnxModel::export(&path).unwrap();
    assert_eq!(OnnxModel::export(&path).unwrap(), first);
    assert_eq!(first.dimension, 4);
}

#[test]
fn programs_are_refused_with_what_to_do() {
    let program = format!("script-{}.pt", "ab".repeat(8));
    let sets = [
        format!("encoder.torchscript={program}"),
        format!("encoder.sha256={}", "ab".repeat(32)),
        "encoder.embedding=8".to_owned(),
        "encoder.layers=[{ dense = 2 }]".to_owned(),
    ];
    let (_folder, path) = model(&sets.each_ref().map(String::as_str));
    let said = OnnxModel::export(&path).unwrap_err().to_string();
    for word in ["model.safetensors", &program, "torch.onnx.export"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn damaged_files_and_huge_images_are_refused() {
    let (_folder, path) = model(&[]);
    let bytes = fs::read(&path).unwrap();
    for length in [0, 7, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(matches!(OnnxModel::export(&path), Err(Error::File { .. })));
    }
    let missing = bytes.windows(13).position(|part| part == b"layers.2.bias");
    let mut changed = bytes;
    changed[missing.unwrap() + 7] = b'9';
    fs::write(&path, changed).unwrap();
    let said = OnnxModel::export(&path).unwrap_err().to_string();
    assert!(said.contains("layers.2.bias"), "{said}");

    let wide = [
        "encoder.input=[1, 1, 100000]",
        "encoder.layers=['global_avg_pool']",
    ];
    let (_folder, path) = model(&wide);
    let said = OnnxModel::export(&path).unwrap_err().to_string();
    assert!(said.contains("1 rows of 100000 pixels"), "{said}");
}
