//! Trainings of a command that is stopped, by a terminal, by `kill -9` or by a hang-up: they save what they have and end.

#![cfg(unix)]
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::faces::{Place, RECIPE, Running};

/// Epochs of many steps, so that a signal comes in the middle of one, and more of them than anybody waits for.
fn write_long_recipe(place: &Place) {
    let long = RECIPE.replace("epochs = 3", "epochs = 5000");
    let batches = "[batches]\npeople = 3\nimages = 2\nper_epoch = 300\n";
    place.write("long.toml", format!("{long}\n{batches}"));
}

fn start_folds(place: &Place) -> Running<'_> {
    let args = ["crossval", "long.toml", "--data", "faces", "--out", "cv"];
    let mut running = place.start_with(&[&args[..], &["--jobs", "2"]].concat(), "cv");
    for fold in ["cv/fold-0", "cv/fold-1"] {
        running.wait_for_epochs(fold, 1);
    }
    running
}

/// The checkpoints of both trainings that are under way.
fn checkpoints(place: &Place) -> [Vec<u8>; 2] {
    ["cv/fold-0", "cv/fold-1"].map(|fold| place.bytes(&format!("{fold}/checkpoint.safetensors")))
}

/// Files of a folder that were never finished.
fn unfinished(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".siamese-")).collect()
}

/// Waits until no training holds the folder of its run any more.
fn wait_for_end(place: &Place, fold: &str) {
    let folder = fs::File::open(place.path(fold)).unwrap();
    let start = Instant::now();
    while folder.try_lock().is_err() {
        assert!(start.elapsed() < Duration::from_secs(240), "{fold} goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Both trainings have ended, each with a new checkpoint and nothing beside it.
fn assert_both_saved(place: &Place, before: &[Vec<u8>; 2]) {
    for fold in ["cv/fold-0", "cv/fold-1"] {
        wait_for_end(place, fold);
        assert_eq!(unfinished(&place.path(fold)), [""; 0], "{fold}");
        let checkpoint = format!("{fold}/checkpoint.safetensors");
        place.siamese(&["inspect", &checkpoint]).done();
    }
    for (before, after) in before.iter().zip(&checkpoints(place)) {
        assert!(before != after, "the epoch under way is lost");
    }
    assert!(!place.path("cv/fold-2").join("history.jsonl").exists());
}

#[test]
fn ctrl_c_in_a_terminal_reaches_the_trainings_once_and_each_saves() {
    let place = Place::new();
    write_long_recipe(&place);
    let mut running = start_folds(&place);
    // While the command cannot pass it on, the trainings hear nothing of it.
    running.signal("STOP");
    running.signal_group("INT");
    let epochs = place.text("cv/fold-0/history.jsonl").lines().count();
    running.wait_for_epochs("cv/fold-0", epochs + 2);
    let before = checkpoints(&place);
    running.signal("CONT");
    running
        .end()
        .failed(130, &["everything up to here is saved"]);
    assert_both_saved(&place, &before);
}

#[test]
fn trainings_save_and_end_when_the_command_that_started_them_is_killed() {
    let place = Place::new();
    write_long_recipe(&place);
    let running = start_folds(&place);
    let before = checkpoints(&place);
    running.signal("KILL");
    assert_eq!(running.end().code, None);
    assert_both_saved(&place, &before);
}

/// The command, started by another that sets what it inherits.
#[cfg(target_os = "linux")]
fn started_by(starter: &[&str], siamese: &Command) -> Command {
    let mut command = Command::new(starter[0]);
    command
        .args(&starter[1..])
        .arg(siamese.get_program())
        .args(siamese.get_args())
        .current_dir(siamese.get_current_dir().unwrap())
        .stdin(Stdio::null());
    command
}

/// Linux alone tells without further ado whether a signal was ignored from the start. Whoever runs the tests may have
/// ignored it for them, too.
#[cfg(target_os = "linux")]
#[test]
fn a_hang_up_ends_a_training_that_can_be_resumed() {
    let place = Place::new();
    let mut siamese = place.command(&["train", "tiny.toml", "--data", "faces", "--out", "out"]);
    siamese.args(["--set", "train.epochs=60000"]);
    let heard = started_by(&["env", "--default-signal=HUP"], &siamese);
    let mut running = place.start_command(heard, "out");
    running.wait_for_epochs("out", 2);
    running.signal("HUP");
    running.end().failed(130, &["train --resume out"]);
}

#[cfg(target_os = "linux")]
#[test]
fn under_nohup_a_hang_up_stops_nothing() {
    let place = Place::new();
    let mut siamese = place.command(&["crossval", "tiny.toml", "--data", "faces", "--out", "cv"]);
    siamese.args(["--jobs", "1", "--set", "train.epochs=40"]);
    let deaf = started_by(&["env", "--ignore-signal=HUP"], &siamese);
    let mut running = place.start_command(deaf, "cv");
    running.wait_for_epochs("cv/fold-0", 1);
    running.signal_group("HUP");
    running.end().done();
    assert!(place.path("cv/report.html").exists());
}
