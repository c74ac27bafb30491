//! Interrupted trainings: they say how to go on, and end with the bytes of one that was not interrupted.

#![cfg(unix)]
use crate::faces::{Place, Said};

/// Starts a training, sends it `signals` once some epochs are done, and gives the epochs it was to take. Where the
/// machine was so quick that it had ended before, a longer one is tried.
fn interrupt(place: &Place, out: &str, signal: &str) -> (String, Said) {
    for epochs in [60, 600, 6_000] {
        let set = format!("train.epochs={epochs}");
        let mut running = place.start(out, &["--force", "--set", &set]);
        running.wait_for_epochs(out, 3);
        running.signal(signal);
        let said = running.end();
        if !place.path(out).join("figures.json").exists() {
            return (set, said);
        }
    }
    panic!("every training had ended before the signal came");
}

/// Resumes `out` and compares it with a run of `set` that nothing interrupted.
fn assert_resumes_to_the_same_bytes(place: &Place, out: &str, set: &str) {
    let resumed = place.siamese(&["train", "--resume", out, "--json"]).done();
    let whole = place.train("whole", &["--json", "--set", set]).done();
    assert_eq!(resumed.json()["figures"], whole.json()["figures"]);
    for file in [
        "model.safetensors",
        "model-last.safetensors",
        "checkpoint.safetensors",
        "scores.csv",
        "recipe.toml",
        "loss.svg",
    ] {
        let same = place.bytes(&format!("{out}/{file}")) == place.bytes(&format!("whole/{file}"));
        assert!(same, "{file} differs");
    }
    // Every epoch is in the history once, in order.
    let epochs = |run: &str| -> Vec<(u64, f64)> {
        let text = place.text(&format!("{run}/history.jsonl"));
        text.lines()
            .map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                (
                    line["epoch"].as_u64().unwrap(),
                    line["loss"].as_f64().unwrap(),
                )
            })
            .collect()
    };
    assert_eq!(epochs(out), epochs("whole"));
}

#[test]
fn ctrl_c_saves_says_how_to_go_on_and_resuming_ends_with_the_same_bytes() {
    let place = Place::new();
    let (set, said) = interrupt(&place, "out", "INT");
    let said = said.failed(130, &["train --resume out", "saved"]);
    assert!(!place.path("out/model.safetensors").exists(), "{said:?}");
    assert_resumes_to_the_same_bytes(&place, "out", &set);
}

#[test]
fn sigterm_is_taken_as_ctrl_c_is() {
    let place = Place::new();
    let (_, said) = interrupt(&place, "out", "TERM");
    said.failed(130, &["train --resume out"]);
}

#[test]
fn a_killed_training_resumes_to_the_same_bytes() {
    let place = Place::new();
    let (set, said) = interrupt(&place, "out", "KILL");
    assert_eq!(said.code, None, "{said:?}");
    assert_resumes_to_the_same_bytes(&place, "out", &set);
}

#[test]
fn a_history_cut_in_the_middle_of_a_line_is_mended_on_resuming() {
    use std::io::Write;
    let place = Place::new();
    let (set, _) = interrupt(&place, "out", "KILL");
    std::fs::OpenOptions::new()
        .append(true)
        .open(place.path("out/history.jsonl"))
        .and_then(|mut file| file.write_all(b"{\"epoch\":99,\"lo"))
        .unwrap();
    assert_resumes_to_the_same_bytes(&place, "out", &set);
}

#[test]
fn an_unfinished_run_is_not_overwritten_unless_forced() {
    let place = Place::new();
    interrupt(&place, "out", "INT");
    let checkpoint = place.bytes("out/checkpoint.safetensors");
    place.train("out", &[]).failed(
        1,
        &["out holds an unfinished run", "--resume out", "--force"],
    );
    assert!(checkpoint == place.bytes("out/checkpoint.safetensors"));
    place.train("out", &["--force"]).done();
}

#[test]
fn inspect_shows_how_far_an_unfinished_run_has_come() {
    let place = Place::new();
    interrupt(&place, "out", "INT");
    let said = place
        .siamese(&["inspect", "out/checkpoint.safetensors"])
        .done();
    assert!(said.stdout.contains("epochs done"), "{said:?}");
    let whole = place.siamese(&["inspect", "out"]).done();
    assert_eq!(whole.stdout, said.stdout);
}

#[test]
fn resuming_needs_the_same_images() {
    let place = Place::new();
    interrupt(&place, "out", "INT");
    place.write("faces/p3/2.pgm", crate::faces::face(7, 9));
    place
        .siamese(&["train", "--resume", "out", "--data", "faces"])
        .failed(
            1,
            &["out/checkpoint.safetensors", "the images are not those"],
        );
}

#[test]
fn resuming_names_what_is_missing_or_damaged() {
    let place = Place::new();
    place
        .siamese(&["train", "--resume", "nowhere", "--data", "faces"])
        .failed(1, &["nowhere", "nothing to resume"]);
    interrupt(&place, "out", "INT");
    let mut bytes = place.bytes("out/checkpoint.safetensors");
    bytes.truncate(bytes.len() / 2);
    place.write("out/checkpoint.safetensors", bytes);
    place
        .siamese(&["train", "--resume", "out", "--data", "faces"])
        .failed(1, &["out/checkpoint.safetensors", "checkpoint"]);
}
