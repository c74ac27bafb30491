//! `siamese train --init`: a model's weights to begin with, and the people that it must not know.

#![cfg(unix)]
use crate::faces::{Place, RECIPE};

fn sha256(place: &Place, file: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(place.bytes(file));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_run_says_what_it_began_with_and_frozen_layers_are_those_of_the_model() {
    let place = Place::new();
    place.train("base", &["--no-report"]).done();
    let freeze = [
        "--init",
        "base",
        "--set",
        "fine_tune.freeze=5",
        "--seed",
        "3",
    ];
    let said = place.train("tuned", &freeze).done();
    assert!(!said.stderr.contains("note: base"), "{said:?}");
    let base = sha256(&place, "base/model.safetensors");
    let figures = place.json("tuned/figures.json");
    assert_eq!(figures["origin"]["sha256"], base);
    assert!(place.text("tuned/report.md").contains(&base));
    let shown = place.siamese(&["inspect", "tuned"]).done();
    let words = format!("began with the weights of a model file with SHA-256 {base}");
    assert!(shown.stdout.contains(&words), "{shown:?}");
    let first = |file: &str| -> Vec<u8> {
        let bytes = place.bytes(file);
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        file.tensor("layers.1.weight").unwrap().data().to_vec()
    };
    assert!(first("tuned/model.safetensors") == first("base/model.safetensors"));
    // The same command gives the same bytes.
    place.train("again", &freeze).done();
    assert!(place.bytes("again/model.safetensors") == place.bytes("tuned/model.safetensors"));

    // A line of three, of which each knows all before it.
    let third = ["--init", "tuned/model.safetensors", "--no-report"];
    place.train("third", &third).done();
    let figures = place.json("third/figures.json");
    assert_eq!(figures["origin"]["origin"]["sha256"], base);
}

#[test]
fn a_model_that_was_trained_on_people_of_the_test_is_refused() {
    let place = Place::new();
    place.train("base", &["--no-report"]).done();
    let other = ["--set", "protocol.fold=1", "--init", "base"];
    let words = [
        "base/model.safetensors",
        "2 of the 2 subjects of this test (p4, p8)",
    ];
    place.train("out", &other).failed(1, &words);
    assert!(!place.path("out").exists());
    // A split by another seed is another split.
    let other = [
        "--seed",
        "4",
        "--set",
        "protocol.name=k-fold:2",
        "--set",
        "pairs.per_kind=20",
        "--init",
        "base",
    ];
    place
        .train("out", &other)
        .failed(1, &["of the 4 subjects of this test"]);

    // Trained on in turn: the line is followed.
    place.recipe("pairs.toml", "k-fold:4", "seed-pairs");
    let train = |recipe: &str, out: &str, init: &str| {
        let args = ["train", recipe, "--data", "faces", "--no-report"];
        place.siamese(&[&args[..], &["--out", out, "--init", init]].concat())
    };
    train("pairs.toml", "leaky", "base").done();
    train("tiny.toml", "out", "leaky").failed(1, &["2 of the 2 subjects of this test"]);

    // People who only choose the epoch are named.
    let held = ["protocol.validation_people=2", "pairs.per_kind=18"];
    let held = held.map(|set| ["--set", set]).concat();
    let said = place.train("held", &[&held[..], &["--init", "base"]].concat());
    let said = said.done();
    assert!(
        said.stderr.contains("subjects of the validation ("),
        "{said:?}"
    );

    // Of other images nothing can be known but that.
    place.write("faces/p3/2.pgm", crate::faces::face(7, 9));
    let said = place
        .train("out", &["--init", "base", "--no-report"])
        .done();
    assert!(
        said.stderr.contains("trained on other images (SHA-256"),
        "{said:?}"
    );
    assert!(said.stderr.contains("leak-check"), "{said:?}");
}

/// A model is judged on all that its weights have seen, not only in its own training.
#[test]
fn a_list_of_people_that_was_changed_does_not_pass_for_the_one_trained_by() {
    let place = Place::new();
    let write = |first: [u32; 4], second: [u32; 4]| {
        let line = |fold: &str, person: u32| format!("p{person},{fold}\n");
        let lines = first.map(|person| line("a", person)).concat();
        let more = second.map(|person| line("b", person)).concat();
        place.write("people.csv", format!("subject,fold\n{lines}{more}"));
    };
    let by_list = ["protocol.name=people.csv", "pairs.per_kind=20"];
    let by_list = by_list.map(|set| ["--set", set]).concat();
    let by_list = [&by_list[..], &["--no-report"]].concat();
    write([1, 2, 3, 4], [5, 6, 7, 8]);
    place.train("base", &by_list).done();
    let eval = || {
        let args = ["eval", "base", "--data", "faces", "--no-report"];
        place.siamese(&args).done().stderr
    };
    let tuned = || {
        let init = ["--init", "base", "--force"];
        place
            .train("tuned", &[&by_list[..], &init].concat())
            .done()
            .stderr
    };
    assert!(!eval().contains("note: the model was trained"));
    assert!(!tuned().contains("note: base"));
    // By what it says now, the people of the test would be those that the model does not know.
    write([5, 6, 7, 8], [1, 2, 3, 4]);
    assert!(!eval().contains("no longer says"), "the run keeps the list");
    // Runs of older versions kept none.
    std::fs::remove_file(place.path("base/protocol.list")).unwrap();
    let said = eval();
    assert!(said.contains("people.csv no longer says"), "{said}");
    let said = tuned();
    assert!(
        said.contains("divided in a way that can no longer be told"),
        "{said}"
    );
}

#[test]
fn images_of_several_sizes_are_none_that_a_model_saw_unchanged() {
    let place = Place::new();
    place.train("base", &["--no-report"]).done();
    place.write("faces/p3/2.pgm", crate::faces::pgm(6, 8, vec![90; 48]));
    let resized = "data.resize={ area = [16, 12] }";
    let args = ["--init", "base", "--no-report", "--set", resized];
    let said = place.train("out", &args).done();
    assert!(
        said.stderr.contains("trained on other images (SHA-256"),
        "{said:?}"
    );
}

#[test]
fn eval_counts_the_people_that_a_model_began_with() {
    let place = Place::new();
    place.train("base", &["--no-report"]).done();
    crate::faces::write_faces(&place.path("others"));
    place.write("others/p1/1.pgm", crate::faces::face(6, 7));
    let tune = ["train", "tiny.toml", "--data", "others", "--out", "tuned"];
    let base = ["--init", "base", "--no-report"];
    place.siamese(&[&tune[..], &base].concat()).done();
    let judge = ["eval", "tuned", "--data", "faces", "--no-report", "--json"];
    let said = place.siamese(&[&judge[..], &["--protocol", "all"]].concat());
    let figures = said.done().json();
    let test = figures["test"].as_str().unwrap();
    assert!(
        test.contains("6 of these 8 people were trained on"),
        "{test}"
    );
}

#[test]
fn a_model_that_does_not_fit_is_refused_before_anything_is_trained() {
    let place = Place::new();
    place.train("base", &["--no-report"]).done();
    let dense = RECIPE.replace("{ dense = 8 }", "{ dense = 6 }");
    place.write("other.toml", &dense);
    place.write(
        "two.toml",
        format!("{RECIPE}[[members]]\n[[members]]\ndata.sd = 0.5\n"),
    );
    place.write("front.toml", format!("{dense}[fine_tune]\nlayers = 5\n"));
    let train = |recipe: &str, more: &[&str]| {
        let args = [
            "train",
            recipe,
            "--data",
            "faces",
            "--out",
            "out",
            "--no-report",
        ];
        place.siamese(&[&args[..], more].concat())
    };
    let refused = |recipe: &str, more: &[&str], words: &[&str]| {
        train(recipe, more).failed(1, words);
        assert!(!place.path("out").exists(), "{recipe}");
    };
    let fit = [
        "base/model.safetensors",
        "layers.6.weight",
        "fine_tune.layers=5",
    ];
    refused("other.toml", &["--init", "base"], &fit);
    let counts = ["holds one network", "trains 2 networks", "[[members]]"];
    refused("two.toml", &["--init", "base"], &counts);
    refused("tiny.toml", &["--init", "nowhere"], &["nowhere"]);
    refused(
        "tiny.toml",
        &["--init", "tiny.toml"],
        &["tiny.toml", "model"],
    );
    refused("tiny.toml", &["--init", "faces"], &["faces holds no model"]);
    refused("front.toml", &[], &["[fine_tune]", "--init MODEL"]);
    train("front.toml", &["--init", "base"]).done();
    let said = place.train("sd", &["--init", "base", "--set", "data.sd=0.5"]);
    assert!(said.done().stderr.contains("data.sd"));
}

/// What a kill between the first and the second of two networks leaves: the second begins with the copy in the run's
/// folder.
#[test]
fn an_interrupted_ensemble_goes_on_with_the_model_it_began_with() {
    let place = Place::new();
    let two = format!("{RECIPE}[[members]]\n[[members]]\ndata.sd = 0.5\n");
    place.write("tiny.toml", two);
    place.train("base", &["--no-report"]).done();
    place
        .train("out", &["--init", "base", "--no-report"])
        .done();
    let whole = place.bytes("out/model.safetensors");
    for file in [
        "figures.json",
        "model.safetensors",
        "checkpoint-2.safetensors",
    ] {
        std::fs::remove_file(place.path(&format!("out/{file}"))).unwrap();
    }
    let go_on = ["train", "--resume", "out", "--data", "faces", "--no-report"];
    let also = [&go_on[..], &["--init", "base"]].concat();
    place
        .siamese(&also)
        .failed(2, &["--init", "cannot be used with"]);

    let copy = place.bytes("out/init.safetensors");
    place.write(
        "out/init.safetensors",
        place.bytes("base/model-last.safetensors"),
    );
    let other = "is not the model that the run began with";
    place.siamese(&go_on).failed(1, &[other]);
    std::fs::remove_file(place.path("out/init.safetensors")).unwrap();
    place.siamese(&go_on).failed(1, &["out/init.safetensors"]);

    place.write("out/init.safetensors", copy);
    place.siamese(&go_on).done();
    assert!(place.bytes("out/model.safetensors") == whole);
}

/// The rate grows beyond all bounds after two epochs.
#[test]
fn a_training_that_runs_away_leaves_a_model_of_its_last_good_epoch() {
    let place = Place::new();
    place.recipe("tiny.toml", "kind = \"adam\"", "kind = \"sgd\"");
    let runs_away = [
        "--set",
        "schedule={ kind = \"step\", every_epochs = 2, factor = 1e60 }",
        "--set",
        "train.epochs=6",
    ];
    let words = [
        "not-finite in epoch 3",
        "in step 2",
        "lower optimizer.lr",
        "good weights, of epoch 2, are saved as out/model.safetensors",
    ];
    place.train("out", &runs_away).failed(1, &words);
    let judge = ["eval", "out", "--data", "faces", "--no-report", "--json"];
    let figures = place.siamese(&judge).done().json();
    place
        .train(
            "two",
            &[
                "--no-report",
                "--set",
                "train.epochs=2",
                "--set",
                "optimizer.kind=sgd",
            ],
        )
        .done();
    let whole = place.json("two/figures.json");
    assert_eq!(figures["eer"], whole["figures"]["eer"]);
    assert_eq!(figures["threshold"], whole["figures"]["threshold"]);

    // From the first step on: there are no good weights.
    let at_once = ["--set", "optimizer.lr=1e30"];
    let said = place
        .train("never", &at_once)
        .failed(1, &["not-finite in epoch 1"]);
    assert!(!said.stderr.contains("good weights, of"), "{said:?}");
}

/// Each fold goes on with the network of its own fold, which knows nobody of its test.
#[test]
fn a_cross_validation_begins_with_the_folds_of_another() {
    let place = Place::new();
    let crossval = |out: &str, more: &[&str]| {
        let args = ["crossval", "tiny.toml", "--data", "faces", "--out", out];
        place.siamese(&[&args[..], more].concat())
    };
    crossval("base", &[]).done();
    let tune = ["--init", "base", "--set", "fine_tune.freeze=1"];
    crossval("tuned", &tune).done();
    for fold in 0..4 {
        let figures = place.json(&format!("tuned/fold-{fold}/figures.json"));
        let base = sha256(&place, &format!("base/fold-{fold}/model.safetensors"));
        assert_eq!(figures["origin"]["sha256"], base);
    }
    // What is there is known by what it began with.
    let said = crossval("tuned", &tune).done();
    assert!(said.stderr.contains("(already there)"), "{said:?}");
    let other = "another model";
    let one = ["--init", "base/fold-0"];
    crossval("base", &["--init", "base"]).failed(1, &[other]);
    crossval("out", &one).failed(1, &["fold 1", "subjects of this test (p4, p8)"]);
    assert!(!place.path("out").exists());
}
