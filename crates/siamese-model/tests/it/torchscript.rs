//! Ready TorchScript programs as encoders: used as they are, fine-tuned, saved, and refused where they are no encoders.
//!
//! The programs in `tests/scripts` are written by `make.py` there, which prints the numbers that are expected of them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::small::{RECIPE, model, model_bytes, pixels, run};
use ndarray::Array3;
use siamese_model::{
    Checkpoint, DataSpec, Device, Encoder, Error, ImageStack, Keep, Model, ModelCard, Outcome,
    Recipe, Tensor, embed,
};

/// `good.pt` of two images, in evaluation mode, by PyTorch 2.15: see `scripts/make.py`.
const EMBEDDINGS: [f32; 16] = [
    -0.205_304_3,
    -0.107_650_42,
    -0.083_677_57,
    0.097_270_064,
    0.069_910_11,
    0.077_547_61,
    0.229_126_65,
    0.217_349_26,
    -0.189_378_11,
    -0.103_071_88,
    -0.069_556_53,
    0.097_401_89,
    0.065_559_47,
    0.076_471_515,
    0.217_111,
    0.195_583_4,
];

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

/// The small recipe with a program of `tests/scripts` in place of its layers; `more` goes into its encoder.
fn recipe(script: &str, more: &str, overrides: &[&str]) -> Result<Recipe, Error> {
    let (before, rest) = RECIPE.split_once("layers = [\n").unwrap();
    let (_, after) = rest.split_once("\n]\n").unwrap();
    let text = format!("{before}torchscript = \"{script}.pt\"\nembedding = 8\n{more}\n{after}");
    Ok(Recipe::parse(&text, "script.toml", overrides)?
        .relative_to(&scripts())?
        .pin()?)
}

fn as_it_is() -> Recipe {
    recipe("good", "", &["train.epochs=0"]).unwrap()
}

fn encoder(recipe: &Recipe) -> Result<Encoder, Error> {
    Encoder::new(&recipe.encoder, &recipe.data, recipe.seed, Device::Cpu)
}

/// Two images, as `make.py` makes them.
fn two_images() -> Array3<u8> {
    Array3::from_shape_fn((2, 16, 12), |(i, y, x)| {
        ((i * 31 + y * 7 + x * 3) % 256) as u8
    })
}

fn values(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.contiguous().flatten(0, -1)).unwrap()
}

#[track_caller]
fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-5, "{found:?}, expected {expected:?}");
    }
}

#[test]
fn a_program_embeds_as_pytorch_does_in_evaluation_mode() {
    let encoder = encoder(&as_it_is()).unwrap();
    let images = ImageStack::new(two_images().view()).unwrap();
    close(
        &values(&embed(&encoder, &images, &[0, 1]).unwrap()),
        &EMBEDDINGS,
    );
    assert_eq!(encoder.named_tensors().count(), 0, "it is used as it is");
    assert_eq!(encoder.plan().embedding(), 8);
}

#[test]
fn layers_follow_a_program() {
    let recipe = recipe("good", "layers = [\"l2_normalise\"]", &["train.epochs=0"]).unwrap();
    let images = ImageStack::new(two_images().view()).unwrap();
    let found = values(&embed(&encoder(&recipe).unwrap(), &images, &[0, 1]).unwrap());
    let expected = EMBEDDINGS.chunks(8).flat_map(|row| {
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter().map(move |x| x / length)
    });
    close(&found, &expected.collect::<Vec<_>>());
    let shown = recipe_error("good", "layers = [{ conv = 4, kernel = 3 }]", &[]);
    assert!(
        shown.contains("layer 1 (conv 4 3x3) cannot take 8"),
        "{shown}"
    );
}

/// Mean and maximum of each channel.
#[test]
fn a_program_may_take_three_channels() {
    let text = "input = [3, 5, 4]\ntorchscript = 'colour.pt'\nembedding = 6";
    let mut spec: siamese_model::EncoderSpec = toml::from_str(text).unwrap();
    spec.torchscript = Some(scripts().join("colour.pt").to_str().unwrap().to_owned());
    let encoder = Encoder::new(&spec, &DataSpec::default(), 1, Device::Cpu).unwrap();
    let images = Tensor::from_slice(&(0..60u8).collect::<Vec<_>>()).view([1, 3, 5, 4]);
    let found = values(&encoder.embed(&encoder.see(&images).unwrap()).unwrap());
    let of_255 = [9.5, 29.5, 49.5, 19.0, 39.0, 59.0].map(|grey: f32| grey / 255.0);
    close(&found, &of_255);
}

