//! What a run remembers: where its images are, and the recipe that its weights came of.

use crate::faces::{Place, RECIPE};

/// Makes the finished run `out` look as if a crash had come before its end.
fn unfinish(place: &Place, out: &str) {
    std::fs::remove_file(place.path(&format!("{out}/figures.json"))).unwrap();
}

#[test]
fn a_run_goes_on_with_the_images_that_it_began_with() {
    let place = Place::new();
    place.train("out", &["-q", "--max-pixels", "500"]).done();
    let begun = place.json("out/run.json");
    assert_eq!(begun["data"]["max_pixels"], 500);
    let path = begun["data"]["path"].as_str().unwrap();
    assert!(std::path::Path::new(path).is_absolute(), "{path}");

    unfinish(&place, "out");
    place.siamese(&["train", "--resume", "out"]).done();

    // They were moved.
    unfinish(&place, "out");
    std::fs::rename(place.path("faces"), place.path("elsewhere")).unwrap();
    let resume = ["train", "--resume", "out"];
    place
        .siamese(&resume)
        .failed(1, &["the images of out were in", "faces", "--data"]);
    let moved = ["--data", "elsewhere"];
    place.siamese(&[&resume[..], &moved].concat()).done();
    let begun = place.json("out/run.json");
    assert!(
        begun["data"]["path"]
            .as_str()
            .unwrap()
            .ends_with("elsewhere")
    );
    assert_eq!(
        begun["data"]["max_pixels"], 500,
        "how they are read is lost"
    );
    place.siamese(&["report", "out"]).done();
}

#[test]
fn a_run_of_an_older_version_is_told_where_its_images_are() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    unfinish(&place, "out");
    std::fs::remove_file(place.path("out/run.json")).unwrap();
    let resume = ["train", "--resume", "out"];
    place.siamese(&resume).failed(2, &["--data DIR"]);
    place
        .siamese(&[&resume[..], &["--data", "faces"]].concat())
        .done();
    place.siamese(&["report", "out"]).done();
}

#[test]
fn no_command_takes_images_that_nobody_named() {
    let place = Place::new();
    place.train("run", &["-q"]).done();
    let commands: [&[&str]; 8] = [
        &["train", "tiny.toml"],
        &["crossval", "tiny.toml"],
        &["sweep", "tiny.toml"],
        &["eval", "run", "--no-report"],
        &["embed", "run", "--out", "e.npy"],
        &["pairs", "tiny.toml"],
        &["new-recipe"],
        &["augment-preview", "tiny.toml"],
    ];
    for command in commands {
        let said = place.siamese(command);
        said.failed(2, &["--data DIR", "SIAMESE_DATA", "fetch_orl.py"]);
        let mut with = place.command(command);
        with.env("SIAMESE_DATA", "faces");
        let output = with.output().unwrap();
        assert!(output.status.success(), "{command:?}: {output:?}");
    }
    // How images are read belongs to where they are.
    unfinish(&place, "run");
    place
        .siamese(&["train", "--resume", "run", "--max-pixels", "500"])
        .failed(1, &["--data"]);
}

#[test]
fn a_finished_run_is_lengthened_to_the_bytes_of_a_longer_one() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    let more = ["train", "--resume", "out", "--set", "train.epochs=6"];
    place.siamese(&more).done();
    let set = ["--set", "train.epochs=6"];
    place.train("whole", &set).done();
    for file in [
        "model.safetensors",
        "model-last.safetensors",
        "checkpoint.safetensors",
        "scores.csv",
        "recipe.toml",
        "loss.svg",
    ] {
        let same = place.bytes(&format!("out/{file}")) == place.bytes(&format!("whole/{file}"));
        assert!(same, "{file} differs");
    }
    assert_eq!(place.text("out/history.jsonl").lines().count(), 6);
    assert_eq!(place.json("out/figures.json")["epochs"], 6);
    assert!(place.path("out/report.html").exists());
}

