//! One network trained by several processes: the bytes of one process, and an end for all where one is gone. With
//! `scripts/test.sh --all` by three and four processes as well, and the classic recipe.

#![cfg(unix)]
#![allow(
    clippy::print_stdout,
    reason = "a test that is not run says so by name"
)]

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::faces::{Place, RECIPE, Running, Said, face};

const PEOPLE: usize = 20;
const IMAGES: usize = 8;

/// 400 pairs in batches of three parts, and an average of the weights.
const PAIRS: &str = "average = 0.9\n";

/// Batches of four parts, with a vector for each subject.
const SUBJECTS: &str = "[batches]\npeople = 15\nimages = 8\nper_epoch = 4\n";

/// A place with more faces than usual, and `tiny.toml` for them.
fn place(pairs: bool) -> Place {
    let place = Place::new();
    for person in 0..PEOPLE {
        for image in 0..IMAGES {
            let name = format!("faces/p{}/{}.pgm", person + 1, image + 1);
            place.write(&name, face(person, image));
        }
    }
    let recipe = RECIPE.replace("per_kind = 30", "per_kind = 200");
    let recipe = match pairs {
        true => recipe.replace("batch = 16\n", &format!("batch = 150\n{PAIRS}")),
        false => {
            let (before, after) = recipe.split_once("kind = \"contrastive\"").unwrap();
            format!("{before}kind = \"proxy-anchor\"{after}{SUBJECTS}")
        }
    };
    place.write("tiny.toml", recipe);
    place
}

/// A port that nobody listens at.
fn port() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port().to_string()
}

/// What `torchrun` would set.
fn variables(command: &mut Command, rank: usize, size: usize, port: &str) {
    command.envs([
        ("RANK", rank.to_string().as_str()),
        ("WORLD_SIZE", &size.to_string()),
        ("LOCAL_RANK", &rank.to_string()),
        ("LOCAL_WORLD_SIZE", &size.to_string()),
        ("MASTER_ADDR", "127.0.0.1"),
        ("MASTER_PORT", port),
    ]);
}

/// Starts as many processes with the same arguments; what each says goes to `out-RANK.said`.
fn start<'a>(place: &'a Place, size: usize, args: &[&str], out: &str) -> Vec<Running<'a>> {
    let port = port();
    let one = |rank| {
        let mut command = place.command(args);
        variables(&mut command, rank, size, &port);
        place.start_command(command, &format!("{out}-{rank}"))
    };
    (0..size).map(one).collect()
}

fn end(running: Vec<Running<'_>>) -> Vec<Said> {
    running.into_iter().map(Running::end).collect()
}

fn train<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = [
        "train",
        "tiny.toml",
        "--data",
        "faces",
        "--no-report",
        "--out",
        out,
    ];
    [&args[..], more].concat()
}

#[track_caller]
fn assert_same(place: &Place, found: &str, expected: &str) {
    for file in ["checkpoint.safetensors", "model.safetensors", "scores.csv"] {
        let [found, expected] = [found, expected].map(|run| place.bytes(&format!("{run}/{file}")));
        assert!(found == expected, "{file} differs");
    }
}

fn slow() -> bool {
    std::env::var_os("SIAMESE_SLOW_TESTS").is_some()
}

#[test]
fn several_processes_write_the_bytes_of_one() {
    let sizes = if slow() { 2..=4 } else { 2..=2 };
    for pairs in [true, false] {
        let place = place(pairs);
        place.siamese(&train("alone", &[])).done();
        for size in sizes.clone() {
            let out = format!("by-{size}");
            let said = end(start(&place, size, &train(&out, &[]), &out));
            for (rank, said) in said.into_iter().enumerate() {
                let said = said.done();
                assert!(rank == 0 || said.stderr.is_empty(), "{said:?}");
            }
            assert_same(&place, &out, "alone");
        }
    }
}

#[test]
fn the_classic_recipe_has_the_same_bytes_too() {
    let faces = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/orl_faces");
    if !slow() || !faces.join("s1").is_dir() {
        println!(
            "NOT RUN: the_classic_recipe_has_the_same_bytes_too: it is slow, and needs datasets/orl_faces"
        );
        return;
    }
    let place = Place::new();
    let data = faces.to_str().unwrap();
    fn args<'a>(data: &'a str, out: &'a str) -> Vec<&'a str> {
        let sets = ["--set", "train.epochs=1", "--no-report", "--out", out];
        [&["train", "seed", "--data", data][..], &sets].concat()
    }
    place.siamese(&args(data, "alone")).done();
    for size in 2..=4 {
        let out = format!("by-{size}");
        let said = end(start(&place, size, &args(data, &out), &out));
        said.into_iter().for_each(|said| drop(said.done()));
        assert_same(&place, &out, "alone");
    }
}

/// Any of them may be asked to stop, and any number may go on.
#[test]
fn a_run_goes_on_with_another_number_of_processes() {
    let place = place(false);
    let long = ["--set", "train.epochs=40"];
    place.siamese(&train("alone", &long)).done();
    for (first, then) in [(2, 1), (1, 2)] {
        let out = format!("from-{first}-to-{then}");
        let mut running = start(&place, first, &train(&out, &long), &out);
        running[0].wait_for_epochs(&out, 2);
        running[first - 1].signal("INT");
        let said = end(running);
        said.into_iter()
            .for_each(|said| drop(said.failed(130, &[])));
        let resume = ["train", "--no-report", "--resume", &out];
        for said in end(start(&place, then, &resume, &out)) {
            said.done();
        }
        assert_same(&place, &out, "alone");
    }
}

