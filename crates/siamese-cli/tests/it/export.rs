//! `siamese export`. What the graph computes is tested in `siamese-model` and by `scripts/tests/test_onnx.py`.

use crate::faces::Place;

#[test]
fn a_run_becomes_an_onnx_file_that_only_force_replaces() {
    let place = Place::new();
    place.train("out", &["--no-report", "--quiet"]).done();
    let export = ["export", "out", "--onnx", "model.onnx"];
    let said = place.siamese(&export).done();
    for words in [
        "images u8 [n, 1, 16, 12]",
        "embeddings f32 [n, 8], compared by euclidean distance",
        "are in model.onnx",
    ] {
        assert!(said.stdout.contains(words), "{said:?}");
    }
    let first = place.bytes("model.onnx");
    place.siamese(&export).failed(1, &["--force"]);
    let force = [&export[..], &["--force", "--json"]].concat();
    let report = place.siamese(&force).done().json();
    assert_eq!(place.bytes("model.onnx"), first);
    assert_eq!(report["bytes"], first.len());
    assert_eq!(report["images"], serde_json::json!([1, 16, 12]));
    let inspected = place.siamese(&["inspect", "out", "--json"]).done().json();
    assert_eq!(report["contract"], inspected["contract"]);

    // The user's own file stays, and so does the model.
    place.write("mine.onnx", "precious");
    let mine = ["export", "out", "--onnx", "mine.onnx", "--force"];
    place.siamese(&mine).failed(1, &["an ONNX file of siamese"]);
    let own = [
        "export",
        "out",
        "--onnx",
        "out/model.safetensors",
        "--force",
    ];
    place.siamese(&own).failed(1, &["must end in .onnx"]);
    place
        .siamese(&["export", "faces", "--onnx", "other.onnx"])
        .failed(1, &["faces"]);
    assert!(!place.path("other.onnx").exists());
}