#[test]
fn zero_epochs_use_the_program_as_it_is() {
    let recipe = as_it_is();
    let trained = run(&recipe, None, None, usize::MAX).unwrap();
    assert_eq!(trained.outcome, Outcome::Finished);
    assert!(trained.history.is_empty());
    let (encoder, epoch) = trained.encoder(Keep::Best).unwrap();
    assert_eq!(epoch, 0);
    let images = ImageStack::new(two_images().view()).unwrap();
    close(
        &values(&embed(&encoder, &images, &[0, 1]).unwrap()),
        &EMBEDDINGS,
    );
}

fn names(path: &Path) -> Vec<String> {
    let card = ModelCard::read(path).unwrap();
    card.tensors.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn fine_tuning_moves_the_programs_own_parameters_and_a_model_file_holds_them() {
    let recipe = recipe(
        "good",
        "trainable = true",
        &["train.epochs=8", "train.average=0.8"],
    )
    .unwrap();
    let trained = run(&recipe, None, None, usize::MAX).unwrap();
    let (first, last) = (trained.history[0].loss, trained.history[7].loss);
    assert!(last < 0.9 * first, "{first} to {last}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let model = model(&recipe, &trained, Keep::Last);
    model.save(&path).unwrap();
    let of_script = [
        "conv.bias",
        "conv.weight",
        "head.bias",
        "head.weight",
        "norm.bias",
        "norm.weight",
        "spare",
    ];
    assert_eq!(names(&path), of_script.map(|name| format!("script.{name}")));
    let loaded = Model::load(&path, Device::Cpu).unwrap();
    let expected = model.embed(pixels().view()).unwrap();
    assert_eq!(loaded.embed(pixels().view()).unwrap(), expected);
    let before = ImageStack::new(pixels().view()).unwrap();
    let before = embed(&encoder(&recipe).unwrap(), &before, &[0]).unwrap();
    assert_ne!(values(&before), expected.row(0).to_vec());
    let second = folder.path().join("second.safetensors");
    loaded.save(&second).unwrap();
    assert_eq!(fs::read(&path).unwrap(), fs::read(&second).unwrap());
}

#[test]
fn without_fine_tuning_only_the_layers_after_it_learn() {
    let recipe = recipe("good", "layers = [{ dense = 4 }]", &["train.epochs=6"]).unwrap();
    let trained = run(&recipe, None, None, usize::MAX).unwrap();
    assert!(trained.history[5].loss < trained.history[0].loss);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model(&recipe, &trained, Keep::Last).save(&path).unwrap();
    assert_eq!(names(&path), ["layers.1.bias", "layers.1.weight"]);
}

/// Batches of 80 pairs are shared out in two parts, each on a thread.
#[test]
fn the_number_of_threads_changes_no_byte_of_fine_tuning() {
    let recipe = recipe("good", "trainable = true", &["train.batch=80"]).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let trained = pool
            .install(|| run(&recipe, None, None, usize::MAX))
            .unwrap();
        (model_bytes(&recipe, &trained, Keep::Last), trained.history)
    };
    let one = on(1);
    for threads in [2, 3] {
        let other = on(threads);
        assert_eq!(other.1, one.1, "{threads} threads");
        assert!(other.0 == one.0, "{threads} threads");
    }
}

#[test]
fn interrupted_fine_tuning_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let more = "trainable = true\nlayers = [{ dense = 4 }]";
    let recipe = recipe("good", more, &["train.average=0.8"])
        .unwrap()
        .keep_programs(folder.path())
        .unwrap();
    let whole = run(&recipe, None, None, usize::MAX).unwrap();
    for steps in [2, 5, 13] {
        let part = run(&recipe, Some(&path), None, steps).unwrap();
        assert_eq!(part.outcome, Outcome::Interrupted);
        let checkpoint = Checkpoint::load(&path).unwrap();
        assert_eq!(checkpoint.recipe(), &recipe);
        let resumed = checkpoint.recipe().clone();
        let rest = run(&resumed, Some(&path), Some(checkpoint), usize::MAX).unwrap();
        assert_eq!(rest.history, whole.history, "{steps} steps");
        for keep in [Keep::Last, Keep::Best] {
            let (a, b) = (
                model_bytes(&recipe, &whole, keep),
                model_bytes(&recipe, &rest, keep),
            );
            assert!(a == b, "{steps} steps, {keep:?}");
        }
    }
}

