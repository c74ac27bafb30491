//! `--shard` and `--merge`: trainings dealt out, and judged together as if nobody had.

use crate::faces::{Place, Said, face, write_faces};

/// Of the tiny recipe's protocol.
const FOLDS: usize = 4;

fn crossval(place: &Place, out: &str, more: &[&str]) -> Said {
    let args = ["crossval", "tiny.toml", "--data", "faces", "--out", out];
    place.siamese(&[&args[..], more].concat())
}

fn sweep(place: &Place, out: &str, more: &[&str]) -> Said {
    let args = ["sweep", "tiny.toml", "--data", "faces", "--out", out];
    let grid = ["--grid", "train.epochs=1,2", "--set", "pairs.per_kind=15"];
    place.siamese(&[&args[..], &grid, more].concat())
}

/// The trainings of a folder that are finished.
fn trained(place: &Place, out: &str) -> Vec<usize> {
    let finished = |fold: &usize| {
        place
            .path(&format!("{out}/fold-{fold}/figures.json"))
            .exists()
    };
    (0..FOLDS).filter(finished).collect()
}

#[test]
fn shards_on_several_machines_are_merged_into_what_one_machine_makes() {
    let place = Place::new();
    crossval(&place, "whole", &[]).done();
    let said = crossval(&place, "a", &["--shard", "1/2"]).done();
    assert!(
        said.stdout.contains("shard 1/2 is trained in a"),
        "{said:?}"
    );
    assert_eq!(trained(&place, "a"), [0, 2]);
    assert!(!place.path("a/report.html").exists());

    // The other one is missing, and nothing is trained in its place; what is there is taken over.
    let refused = crossval(&place, "all", &["--merge", "a"]);
    refused.failed(1, &["fold-1, fold-3", "--merge"]);
    assert_eq!(trained(&place, "all"), [0, 2]);

    // Another machine has the images elsewhere.
    write_faces(&place.path("their-faces"));
    let args = [
        "crossval",
        "tiny.toml",
        "--data",
        "their-faces",
        "--out",
        "b",
        "--shard",
        "2/2",
        "--json",
    ];
    let document = place.siamese(&args).done().json();
    assert_eq!(document["shard"], "2/2");
    std::fs::remove_dir_all(place.path("their-faces")).unwrap();
    assert_eq!(trained(&place, "b"), [1, 3]);
    let merged = crossval(&place, "all", &["--merge", "a", "--merge", "b"]).done();
    assert_eq!(merged.stderr.matches("already there").count(), FOLDS);
    for file in [
        "crossval.json",
        "fold-1/scores.csv",
        "fold-2/model.safetensors",
    ] {
        let [all, whole] = ["all", "whole"].map(|out| place.bytes(&format!("{out}/{file}")));
        assert!(all == whole, "{file} differs");
    }
    // Its facts say how long the trainings took.
    let [all, whole] = ["all", "whole"].map(|out| {
        let mut report = place.json(&format!("{out}/report.json"));
        report.as_object_mut().unwrap().remove("facts").unwrap();
        report
    });
    assert!(all == whole, "report.json differs");
    place.siamese(&["report", "all/fold-1"]).done();
    let misspelt = crossval(&place, "all", &["--merge", "aa"]);
    misspelt.failed(1, &["cannot list aa"]);
}

#[test]
fn shards_of_one_folder_run_at_a_time_and_a_second_command_judges() {
    let place = Place::new();
    std::thread::scope(|scope| {
        let shard = |shard| {
            let place = &place;
            scope.spawn(move || crossval(place, "cv", &["--shard", shard, "--jobs", "1"]).done())
        };
        let both = ["1/2", "2/2"].map(shard);
        for shard in both {
            shard.join().unwrap();
        }
    });
    assert_eq!(trained(&place, "cv"), [0, 1, 2, 3]);
    let judged = crossval(&place, "cv", &[]).done();
    assert_eq!(judged.stderr.matches("already there").count(), FOLDS);
    assert!(
        judged.stdout.contains("report: cv/report.html"),
        "{judged:?}"
    );
}

#[test]
fn what_is_merged_is_of_the_same_recipe_and_the_same_images() {
    let place = Place::new();
    crossval(&place, "other", &["--set", "optimizer.lr=1e-4"]).done();
    let merged = crossval(&place, "all", &["--merge", "other"]);
    merged.failed(1, &["other/fold-0 holds a training of another recipe"]);

    crossval(&place, "before", &[]).done();
    place.write("faces/p1/1.pgm", face(99, 0));
    let merged = crossval(&place, "all", &["--merge", "before"]);
    merged.failed(1, &["before/fold-0 holds a training on other images"]);
}

#[test]
fn a_sweep_is_dealt_out_as_well() {
    let place = Place::hard();
    sweep(&place, "whole", &[]).done();
    for shard in ["1/3", "2/3", "3/3"] {
        let out = format!("part-{}", &shard[..1]);
        sweep(&place, &out, &["--shard", shard]).done();
        assert!(!place.path(&format!("{out}/sweep.md")).exists());
    }
    let parts = [
        "--merge", "part-1", "--merge", "part-2", "--merge", "part-3",
    ];
    sweep(&place, "all", &parts).done();
    let [all, whole] = ["all", "whole"].map(|out| {
        let mut document = place.json(&format!("{out}/sweep.json"));
        for point in document["points"].as_array_mut().unwrap() {
            // Two trainings take their time.
            point["figures"]
                .as_object_mut()
                .unwrap()
                .remove("seconds_a_fold")
                .unwrap();
        }
        document
    });
    assert_eq!(all, whole);
}

#[test]
fn a_choice_inside_waits_until_all_shards_have_trained_what_it_rests_on() {
    let place = Place::hard();
    let inside = ["--inside", "--inner-folds", "2"];
    let shard = |shard| sweep(&place, "out", &[&inside[..], &["--shard", shard]].concat()).done();
    let first = shard("1/2");
    assert!(
        first.stdout.contains("Other shards still train"),
        "{first:?}"
    );
    // This one finds the other's done, and goes on to its share of the chosen.
    let second = shard("2/2");
    assert!(
        !second.stdout.contains("Other shards still train"),
        "{second:?}"
    );
    shard("1/2");
    let judged = sweep(&place, "out", &inside).done();
    assert!(judged.stdout.contains("chosen inside"), "{judged:?}");
    let merged = sweep(&place, "else", &[&inside[..], &["--merge", "out"]].concat());
    merged.failed(1, &["shared disk"]);
}

#[test]
fn points_that_train_the_same_networks_are_of_one_shard() {
    let place = Place::hard();
    let sweep = |more: &[&str]| {
        let args = [
            "sweep",
            "tiny.toml",
            "--data",
            "faces",
            "--out",
            "out",
            "--set",
            "pairs.per_kind=15",
        ];
        let points = [
            "--variant",
            "above: decision.threshold=0.4",
            "--variant",
            "long: train.epochs=2",
        ];
        let inside = ["--inside", "--inner-folds", "2"];
        place
            .siamese(&[&args[..], &points, &inside, more].concat())
            .done()
    };
    let first = sweep(&["--shard", "1/2", "--json"]).json();
    assert_eq!(first["waits_for_others"], true);
    // What the other has not trained, and then its share of the chosen.
    let second = sweep(&["--shard", "2/2", "--json"]).json();
    assert_eq!(second["waits_for_others"], false);
    sweep(&["--shard", "1/2"]);
    let judged = sweep(&[]);
    assert!(!judged.stderr.contains("epoch"), "{judged:?}");
}
