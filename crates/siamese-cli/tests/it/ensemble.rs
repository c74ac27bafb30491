//! Networks of one model, trained side by side: the same bytes on any number of threads, and after any interruption.

#![cfg(unix)]
use crate::faces::Place;

/// The tiny recipe as three networks, one of them longer.
fn place() -> Place {
    let place = Place::new();
    let members = "[[members]]\n[[members]]\noptimizer.lr = 0.002\n[[members]]\n";
    place.write("tiny.toml", format!("{}\n{members}", crate::faces::RECIPE));
    place
}

const FILES: [&str; 5] = [
    "model.safetensors",
    "checkpoint-1.safetensors",
    "checkpoint-2.safetensors",
    "checkpoint-3.safetensors",
    "scores.csv",
];

#[track_caller]
fn assert_same_files(place: &Place, a: &str, b: &str) {
    for file in FILES {
        let same = place.bytes(&format!("{a}/{file}")) == place.bytes(&format!("{b}/{file}"));
        assert!(same, "{file} differs");
    }
}

/// Each network's epochs in `history.jsonl`, in the order of its lines.
fn epochs(place: &Place, out: &str) -> [Vec<u64>; 3] {
    let mut epochs = [vec![], vec![], vec![]];
    for line in place.text(&format!("{out}/history.jsonl")).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let network = line["network"].as_u64().unwrap() as usize;
        epochs[network - 1].push(line["epoch"].as_u64().unwrap());
    }
    epochs
}

#[test]
fn the_number_of_threads_changes_no_byte_and_every_network_is_told_of() {
    let place = place();
    place.train("one", &["--threads", "1"]).done();
    for threads in ["2", "3", "5"] {
        let said = place
            .train("more", &["--threads", threads, "--force"])
            .done();
        assert_same_files(&place, "one", "more");
        assert_eq!(epochs(&place, "more"), [1, 2, 3].map(|_| vec![1, 2, 3]));
        for network in 1..=3 {
            let last = format!("network {network}/3  epoch 3/3");
            assert_eq!(said.stderr.matches(&last).count(), 1, "{said:?}");
        }
    }
}

fn report(place: &Place, out: &str) -> serde_json::Value {
    serde_json::from_slice(&place.bytes(&format!("{out}/report.json"))).unwrap()
}

/// What the trainings of a report are called.
fn names(report: &serde_json::Value) -> Vec<&str> {
    let curves = report["training"].as_array().unwrap().iter();
    curves
        .map(|curve| curve["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_report_tells_of_the_training_of_every_network() {
    let place = place();
    place.train("best", &crate::faces::HELD_OUT).done();
    let report = report(&place, "best");
    assert_eq!(names(&report), ["network 1", "network 2", "network 3"]);
    let mut best = [0; 3];
    let mut losses = [0.0; 3];
    for line in place.text("best/history.jsonl").lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let network = line["network"].as_u64().unwrap() as usize - 1;
        losses[network] = line["loss"].as_f64().unwrap();
        if line["best"] == true {
            best[network] = line["epoch"].as_u64().unwrap();
        }
    }
    for (curve, (best, loss)) in
        (report["training"].as_array().unwrap().iter()).zip(best.into_iter().zip(losses))
    {
        assert_eq!(curve["chosen"], best);
        assert_eq!(curve["training"][4][1], loss);
    }
}

#[test]
fn a_report_says_in_which_networks_something_was_found() {
    let place = place();
    let text = place.text("tiny.toml").replacen(
        "[[members]]\noptimizer.lr = 0.002",
        "[[members]]\nloss.kind = \"triplet\"",
        1,
    );
    let more = "[batches]\npeople = 3\nimages = 2\nper_epoch = 3\n";
    let text = text.replacen("[encoder]", &format!("{more}[encoder]"), 1);
    place.write(
        "tiny.toml",
        text.replacen("[train]", "[train]\npatience = 3", 1),
    );
    place.train("some", &[]).done();
    let report = report(&place, "some");
    let health = report["health"].as_array().unwrap();
    let place_of = |name: &str| {
        let note = health.iter().find(|note| note["name"] == name).unwrap();
        note["place"].as_str().unwrap()
    };
    assert_eq!(place_of("unused-patience"), "network 2 (epoch 1)");
    let both = "network 1 (epoch 1); network 3 (epoch 1)";
    assert_eq!(place_of("leaky-validation"), both);
}

/// Asked to stop, and killed; the first network's checkpoint may be the one that a killed training lacks.
#[test]
fn an_interrupted_ensemble_resumes_to_the_same_bytes() {
    let place = place();
    let set = "train.epochs=150";
    place.train("whole", &["--set", set]).done();
    for (out, signal) in [("asked", "INT"), ("killed", "KILL")] {
        let mut running = place.start(out, &["--threads", "2", "--set", set]);
        running.wait_for_epochs(out, 9);
        running.signal(signal);
        let said = running.end();
        let finished = place.path(out).join("figures.json");
        assert!(!finished.exists(), "it had ended before the signal came");
        if signal == "INT" {
            said.failed(130, &["train --resume asked", "saved"]);
        } else {
            let first = place.path(out).join("checkpoint-1.safetensors");
            std::fs::remove_file(first).unwrap();
        }
        place
            .siamese(&["train", "--resume", out, "--data", "faces"])
            .done();
        assert_same_files(&place, out, "whole");
        assert_eq!(epochs(&place, out), epochs(&place, "whole"));
    }
}

/// The line of an epoch keeps the seconds that it took: were it trained again, they would be others.
#[test]
fn crossval_goes_on_with_an_interrupted_ensemble() {
    let place = place();
    std::fs::create_dir(place.path("cv")).unwrap();
    let set = ["--set", "train.epochs=40"];
    let fold = [
        "--set",
        "protocol.name=k-fold:4",
        "--set",
        "protocol.fold=0",
    ];
    let mut running = place.start("cv/fold-0", &[&set[..], &fold].concat());
    running.wait_for_epochs("cv/fold-0", 3);
    running.signal("INT");
    running.end().failed(130, &["saved"]);
    let first_epoch = |text: String| {
        let mut lines = text.lines();
        lines
            .find(|line| line.starts_with("{\"network\":1,\"epoch\":1,"))
            .unwrap()
            .to_owned()
    };
    let before = first_epoch(place.text("cv/fold-0/history.jsonl"));
    let args = ["crossval", "tiny.toml", "--data", "faces", "--out", "cv"];
    place.siamese(&[&args[..], &set].concat()).done();
    assert_eq!(first_epoch(place.text("cv/fold-0/history.jsonl")), before);

    let report = report(&place, "cv");
    assert_eq!(names(&report).len(), 4 * 3);
    assert_eq!(names(&report)[4], "fold 1, network 2");
    let note = &report["health"][0];
    assert_eq!(note["place"], "all 12 networks");
    let evidence = note["evidence"].as_str().unwrap();
    assert!(
        evidence.starts_with("fold 0, network 1 (epoch 1): 100 %"),
        "{note}"
    );
    assert!(evidence.ends_with('.'), "{note}");
}