/// A folder with a model of the program as it is, and the names of the two files.
fn saved() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let recipe = as_it_is();
    let trained = run(&recipe, None, None, usize::MAX).unwrap();
    model(&recipe, &trained, Keep::Last).save(&path).unwrap();
    let sha256 = recipe.encoder.sha256.unwrap();
    let script = folder.path().join(format!("script-{}.pt", &sha256[..16]));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    (folder, path, script)
}

#[test]
fn a_model_names_its_program_by_what_it_is_and_holds_none() {
    let (_folder, path, script) = saved();
    assert_eq!(
        fs::read(&script).unwrap(),
        fs::read(scripts().join("good.pt")).unwrap()
    );
    let card = ModelCard::read(&path).unwrap();
    let name = script.file_name().unwrap().to_str().unwrap();
    assert_eq!(card.recipe.encoder.torchscript.as_deref(), Some(name));
    assert_eq!(card.recipe, as_it_is().portable());
    assert!(card.tensors.is_empty());
    let bytes = fs::read(&path).unwrap();
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    // The document is JSON inside JSON, so its quotes are escaped.
    assert!(holds(br#"format\":3"#));
    assert!(!holds(b"__torch__") && !holds(b"good.pt") && !holds(b"tests/scripts"));
    let loaded = Model::load(&path, Device::Cpu).unwrap();
    close(
        &loaded
            .embed(two_images().view())
            .unwrap()
            .into_raw_vec_and_offset()
            .0,
        &EMBEDDINGS,
    );
}

#[test]
fn a_model_runs_no_program_but_its_own_beside_it() {
    let (folder, path, script) = saved();
    let refusal = || Model::load(&path, Device::Cpu).unwrap_err().to_string();
    fs::copy(scripts().join("map.pt"), &script).unwrap();
    let shown = refusal();
    assert!(
        shown.contains("not the program") && shown.contains("SHA-256"),
        "{shown}"
    );
    fs::write(&script, b"rm -rf").unwrap();
    assert!(
        refusal().contains("not a TorchScript program"),
        "{}",
        refusal()
    );
    fs::remove_file(&script).unwrap();
    let name = script.file_name().unwrap().to_str().unwrap().to_owned();
    let shown = refusal();
    assert!(
        shown.contains("put it beside the model") && shown.contains(&name),
        "{shown}"
    );
    // What it says of itself can be read all the same.
    assert_eq!(
        ModelCard::read(&path).unwrap().recipe,
        as_it_is().portable()
    );

    // A file made by somebody else, that asks for a program elsewhere.
    let bytes = fs::read(&path).unwrap();
    let place = bytes
        .windows(name.len())
        .position(|w| w == name.as_bytes())
        .unwrap();
    let mut elsewhere = bytes.clone();
    elsewhere[place..place + 7].copy_from_slice(b"../../x");
    fs::write(&path, elsewhere).unwrap();
    assert!(refusal().contains("not by its SHA-256"), "{}", refusal());
    // Or for one beside it, whatever it is.
    let mut unpinned = bytes.clone();
    let pin = bytes.windows(6).position(|w| w == b"sha256").unwrap();
    unpinned[pin] = b'#';
    fs::write(&path, unpinned).unwrap();
    assert!(refusal().contains("not by its SHA-256"), "{}", refusal());
    drop(folder);
}

/// One network of layers, one that is a program, judging together.
#[test]
fn a_member_may_be_a_program() {
    let text = RECIPE.to_owned()
        + "[[members]]\n[[members]]\n[members.encoder]\ntorchscript = 'good.pt'\nembedding = 8\ntrainable = true\n\
           layers = []\n";
    let read = Recipe::parse::<&str>(&text, "members.toml", &[]).unwrap();
    let recipe = read.relative_to(&scripts()).unwrap().pin().unwrap();
    assert!(recipe.has_programs());
    let [layers, program] = &recipe.members().unwrap()[..] else {
        unreachable!("there are two")
    };
    assert!(layers.encoder.torchscript.is_none());
    let sha256 = program.encoder.sha256.clone().unwrap();
    assert_eq!(
        program.encoder.torchscript.as_deref(),
        scripts().join("good.pt").to_str()
    );
    let portable = recipe.portable();
    let kept: Vec<&str> = portable.programs().map(|(_, file)| file).collect();
    assert_eq!(kept, [format!("script-{}.pt", &sha256[..16])]);
    let again = Recipe::parse::<&str>(&recipe.to_toml().unwrap(), "again.toml", &[]).unwrap();
    assert_eq!(again, portable);
    let names: Vec<_> = recipe.members().unwrap()[1..]
        .iter()
        .map(|own| encoder(own).unwrap().named_tensors().count())
        .collect();
    assert_eq!(names, [7]);
}

#[track_caller]
fn recipe_error(script: &str, more: &str, overrides: &[&str]) -> String {
    recipe(script, more, overrides).unwrap_err().to_string()
}

#[test]
fn keys_that_do_not_go_together_are_refused_by_name() {
    for (more, overrides, words) in [
        (
            "",
            &[][..],
            "there is nothing to train: set train.epochs = 0",
        ),
        ("layers = [\"relu\"]", &[], "there is nothing to train"),
        ("layers = [{ dense = 3 }]", &["train.epochs=0"], "at random"),
        (
            "sha256 = \"12\"",
            &["train.epochs=0"],
            "encoder.sha256 = \"12\" must be 64 digits",
        ),
        (
            "",
            &["train.epochs=0", "encoder.embedding=0"],
            "encoder.embedding = 0 must be at least 1",
        ),
    ] {
        let shown = recipe_error("good", more, overrides);
        assert!(shown.contains(words), "{shown}");
    }
    let both = "trainable = true\nlayers = ['l2_normalise', { dense = 3 }]";
    let shown = recipe_error("good", both, &["fine_tune.freeze=1"]);
    assert!(
        shown.contains("would keep the program before these layers from learning"),
        "{shown}"
    );
    let wrong = format!("sha256 = \"{}\"", "0".repeat(64));
    let shown = recipe_error("good", &wrong, &["train.epochs=0"]);
    assert!(
        shown.contains("good.pt") && shown.contains("not the program"),
        "{shown}"
    );
    for (from, to, words) in [
        (
            "input = [1, 16, 12]",
            "input = [1, 16, 12]\nembedding = 8",
            "encoder.embedding belongs to a program",
        ),
        (
            "input = [1, 16, 12]",
            "input = [1, 16, 12]\ntrainable = true",
            "encoder.trainable belongs to a program",
        ),
        (
            "input = [1, 16, 12]",
            "input = [1, 16, 12]\ntorchscript = 'x.pt'",
            "needs encoder.embedding",
        ),
        (
            "epochs = 4",
            "epochs = 0",
            "train.epochs = 0 must be at least 1",
        ),
    ] {
        let text = RECIPE.replace(from, to);
        let shown = Recipe::parse::<&str>(&text, "r.toml", &[])
            .unwrap_err()
            .to_string();
        assert!(shown.contains(words), "{shown}");
    }
}

#[test]
fn a_file_that_is_no_program_is_named_with_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(scripts().join("good.pt")).unwrap();
    let weights = folder.path().join("weights.safetensors");
    let trained = run(
        &crate::small::recipe(&["train.epochs=1"]),
        None,
        None,
        usize::MAX,
    )
    .unwrap();
    fs::write(
        &weights,
        model_bytes(&crate::small::recipe(&[]), &trained, Keep::Last),
    )
    .unwrap();
    for (bytes, words) in [
        (Vec::new(), "an empty file"),
        (
            b"hello, I am a network".to_vec(),
            "torch.jit.save did not write",
        ),
        (good[..good.len() / 2].to_vec(), "cut short: copy it again"),
        (
            fs::read(scripts().join("state_dict.pt")).unwrap(),
            "an archive of torch.save",
        ),
        (b"\x80\x02}q\x00.".to_vec(), "a pickle"),
        (fs::read(&weights).unwrap(), "a .safetensors file"),
    ] {
        let path = folder.path().join("good.pt");
        fs::write(&path, bytes).unwrap();
        let text = as_it_is().to_toml().unwrap().replace("sha256", "# sha256");
        let name = as_it_is().portable().encoder.torchscript.unwrap();
        let text = text.replace(&name, "good.pt");
        let recipe = Recipe::parse::<&str>(&text, "script.toml", &[]).unwrap();
        let shown = recipe
            .relative_to(folder.path())
            .unwrap()
            .pin()
            .unwrap_err()
            .to_string();
        assert!(shown.starts_with(&path.display().to_string()), "{shown}");
        assert!(
            shown.contains(words) && shown.contains("torch.jit.script"),
            "{shown}"
        );
    }
    let shown = recipe_error("missing", "", &["train.epochs=0"]);
    assert!(
        shown.contains("missing.pt: there is no such file"),
        "{shown}"
    );
}

/// An archive that looks like a program to us, and not to libtorch.
#[test]
fn a_damaged_program_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(scripts().join("good.pt")).unwrap();
    let place = bytes.windows(6).position(|w| w == b"return").unwrap();
    bytes[place..place + 6].copy_from_slice(b"retxrn");
    fs::write(folder.path().join("good.pt"), bytes).unwrap();
    let mut recipe = as_it_is();
    recipe.encoder.sha256 = None;
    recipe.encoder.torchscript = Some("good.pt".into());
    let recipe = recipe.relative_to(folder.path()).unwrap();
    let shown = encoder(&recipe).unwrap_err().to_string();
    assert!(
        shown.contains("cannot read this TorchScript program"),
        "{shown}"
    );
    assert!(
        !shown.contains("frame #") && shown.lines().count() == 1,
        "{shown}"
    );
}

