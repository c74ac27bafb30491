//! Recipes that are not what they should be: each gets one sentence with its place, before any data is read.

use crate::faces::{Place, RECIPE};

/// Trains the recipe with `--set` and asserts what the refusal says.
#[track_caller]
fn refused(place: &Place, assignment: &str, words: &[&str]) {
    place.train("out", &["--set", assignment]).failed(1, words);
    assert!(!place.path("out").exists(), "{assignment}");
}

#[test]
fn an_unknown_recipe_names_those_there_are_and_the_nearest() {
    let place = Place::new();
    place.siamese(&["train", "sede", "--data", "faces"]).failed(
        1,
        &["seed, seed-literal, chopra2005", "Did you mean `seed`?"],
    );
    place
        .siamese(&["train", "missing.toml", "--data", "faces"])
        .failed(1, &["missing.toml", "No such file"]);
    place
        .siamese(&["recipes", "sede"])
        .failed(1, &["Did you mean `seed`?"]);
    place
        .siamese(&["inspect", "sede"])
        .failed(1, &["Did you mean `seed`?"]);
}

#[test]
fn a_misspelt_key_is_named_with_file_line_and_the_nearest_key() {
    let place = Place::new();
    let line = 1 + RECIPE
        .lines()
        .position(|line| line.starts_with("epochs"))
        .unwrap();
    place.recipe("bad.toml", "epochs", "epoch");
    place
        .siamese(&["train", "bad.toml", "--data", "faces"])
        .failed(
            1,
            &[&format!("bad.toml:{line}:1:"), "Did you mean `epochs`?"],
        );
}

#[test]
fn text_that_is_no_toml_or_no_text_is_named_with_its_file() {
    let place = Place::new();
    for (name, content, word) in [
        (
            "cut.toml",
            &RECIPE.as_bytes()[..RECIPE.len() / 2],
            "cut.toml",
        ),
        ("empty.toml", b"".as_slice(), "empty.toml"),
        ("image.toml", &crate::faces::face(0, 0), "UTF-8"),
        ("json.toml", b"{\"name\": \"x\"}", "json.toml:1"),
    ] {
        place.write(name, content);
        for command in ["train", "inspect", "pairs"] {
            let mut args = vec![command, name];
            if command != "inspect" {
                args.extend(["--data", "faces"]);
            }
            place.siamese(&args).failed(1, &[name, word]);
        }
    }
}

#[test]
fn a_layer_that_does_not_fit_is_named_with_what_came_in() {
    let place = Place::new();
    place.recipe("bad.toml", "kernel = 3", "kernel = 30");
    place
        .siamese(&["train", "bad.toml", "--data", "faces"])
        .failed(1, &["layer 1 (conv 4 30x30)", "1x16x12"]);
    place.recipe("bad.toml", "\"flatten\", ", "");
    place
        .siamese(&["train", "bad.toml", "--data", "faces"])
        .failed(1, &["layer 5 (dense 8)", "flatten"]);
    place.recipe("bad.toml", "\"flatten\", { dense = 8 }, ", "");
    place
        .siamese(&["train", "bad.toml", "--data", "faces"])
        .failed(1, &["4x7x5", "must be a vector"]);
}

