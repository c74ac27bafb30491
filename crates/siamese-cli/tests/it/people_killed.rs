//! `kill -9` while `siamese enroll` runs: what was written is whole, and the same command goes on.

use std::thread::sleep;
use std::time::Duration;

use crate::faces::{Place, pgm};
use crate::used::place;

const KILLS: u64 = 12;
const PEOPLE: usize = 60;
const EACH: usize = 5;

/// Faces of many people, of noise, so that no two are alike.
fn many(place: &Place) {
    let mut state = 5_u32;
    for person in 0..PEOPLE {
        for image in 0..EACH {
            let samples = (0..16 * 12).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            });
            let name = format!("many/p{person:02}/{image}.pgm");
            place.write(&name, pgm(12, 16, samples.collect()));
        }
    }
}

#[test]
fn an_enrolment_that_is_killed_goes_on_to_the_same_gallery() {
    let place = place(None);
    many(&place);
    let args = [
        "enroll",
        "--gallery",
        "a.db",
        "--model",
        "model.safetensors",
        "many",
    ];
    for kill in 0..KILLS {
        let mut child = place.command(&args);
        let child = child
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut child = child.spawn().unwrap();
        // From the making of the file to well into the pictures.
        sleep(Duration::from_millis(3 + kill * kill * 2));
        child.kill().unwrap();
        child.wait().unwrap();
        if place.path("a.db").exists() {
            place.siamese(&["gallery", "check", "a.db"]).done();
        }
    }
    place.siamese(&args).done();
    let said = place
        .siamese(&[&args[..], &["--json"]].concat())
        .done()
        .json();
    assert_eq!(said["known"], PEOPLE * EACH);
    assert_eq!(said["gallery_people"], PEOPLE);
    place.siamese(&["gallery", "check", "a.db"]).done();
    let names = std::fs::read_dir(place.path(".")).unwrap();
    let left: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("a.db") && name != "a.db")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