#[test]
fn what_cannot_be_lengthened_says_why() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    let figures = place.bytes("out/figures.json");
    let resume = |run: &str, set: &str| place.siamese(&["train", "--resume", run, "--set", set]);
    resume("out", "optimizer.lr=0.1")
        .failed(1, &["optimizer.lr=0.1", "only train.epochs", "--init"]);
    resume("out", "train.epochs=many").failed(1, &["train.epochs=many", "whole number"]);
    for epochs in ["2", "3"] {
        let set = format!("train.epochs={epochs}");
        resume("out", &set).failed(1, &["out has had 3 epochs", &set]);
    }
    place
        .siamese(&["train", "--resume", "out"])
        .failed(1, &["is finished", "--set train.epochs=N"]);
    let schedule = ["--set", "schedule={ kind = \"cosine\" }"];
    place.train("cosine", &schedule).done();
    resume("cosine", "train.epochs=6").failed(1, &["schedule", "Train anew"]);
    let patient = ["--set", "train.patience=1", "--set", "train.epochs=500"];
    place.train("patient", &patient).done();
    resume("patient", "train.epochs=600").failed(1, &["train.patience", "would change nothing"]);
    assert!(figures == place.bytes("out/figures.json"));
}

#[test]
fn an_edited_recipe_in_the_folder_of_a_run_is_refused_with_what_differs() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    unfinish(&place, "out");
    let before = place.text("out/recipe.toml");
    let edited = before.replace("lr = 0.003", "lr = 0.1");
    assert_ne!(before, edited);
    place.write("out/recipe.toml", &edited);
    let resume = ["train", "--resume", "out"];
    let said = place.siamese(&resume);
    said.failed(
        1,
        &["out/recipe.toml", "optimizer.lr is 0.1, and was 0.003"],
    );
    assert_eq!(place.text("out/recipe.toml"), edited);

    place.write(
        "out/recipe.toml",
        before.replace("epochs = 3", "epochs = 5"),
    );
    let said = place.siamese(&resume);
    said.failed(1, &["train.epochs is 5, and was 3", "--set train.epochs=N"]);
    let more = ["--set", "train.epochs=5"];
    place.siamese(&[&resume[..], &more].concat()).done();
    assert_eq!(place.json("out/figures.json")["epochs"], 5);
}

#[test]
fn finished_runs_are_refused_before_images_are_read() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    place.write("faces/p1/1.pgm", "no image any more");
    place
        .train("out", &[])
        .failed(1, &["out holds a finished run"]);
    place
        .siamese(&["train", "--resume", "out"])
        .failed(1, &["is finished"]);
}

#[test]
fn a_run_goes_on_and_is_judged_by_the_list_that_it_began_with() {
    let place = Place::new();
    place.write("list.toml", RECIPE.replace("k-fold:4", "people.csv"));
    let list = |folds: [usize; 8]| {
        let lines = (1..).zip(folds);
        let lines: String = lines
            .map(|(person, fold)| format!("p{person},{fold}\n"))
            .collect();
        format!("subject,fold\n{lines}")
    };
    place.write("people.csv", list([0, 0, 0, 0, 1, 1, 1, 1]));
    let args = ["train", "list.toml", "--data", "faces", "--out", "out"];
    let set = ["--set", "pairs.per_kind=20"];
    place.siamese(&[&args[..], &set].concat()).done();
    let scores = place.bytes("out/scores.csv");
    unfinish(&place, "out");
    place.write("people.csv", list([0, 1, 0, 1, 0, 1, 0, 1]));
    place.siamese(&["train", "--resume", "out"]).done();
    assert!(
        scores == place.bytes("out/scores.csv"),
        "others were judged"
    );
    std::fs::remove_file(place.path("people.csv")).unwrap();
    place.siamese(&["report", "out"]).done();
    let eval = [
        "eval",
        "out",
        "--data",
        "faces",
        "--no-report",
        "--scores",
        "again.csv",
    ];
    place.siamese(&eval).done();
    assert!(scores == place.bytes("again.csv"), "others were judged");
}
