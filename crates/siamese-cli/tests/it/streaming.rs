//! `--memory`: images that do not fit are decoded as they are used, and nothing else changes.

use std::fs;

use crate::faces::{HEIGHT, Place, WIDTH, pgm};

/// The records of a run's epochs without the time they took.
fn history(place: &Place, run: &str) -> Vec<serde_json::Value> {
    let text = place.text(&format!("{run}/history.jsonl"));
    let lines = text.lines().map(|line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        let fields = line.as_object_mut().unwrap();
        fields.retain(|name, _| !name.contains("second") && !name.contains("ms"));
        line
    });
    lines.collect()
}

#[test]
fn a_run_with_little_memory_ends_with_the_same_bytes() {
    let place = Place::new();
    place.train("held", &[]).done();
    // 32 images of 192 bytes: none stays, or half of them do.
    for memory in ["100B", "4KiB"] {
        let out = format!("streamed-{memory}");
        let said = place.train(&out, &["--memory", memory]).done();
        assert!(
            said.stderr.contains("32 images of 192 B do not fit"),
            "{said:?}"
        );
        for file in ["model.safetensors", "model-last.safetensors", "scores.csv"] {
            let [held, streamed] =
                ["held", &out].map(|run| fs::read(place.path(run).join(file)).ok());
            assert!(held == streamed, "{memory}: {file}");
        }
        assert_eq!(history(&place, &out), history(&place, "held"));
        let figures = |run: &str| {
            let all = place.json(&format!("{run}/figures.json"));
            (
                all["data_sha256"].clone(),
                all["eer"].clone(),
                all["auc"].clone(),
            )
        };
        assert_eq!(figures(&out), figures("held"));
        let page = place.text(&format!("{out}/report.html"));
        assert!(page.contains("needs all images at once") && page.contains("data:image/png"));

        let embed = |more: &[&str], out: &str| {
            let args = ["embed", "held", "--data", "faces", "--force", "--out", out];
            place.siamese(&[&args[..], more].concat()).done();
            place.bytes(out)
        };
        assert_eq!(embed(&[], "a.npy"), embed(&["--memory", memory], "b.npy"));
        let eval = |more: &[&str]| {
            let args = ["eval", "held", "--data", "faces", "--no-report", "--json"];
            let said = place.siamese(&[&args[..], more].concat()).done();
            said.json()
        };
        assert_eq!(eval(&[]), eval(&["--memory", memory]));
    }
    let said = place
        .train("enough", &["--memory", "1MB", "--no-report"])
        .done();
    assert!(!said.stderr.contains("do not fit"), "{said:?}");
}

#[test]
fn a_cross_validation_shares_its_memory_among_its_trainings() {
    let place = Place::new();
    let crossval = |out: &str, more: &[&str]| {
        let args = ["crossval", "tiny.toml", "--data", "faces", "--out", out];
        place.siamese(&[&args[..], more].concat()).done();
        place.json(&format!("{out}/crossval.json"))["figures"].clone()
    };
    assert_eq!(
        crossval("held", &[]),
        crossval("streamed", &["--memory", "2KiB"])
    );
    assert_eq!(
        place.bytes("held/fold-1/model.safetensors"),
        place.bytes("streamed/fold-1/model.safetensors")
    );
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let place = Place::new();
    let train = |more: &[&str]| place.train("run", &[&["--memory", "1KiB"], more].concat());
    place.write("faces/p2/2.pgm", "no image");
    place.write("faces/p5/1.pgm", &crate::faces::face(0, 0)[..40]);
    train(&[]).failed(1, &["2 of 32 files", "p2/2.pgm", "p5/1.pgm"]);
    place.write("faces/p2/2.pgm", crate::faces::face(1, 1));
    let wide = pgm(HEIGHT, WIDTH, vec![7; HEIGHT * WIDTH]);
    place.write("faces/p5/1.pgm", wide);
    train(&[]).failed(
        1,
        &["1 of 32 files", "p5/1.pgm", "12x16", "16x12", "data.resize"],
    );
    train(&["--set", "data.resize={ area = [16, 12] }"]).done();
    place
        .train("other", &["--memory", "much"])
        .failed(2, &["--memory", "much"]);
}

/// That the run then goes on to the same bytes, the library's tests show.
#[test]
fn a_file_that_is_lost_in_training_ends_it_and_the_last_epoch_stays() {
    let place = Place::new();
    let more = ["--set", "train.epochs=100000", "--memory", "100B"];
    let mut running = place.start("run", &more);
    running.wait_for_epochs("run", 2);
    fs::remove_file(place.path("faces/p3/1.pgm")).unwrap();
    running
        .end()
        .failed(1, &["faces/p3/1.pgm", "cannot be read"]);
    let saved = place.siamese(&["inspect", "run/checkpoint.safetensors"]);
    assert!(saved.done().stdout.contains("epoch"));
}
