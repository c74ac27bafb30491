//! `kill -9` at any moment: what was acknowledged is there, and the file is whole.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use gallery::{SqliteStore, Store};
use rand::{RngExt, SeedableRng};

use crate::made::{NOW, person, store, template, vector};

const KILLS: u64 = 200;
const FILE: &str = "GALLERY_TEST_KILLED";
const ROUND: &str = "GALLERY_TEST_ROUND";

/// Enrols until it is killed, and says of each template that it is enrolled.
#[test]
#[ignore = "started, and killed, by the test below"]
fn enrols_until_it_is_killed() {
    let path = PathBuf::from(std::env::var_os(FILE).unwrap());
    let round: u64 = std::env::var(ROUND).unwrap().parse().unwrap();
    let mut store = SqliteStore::open(&path).unwrap();
    for number in 0.. {
        let number = round * 100_000 + number;
        let added = store
            .add_person(&person(&format!("person {number}")), NOW)
            .unwrap()
            .number;
        let new = template(&store, added, number);
        let id = store.enrol(&[new], NOW).unwrap()[0].id;
        let mut out = std::io::stdout().lock();
        writeln!(out, "enrolled {number} {id}").unwrap();
        out.flush().unwrap();
        if number % 2 == 1 {
            store.forget_person(added, NOW).unwrap();
            writeln!(out, "forgotten {number} {id}").unwrap();
            out.flush().unwrap();
        }
    }
}

#[test]
fn what_was_acknowledged_survives_two_hundred_kills() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(store(&path));
    let mut draw = rand_chacha::ChaCha8Rng::seed_from_u64(9);
    let (mut enrolled, mut forgotten) = (Vec::new(), Vec::new());
    for round in 0..KILLS {
        for line in killed(
            &path,
            round,
            Duration::from_micros(draw.random_range(0..80_000)),
        ) {
            // The first line begins with what the test harness says.
            let words: Vec<&str> = line.split(' ').collect();
            if let [.., what @ ("enrolled" | "forgotten"), number, id] = words[..] {
                let pair: (u64, u64) = (number.parse().unwrap(), id.parse().unwrap());
                if what == "enrolled" {
                    enrolled.push(pair)
                } else {
                    forgotten.push(pair)
                }
            }
        }
        if round % 20 == 19 {
            let store = SqliteStore::open(&path).unwrap();
            assert_eq!(store.check().unwrap(), [], "after {round} kills");
        }
    }
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.check().unwrap(), []);
    println!(
        "{} enrolled and {} forgotten between {KILLS} kills",
        enrolled.len(),
        forgotten.len()
    );
    assert!(enrolled.len() >= KILLS as usize / 2);
    for &(number, id) in &enrolled {
        // The last one of a round may have been forgotten without having said so.
        let kept = store.template(id).unwrap();
        if number % 2 == 1 {
            assert!(kept.is_none() || !forgotten.contains(&(number, id)));
        } else {
            assert_eq!(
                kept.unwrap().given.vector,
                vector(number),
                "template {id} of person {number}"
            );
        }
    }
    for person in store.people().unwrap() {
        assert!(person.given.external_id.starts_with("person "));
    }
}

/// Starts the child, kills it, and returns what it said. In every other round it is killed so long after its first word,
/// in the others so long after its start, which is mostly while it opens the file.
fn killed(path: &Path, round: u64, after: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::enrols_until_it_is_killed",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FILE, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            sender.send(line).unwrap();
        }
    });
    let mut said = Vec::new();
    while round.is_multiple_of(2)
        && !said
            .last()
            .is_some_and(|line: &String| line.contains("enrolled"))
    {
        said.push(receiver.recv().unwrap());
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    said.extend(receiver.try_iter());
    said
}
