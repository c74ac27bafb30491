//! Galleries whose model begins with a ready network.

#[cfg(feature = "onnx")]
use std::fs;
#[cfg(feature = "onnx")]
use std::path::{Path, PathBuf};

#[cfg(feature = "onnx")]
use gallery::{Contents, SqliteStore, Store};
use siamese_net::{ModelFile, Provenance, Recipe};
use siamese_use::{Embedder, Error};
#[cfg(feature = "onnx")]
use siamese_use::{
    EnrolSettings, Entry, Opened, PictureReader, QualityLimits, Reembedding, enrol,
    entries_of_folder, identify, own_model,
};

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
    let path = folder.path().join("model.safetensors");
    ModelFile::write(&path, &recipe, None, &Provenance::default(), &[]).unwrap();
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

/// A model that begins with one of the networks of `onnx-backbone`, in `folder` with the network beside it.
#[cfg(feature = "onnx")]
fn model(folder: &Path, network: &str, input: [usize; 3], length: usize) -> PathBuf {
    let networks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../onnx-backbone/tests/networks");
    let [channels, height, width] = input;
    let text = format!(
        "name = '{network}'\n[data]\nresize = {{ area = [{height}, {width}] }}\nmean = 0.5\nsd = 0.5\n[encoder]\n\
         input = [{channels}, {height}, {width}]\nonnx = '{network}.onnx'\nembedding = {length}\n[loss]\n\
         kind = 'contrastive'\ndistance = 'cosine'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 0\n"
    );
    let recipe = Recipe::parse::<&str>(&text, "ready.toml", &[]).unwrap();
    let recipe = recipe.relative_to(&networks).unwrap();
    let recipe = recipe.keep_programs(folder).unwrap();
    let path = folder.join("model.safetensors");
    ModelFile::write(&path, &recipe, None, &Provenance::default(), &[]).unwrap();
    path
}

/// Three people with two pictures each, of 30x26 pixels.
#[cfg(feature = "onnx")]
fn people(folder: &Path) -> Vec<Entry> {
    for person in 0..3 {
        let own = folder.join(format!("p{person}"));
        fs::create_dir_all(&own).unwrap();
        for image in 0..2 {
            let mut bytes = b"P5 26 30 255 ".to_vec();
            let pixel =
                |at: usize| (at * (7919 + 2 * person) + at / 26 * 31 + image) % (251 - image);
            bytes.extend((0..26 * 30).map(|at| pixel(at) as u8));
            fs::write(own.join(format!("{image}.pgm")), bytes).unwrap();
        }
    }
    entries_of_folder(folder).unwrap()
}

/// Who of a gallery is most alike to a picture, and how much.
#[cfg(feature = "onnx")]
fn nearest(gallery: &Path, picture: &Path) -> (String, f64) {
    let Opened {
        gallery, embedder, ..
    } = Opened::open(&gallery.into(), None, 1 << 20).unwrap();
    let key = gallery.store().digest_key();
    let reader = PictureReader::new(embedder.recipe(), key, QualityLimits::none());
    let pictures = vec![reader.of_file(picture, None)];
    let found = identify(&gallery, &embedder, pictures, 1, 0.01, 0, None).unwrap();
    let found = found.into_iter().next().unwrap().unwrap();
    let nearest = &found.answer.candidates[0];
    (nearest.external_id.clone(), nearest.score)
}

#[cfg(feature = "onnx")]
#[test]
fn a_gallery_keeps_the_networks_of_its_models() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let entries = people(&at("people"));
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let model_of = |folder: &Path| model(folder, "mobile-13", [1, 30, 26], 6);
    let path = model_of(one.path());
    let opened = Opened::open_or_create(&at("a.db").into(), Some(&path), 1 << 20, 0).unwrap();
    let (mut gallery, embedder) = (opened.gallery, opened.embedder);
    let settings = EnrolSettings::new(QualityLimits::none());
    let done = enrol(&mut gallery, &embedder, &entries, &settings, 0, &mut |_| ()).unwrap();
    assert_eq!(done.rejected.len(), 0, "{:?}", done.rejected);
    drop((gallery, embedder, one));

    // Nothing but the gallery is left.
    let picture = at("people/p1/0.pgm");
    let expected = nearest(&at("a.db"), &picture);
    assert_eq!(expected.0, "p1");
    let mut store = SqliteStore::open(&at("a.db")).unwrap();
    store.compact().unwrap();
    store.contents().unwrap().write_to(&at("copy")).unwrap();
    let contents = Contents::read_from(&at("copy")).unwrap();
    drop(SqliteStore::create_from(&at("b.db"), &contents).unwrap());
    assert_eq!(nearest(&at("b.db"), &picture), expected);

    // To another network, whose file then goes, too.
    let path = model(other.path(), "faces-18", [3, 24, 24], 10);
    let old = own_model(&store).unwrap();
    let new = Embedder::load(&path).unwrap();
    let mut moves = Reembedding::default();
    (moves.images, moves.prune) = (entries, true);
    let moved = moves
        .run(&mut store, old.recipe(), &new, 0, &mut |_, _| ())
        .unwrap();
    assert!(moved.active && moved.missing.is_empty(), "{moved:?}");
    drop((store, old, new, other));
    assert_eq!(nearest(&at("a.db"), &picture).0, "p1");
}