#[test]
fn a_program_that_is_no_encoder_is_refused_with_what_to_do() {
    for (script, words) in [
        (
            "fixed_size",
            &[
                "1x16x12",
                "shapes cannot be multiplied",
                "set encoder.input",
            ][..],
        ),
        ("raises", &["five channels are needed", "set encoder.input"]),
        ("tuple", &["a tuple of 2", "expected one tensor"]),
        (
            "map",
            &["[3, 1, 4, 2]", "expected [3, 8]", "pooling or flattening"],
        ),
        ("double", &["Double", "expected Float", "model.float()"]),
        ("not_a_number", &["not numbers", "data.mean"]),
        ("one_image", &["[1, 8]", "any number of images"]),
        (
            "of_the_batch",
            &["alone than beside others", "model.eval()"],
        ),
        ("chance", &["when it runs again", "model.eval()"]),
        ("cuda", &["exported with a GPU built in", "--device cuda"]),
    ] {
        let recipe = recipe(script, "", &["train.epochs=0"]).unwrap();
        let shown = encoder(&recipe).unwrap_err().to_string();
        assert!(shown.contains(&format!("{script}.pt")), "{shown}");
        for word in words {
            assert!(shown.contains(word), "{script}: {shown}");
        }
        assert!(
            !shown.contains("frame #") && shown.lines().count() == 1,
            "{shown}"
        );
    }
    let other = recipe("good", "", &["train.epochs=0", "encoder.embedding=9"]).unwrap();
    let shown = encoder(&other).unwrap_err().to_string();
    assert!(shown.contains("set encoder.embedding = 8"), "{shown}");
    let colour = recipe("good", "", &["train.epochs=0", "encoder.input=[3, 16, 12]"]).unwrap();
    let shown = encoder(&colour).unwrap_err().to_string();
    assert!(
        shown.contains("3x16x12") && shown.contains("to have 1 channels, but got 3 channels"),
        "{shown}"
    );
    let frozen = recipe("frozen", "trainable = true", &[]).unwrap();
    let shown = encoder(&frozen).unwrap_err().to_string();
    assert!(shown.contains("torch.jit.freeze"), "{shown}");
}
