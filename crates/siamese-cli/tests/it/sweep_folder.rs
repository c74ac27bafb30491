//! The folder of a sweep: going on where it stopped, what failed in it, and what it must not write over.

use std::fs;
use std::time::{Duration, Instant};

use crate::faces::Place;

/// Of the tiny recipe's protocol.
const FOLDS: usize = 4;

/// When each training in these folders was finished: unchanged where none was trained again.
fn finished(place: &Place, folders: &[String]) -> Vec<std::time::SystemTime> {
    let of = |folder: &String| {
        let path = place.path(&format!("{folder}/figures.json"));
        fs::metadata(path).unwrap().modified().unwrap()
    };
    folders.iter().map(of).collect()
}

#[test]
fn a_second_time_nothing_is_trained_and_more_points_can_be_added() {
    let place = Place::hard();
    let first = place.sweep(&["--grid", "train.epochs=1,2"]).done();
    let results = ["sweep.md", "sweep.json"].map(|name| place.bytes(&format!("out/{name}")));
    let folders: Vec<String> = (0..FOLDS)
        .flat_map(|fold| [1, 2].map(|epochs| format!("out/train.epochs={epochs}/s3/fold-{fold}")))
        .collect();
    let times = finished(&place, &folders);
    let again = place.sweep(&["--grid", "train.epochs=1,2"]).done();
    assert_eq!(again.stderr.matches("already there").count(), 2 * FOLDS);
    assert_eq!(again.stdout, first.stdout);
    assert!(results == ["sweep.md", "sweep.json"].map(|name| place.bytes(&format!("out/{name}"))));

    let more = place
        .sweep(&["--grid", "train.epochs=1,2,4", "--seeds", "2"])
        .done();
    assert_eq!(more.stderr.matches("already there").count(), 2 * FOLDS);
    assert_eq!(
        place.json("out/sweep.json")["points"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(times, finished(&place, &folders));
}

#[test]
fn a_fold_that_fails_is_named_and_the_other_points_keep_their_results() {
    let place = Place::new();
    // A file where a training's folder belongs.
    place.write("out/train.epochs=2/s3/fold-1", "in the way");
    let args = ["--grid", "train.epochs=1,2", "--jobs", "1"];
    let said = place
        .sweep(&args)
        .failed(1, &["train.epochs=2", "fold-1", "the same command"]);
    assert!(said.stdout.contains("failed"), "{said:?}");
    let document = place.json("out/sweep.json");
    assert!(document["points"][0]["figures"].is_object());
    assert!(
        document["points"][1]["failed"]
            .as_str()
            .unwrap()
            .contains("fold-1")
    );
    assert!(
        place
            .text("out/sweep.md")
            .contains("Failed: point train.epochs=2")
    );

    fs::remove_file(place.path("out/train.epochs=2/s3/fold-1")).unwrap();
    let said = place.sweep(&args).done();
    // The first point, and what of the second was trained before its failure.
    assert_eq!(said.stderr.matches("already there").count(), FOLDS + 1);
}

#[test]
fn an_interrupted_sweep_goes_on() {
    let place = Place::new();
    let args = [
        "sweep",
        "tiny.toml",
        "--data",
        "faces",
        "--out",
        "out",
        "--jobs",
        "1",
        "--grid",
        "train.epochs=3,25",
    ];
    let mut child = place
        .command(&args)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let seen = place.path("out/train.epochs=25/s3/fold-0/history.jsonl");
    while !seen.exists() {
        assert!(
            start.elapsed() < Duration::from_secs(240),
            "nothing is trained"
        );
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    std::process::Command::new("kill")
        .args(["-INT", &id])
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Run the same command again to go on")
    );
    let said = place
        .sweep(&["--grid", "train.epochs=3,25", "--jobs", "1"])
        .done();
    // One more where a fold ended as the signal came.
    let there = said.stderr.matches("already there").count();
    assert!((FOLDS..2 * FOLDS).contains(&there), "{there}");
}

#[test]
fn the_folder_of_something_else_is_not_written_over() {
    let place = Place::new();
    let grid = ["--grid", "train.epochs=1,2"];
    place.sweep(&[&grid[..], &["-q"]].concat()).done();
    let [table, model] = [
        "out/sweep.json",
        "out/train.epochs=1/s3/fold-0/model.safetensors",
    ];
    let before = [table, model].map(|name| place.bytes(name));
    let other = [&grid[..], &["--set", "train.batch=8"]].concat();
    place
        .sweep(&other)
        .failed(1, &["a sweep of another recipe", "--force"]);
    place
        .sweep(&[&grid[..], &["--protocol", "k-fold:2"]].concat())
        .failed(1, &["a sweep on k-fold:4", "--force"]);
    assert!(before == [table, model].map(|name| place.bytes(name)));
    place.sweep(&[&other[..], &["--force"]].concat()).done();
    assert!(before[1] != place.bytes(model));

    place.train("run", &["-q"]).done();
    let args = ["sweep", "tiny.toml", "--data", "faces", "--out", "run"];
    place.siamese(&args).failed(1, &["holds a training"]);
    place.write("out/sweep.json", "{");
    place.sweep(&grid).failed(1, &["sweep.json", "--force"]);
}

#[test]
fn scores_and_images_that_changed_are_noticed() {
    let place = Place::new();
    place.sweep(&["-q"]).done();
    let scores = "out/unchanged/s3/fold-2/scores.csv";
    let text = place.text(scores);
    for damaged in [
        text.lines().take(5).collect::<Vec<_>>().join("\n"),
        text.replacen("genuine,", "genuine,x", 1),
        format!("{text}p1/1.pgm,p1/2.pgm,genuine,0.5\n"),
    ] {
        place.write(scores, damaged);
        place.sweep(&["-q"]).failed(1, &[scores, "train again"]);
    }
    place.write(scores, text);
    place.sweep(&["-q"]).done();

    place.write("faces/p1/1.pgm", crate::faces::face(20, 3));
    place
        .sweep(&[])
        .failed(1, &["fold-0", "on other images", "--force"]);
    place.sweep(&["--force", "-q"]).done();

    // An unfinished training is found to be of other images only when it goes on.
    fs::remove_file(place.path("out/unchanged/s3/fold-0/figures.json")).unwrap();
    place.write("faces/p1/1.pgm", crate::faces::face(21, 5));
    place.sweep(&["--force", "-q"]).done();
    fs::create_dir(place.path("faces/p9")).unwrap();
    place.write("faces/p9/1.pgm", crate::faces::face(22, 2));
    place
        .sweep(&[])
        .failed(1, &["subjects divided in another way", "--force"]);
}