#[test]
fn a_killed_process_ends_the_others_and_leaves_what_was_done() {
    let place = place(false);
    let long = ["--set", "train.epochs=300"];
    let size = if slow() { 3 } else { 2 };
    for killed in [1, 0] {
        let out = format!("without-{killed}");
        let mut running = start(&place, size, &train(&out, &long), &out);
        running[0].wait_for_epochs(&out, 2);
        running[killed].signal("KILL");
        for (rank, said) in end(running).into_iter().enumerate() {
            let own = format!("process {rank} of {size}");
            let gone = format!("process {killed} of {size} is gone");
            let resume = format!("siamese train --resume {out}");
            match (rank, killed) {
                _ if rank == killed => assert_eq!(said.code, None, "{said:?}"),
                // Who keeps the meeting point is gone.
                (_, 0) => drop(said.failed(1, &[&own, "does not answer any more", "process 0"])),
                (0, _) => drop(said.failed(1, &[&own, &gone, "up to here is saved", &resume])),
                _ => drop(said.failed(1, &[&own, &gone])),
            }
        }
        let checkpoint = format!("{out}/checkpoint.safetensors");
        place.siamese(&["inspect", &checkpoint]).done();
    }
    // What was saved is what one process has at that step.
    place
        .siamese(&["train", "--no-report", "--resume", "without-1"])
        .done();
    place.siamese(&train("alone", &long)).done();
    assert_same(&place, "without-1", "alone");
}

#[test]
fn processes_that_were_given_different_things_are_told_so() {
    let place = place(true);
    let port = port();
    let one = |rank: usize, seed: &str| {
        let mut command = place.command(&train("out", &["--seed", seed]));
        variables(&mut command, rank, 2, &port);
        place.start_command(command, &format!("out-{rank}"))
    };
    for said in end(vec![one(0, "1"), one(1, "2")]) {
        said.failed(1, &["process 1 has another recipe than process 0"]);
    }
    let mut absent = train("out2", &[]);
    absent[3] = "nowhere";
    let mut there = place.command(&train("out2", &[]));
    let mut fails = place.command(&absent);
    let port = self::port();
    variables(&mut there, 0, 2, &port);
    variables(&mut fails, 1, 2, &port);
    let (there, fails) = (
        place.start_command(there, "out2-0"),
        place.start_command(fails, "out2-1"),
    );
    fails.end().failed(1, &["process 1 of 2", "nowhere"]);
    there.end().failed(1, &["process 1 has failed", "nowhere"]);
}

#[test]
fn a_wrong_environment_is_explained() {
    let place = place(true);
    let whole = [
        ("RANK", "1"),
        ("WORLD_SIZE", "2"),
        ("MASTER_ADDR", "127.0.0.1"),
        ("MASTER_PORT", "29400"),
    ];
    let run = |args: &[&str], leave_out: &str, other: (&str, &str)| {
        let mut command = place.command(args);
        command
            .envs(whole)
            .env(other.0, other.1)
            .env_remove(leave_out);
        place.start_command(command, "wrong").end()
    };
    let out = train("wrong", &[]);
    run(&out, "MASTER_ADDR", ("RANK", "0")).failed(1, &["MASTER_ADDR is not set, but RANK is"]);
    run(&out, "", ("RANK", "2")).failed(1, &["RANK is \"2\": expected 0 to 1"]);
    run(&out, "", ("MASTER_PORT", "x")).failed(1, &["MASTER_PORT is \"x\": expected a port"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = place.command(&out);
    variables(&mut command, 0, 2, &port);
    let said = place.start_command(command, "taken").end();
    said.failed(1, &["process 0 of 2 cannot listen at 127.0.0.1:"]);
    let sweep = ["crossval", "tiny.toml", "--data", "faces", "--out", "cv"];
    run(&sweep, "", ("RANK", "0")).failed(1, &["only `siamese train`", "--shard"]);
    assert!(!place.path("wrong").exists() && !place.path("cv").exists());
}

#[test]
fn torchrun_launches_it() {
    let torchrun = std::env::var_os("SIAMESE_TEST_TORCHRUN").unwrap_or_else(|| "torchrun".into());
    if Command::new(&torchrun).arg("--help").output().is_err() {
        println!(
            "NOT RUN: torchrun_launches_it: there is no torchrun on PATH, nor in SIAMESE_TEST_TORCHRUN"
        );
        return;
    }
    let place = place(false);
    place.siamese(&train("alone", &[])).done();
    let own = place.command(&train("out", &[]));
    let mut command = Command::new(torchrun);
    command
        .args(["--standalone", "--nproc-per-node", "2", "--no-python"])
        .arg(own.get_program())
        .args(own.get_args())
        .current_dir(place.path("."))
        .env_remove("LD_LIBRARY_PATH");
    place.start_command(command, "out").end().done();
    assert_same(&place, "out", "alone");
}