#[test]
fn values_out_of_range_are_refused_by_name() {
    let place = Place::new();
    for (assignment, word) in [
        ("train.epochs=0", "train.epochs"),
        ("train.epochs=-1", "-1"),
        ("train.epochs=1e9", "expected a whole number"),
        ("train.epochs=99999999999", "99999999999"),
        ("train.epochs=many", "many"),
        ("train.batch=0", "train.batch"),
        ("train.batch=1.5", "1.5"),
        ("train.clip_norm=-1.0", "train.clip_norm"),
        ("train.clip_norm=nan", "train.clip_norm"),
        ("train.patience=0", "train.patience"),
        ("train.keep=worst", "worst"),
        ("seed=-1", "-1"),
        ("seed=nine", "nine"),
        ("data.sd=0.0", "data.sd"),
        ("data.sd=nan", "data.sd"),
        ("data.sd=inf", "data.sd"),
        ("data.mean=nan", "data.mean"),
        ("data.mean=bright", "a number or [red, green, blue]"),
        ("data.mean=[0.5, 0.5]", "a number or [red, green, blue]"),
        (
            "data.mean=[0.5, 0.5, 0.5]",
            "data.mean = [0.5, 0.5, 0.5] must be one number",
        ),
        ("data.resize={ stride = 0 }", "data.resize"),
        ("data.resize={ area = [0, 5] }", "data.resize"),
        ("protocol.test=1.5", "protocol.test"),
        ("protocol.validation=-0.1", "protocol.validation"),
        ("protocol.validation=nan", "protocol.validation"),
        ("protocol.name=k-fold", "k-fold"),
        ("protocol.fold=4", "no fold 4"),
        ("pairs.per_kind=0", "pairs.per_kind"),
        ("decision.max_fmr=1", "decision.max_fmr"),
        ("decision.max_fnmr=0", "decision.max_fnmr"),
        ("loss.margin=-1.0", "margin"),
        ("loss.margin=nan", "margin"),
        ("loss.distance=far", "far"),
        ("optimizer.lr=0.0", "optimizer.lr"),
        ("optimizer.lr=nan", "optimizer.lr"),
        ("optimizer.lr=inf", "optimizer.lr"),
        ("optimizer.betas=[1.0, 2.0]", "optimizer.betas"),
        ("optimizer.betas=[nan, 0.9]", "optimizer.betas"),
        ("optimizer.epsilon=-1.0", "optimizer.epsilon"),
        ("optimizer.kind=adan", "Did you mean `adam`?"),
        ("schedule.every_epochs=0", "schedule.every_epochs"),
        ("schedule.factor=nan", "schedule.factor"),
        ("schedule.final_share=-1.0", "schedule.final_share"),
        ("decision.threshold=nan", "decision.threshold"),
        (
            "embedding={ whiten = { kind = 'both', wccn_share = 1.5 } }",
            "embedding.whiten.wccn_share = 1.5 must be from 0 to 1",
        ),
        (
            "embedding={ whiten = { kind = 'both', wccn_share = nan } }",
            "embedding.whiten.wccn_share",
        ),
        ("encoder.layers=[]", "a network needs layers"),
        (
            "encoder.layers=['flatten', { batch_norm = -1.0 }]",
            "batch_norm",
        ),
        (
            "encoder.layers=['flatten', { batch_norm = 1e-5, momentum = 7.0 }]",
            "momentum",
        ),
        ("encoder.layers=['flatten', { dropout = 1.0 }]", "dropout"),
        ("encoder.layers=['flatten', { dense = 0 }]", "dense 0"),
        (
            "encoder.layers=['flatten', { dense = 99999999999999 }]",
            "dense",
        ),
        ("encoder.input=[0, 16, 12]", "zero"),
        ("encoder.input=[1, 16]", "length"),
        ("encoder.input=[2, 16, 12]", "channels"),
        ("name.first=x", "name"),
        ("train", "KEY=VALUE"),
        ("=5", "KEY"),
    ] {
        refused(&place, assignment, &[word]);
    }
}

/// Regression: sizes were multiplied before they were checked, and wrapped around or panicked.
#[test]
fn sizes_beyond_any_memory_are_refused_by_name() {
    let place = Place::new();
    let most = i64::MAX;
    for (assignment, word) in [
        (format!("encoder.input=[{most}, {most}, {most}]"), "input"),
        (format!("encoder.input=[1, {most}, 12]"), "input"),
        (
            format!("encoder.layers=[{{ conv = {most}, kernel = 3 }}, 'flatten']"),
            "conv",
        ),
        (
            format!(
                "encoder.layers=[{{ conv = 4, kernel = {most}, padding = {most} }}, 'flatten']"
            ),
            "conv",
        ),
        (
            format!("encoder.layers=[{{ conv = 4, kernel = 3, padding = {most} }}, 'flatten']"),
            "conv",
        ),
        (
            format!(
                "encoder.layers=[{{ conv = 4, kernel = 3, stride = {most} }}, {{ max_pool = {most} }}, 'flatten']"
            ),
            "max_pool",
        ),
        (format!("pairs.per_kind={most}"), "pairs.per_kind"),
        (
            format!("data.resize={{ area = [{most}, {most}] }}"),
            "data.resize",
        ),
        (format!("protocol.validation_people={most}"), "validate"),
    ] {
        refused(&place, &assignment, &[word]);
    }
}

#[test]
fn steps_larger_than_the_data_are_no_error() {
    let place = Place::new();
    let most = format!("train.batch={}", i64::MAX);
    place.train("out", &["--set", &most]).done();
}

/// Regression: this was found only after the last epoch, and then with every resuming again.
#[test]
fn a_recipe_that_will_have_no_threshold_is_refused_before_the_training() {
    let place = Place::new();
    refused(
        &place,
        "protocol.validation=0.0",
        &["decision.threshold", "protocol.validation"],
    );
    place
        .train(
            "out",
            &[
                "--set",
                "protocol.validation=0.0",
                "--set",
                "decision.threshold=0.5",
            ],
        )
        .done();
}

/// Regression: two trainings wrote into one folder, one over the other.
#[test]
#[cfg(unix)]
fn two_trainings_do_not_share_a_folder() {
    let place = Place::new();
    let mut first = place.start("out", &["--set", "train.epochs=100000"]);
    first.wait_for_epochs("out", 1);
    place
        .train("out", &["--force"])
        .failed(1, &["out", "another training"]);
    place
        .siamese(&["train", "--resume", "out", "--data", "faces"])
        .failed(1, &["out", "another training"]);
    first.signal("INT");
    first.end().failed(130, &["--resume out"]);
}
