//! Galleries whose model begins with a ready network.

use siamese_net::{ModelFile, Provenance, Recipe};
use siamese_use::{Embedder, Error};

#[test]
fn a_torchscript_program_is_refused_with_what_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "name = 'script'\n[encoder]\ninput = [1, 16, 12]\ntorchscript = 'script-{}.pt'\nsha256 = '{}'\nembedding = 4\n\
         [loss]\nkind = 'contrastive'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 0\n",
        "ab".repeat(8),
        "ab".repeat(32)
    );
    let recipe = Recipe::parse::<&str>(&text, "script.toml", &[]).unwrap();
    let provenance = Provenance {
        siamese: "0".into(),
        libtorch: "0".into(),
        device: "cpu".into(),
        epoch: 0,
        data_sha256: String::new(),
        people_sha256: None,
        origin: None,
    };
    let path = folder.path().join("model.safetensors");
    ModelFile::write(&path, &recipe, None, &provenance, &[]).unwrap();
    let error = Embedder::load(&path).unwrap_err();
    assert!(matches!(error, Error::Script { .. }), "{error}");
    let said = error.to_string();
    for words in [
        "model.safetensors",
        "script-abab",
        "torch.onnx.export",
        "feature train",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
