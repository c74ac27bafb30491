//! Training in bf16: near to training in f32, repeatable to the byte, and nothing of it left in what is kept.

use crate::small::{RECIPE, model_bytes, recipe, run};
use siamese_model::{Checkpoint, Keep, Recipe, Trained};
use tch::Kind;

const BF16: &str = "train.precision=bf16";

/// The small recipe, on pairs and on batches of people: layers of every kind, fused and not.
fn recipes(overrides: &[&str]) -> [Recipe; 2] {
    let layers = r#"  { conv = 6, kernel = 3, bias = false }, "batch_norm", "prelu","#;
    assert!(RECIPE.contains(layers));
    let people = RECIPE
        .replace(
            layers,
            &format!(r#"{layers} "tanh", {{ avg_pool = 2, stride = 1 }}, {{ dropout = 0.1 }},"#),
        )
        .replace("{ dense = 8 },", "{ dense = 8 }, \"l2_normalise\",")
        .replace("kind = \"contrastive\"", "kind = \"proxy-anchor\"")
        + "[batches]\npeople = 3\nimages = 4\nper_epoch = 5\n";
    [
        recipe(overrides),
        Recipe::parse(&people, "people.toml", overrides).unwrap(),
    ]
}

/// A product of two bf16 numbers is off by 2^-8 at most, and sums of them are kept in f32.
#[test]
fn bf16_stays_near_f32_and_is_not_f32() {
    for (bf16, f32) in recipes(&[BF16]).iter().zip(&recipes(&[])) {
        let [bf16, f32] = [bf16, f32].map(|recipe| run(recipe, None, None, usize::MAX).unwrap());
        for (a, b) in bf16.history.iter().zip(&f32.history) {
            assert_ne!(a.loss, b.loss);
            let off = (a.loss / b.loss - 1.0).abs();
            assert!(off < 0.02, "epoch {}: {} and {}", a.epoch, a.loss, b.loss);
        }
        assert_eq!(bf16.history.len(), 4);
        let (encoder, _) = bf16.encoder(Keep::Last).unwrap();
        for (name, tensor) in encoder.named_tensors() {
            assert_eq!(tensor.kind(), Kind::Float, "{name}");
        }
    }
}

/// Rounded pixels have other patterns, so a network that begins with them computes in f32 whatever is asked for.
#[test]
fn local_binary_patterns_are_found_in_f32() {
    let (before, after) = RECIPE.split_once("layers = [").unwrap();
    let (_, after) = after.split_once("\n]").unwrap();
    let layers = "{ lbp = 1, cells = [3, 2] }, { conv = 6, kernel = 2 }, \"relu\", \"flatten\", { dense = 8 }";
    let text = format!("{before}layers = [{layers}]{after}");
    let [bf16, f32] = [vec![BF16], vec![]].map(|overrides| {
        let recipe = Recipe::parse(&text, "lbp.toml", &overrides).unwrap();
        run(&recipe, None, None, usize::MAX).unwrap()
    });
    let losses =
        |run: &Trained| -> Vec<f64> { run.history.iter().map(|epoch| epoch.loss).collect() };
    assert_eq!(losses(&bf16), losses(&f32));
    let [first, .., last] = losses(&f32)[..] else {
        unreachable!()
    };
    assert!(last < 0.8 * first, "{first} to {last}: nothing was learnt");
}

#[test]
fn runs_in_bf16_repeat_and_resume_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    for recipe in recipes(&[BF16, "train.average=0.9"]) {
        let whole = run(&recipe, None, None, usize::MAX).unwrap();
        run(&recipe, Some(&path), None, 7).unwrap();
        let checkpoint = Checkpoint::load(&path).unwrap();
        let rest = run(&recipe, Some(&path), Some(checkpoint), usize::MAX).unwrap();
        let [whole, rest] = [whole, rest].map(|run| model_bytes(&recipe, &run, Keep::Last));
        assert!(whole == rest);
    }
}

#[test]
fn recipes_that_do_not_speak_of_it_are_written_as_before() {
    let [bf16, _] = recipes(&[BF16]);
    assert!(bf16.to_toml().unwrap().contains("precision = \"bf16\""));
    assert!(!recipe(&[]).to_toml().unwrap().contains("precision"));
    let error = Recipe::parse(RECIPE, "small.toml", &["train.precision=fp16"]).unwrap_err();
    for word in ["train.precision", "fp16", "f32", "bf16"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}
