//! Galleries whose model begins with a ready ONNX network, which they keep.

use std::fs;

use crate::faces::{Place, Said};
use crate::import::{SCALE, place};

const MODEL: &str = "model/face.safetensors";

/// A place with an imported network as a model, and a gallery of it with the people in `faces`.
fn enrolled() -> Place {
    let place = place();
    fs::create_dir(place.path("model")).unwrap();
    for (network, out) in [("mobile", MODEL), ("faces", "model/other.safetensors")] {
        let network = format!("nets/{network}.onnx");
        let import = ["import", &network, "--out", out];
        place.siamese(&[&import[..], &SCALE].concat()).done();
    }
    enroll(&place, &["--gallery", "staff.db", "--model", MODEL]).done();
    place
}

/// The faces are smaller than half of what the network takes.
fn enroll(place: &Place, more: &[&str]) -> Said {
    let args = ["enroll", "faces", "--min-size", "8"];
    place.siamese(&[&args[..], more].concat())
}

fn identified(place: &Place, gallery: &str) -> serde_json::Value {
    let args = ["identify", "--gallery", gallery, "faces/p2/1.pgm", "--json"];
    let said = place.siamese(&args);
    assert_eq!(said.code, Some(4), "{said:?}");
    let seen = said.json()["images"][0].clone();
    assert_eq!(seen["candidates"][0]["person"], "p2", "{seen}");
    seen
}

#[test]
fn a_gallery_keeps_the_ready_network_of_its_model() {
    let place = enrolled();
    let expected = identified(&place, "staff.db");
    // A network that is not where it belongs is named.
    fs::create_dir(place.path("moved")).unwrap();
    fs::copy(place.path(MODEL), place.path("moved/face.safetensors")).unwrap();
    enroll(
        &place,
        &["--gallery", "new.db", "--model", "moved/face.safetensors"],
    )
    .failed(1, &["moved/network-"]);
    assert!(!place.path("new.db").exists());

    fs::rename(place.path("model"), place.path("away")).unwrap();
    fs::remove_dir_all(place.path("nets")).unwrap();
    assert_eq!(identified(&place, "staff.db"), expected);
    enroll(&place, &["--gallery", "staff.db"]).done();
    for args in [
        &["gallery", "compact", "staff.db"][..],
        &["gallery", "check", "staff.db"],
        &["gallery", "export", "staff.db", "copy"],
        &["gallery", "import", "copy", "copy.db"],
    ] {
        place.siamese(args).done();
    }
    assert_eq!(identified(&place, "copy.db"), expected);

    // What is exported is a model for every command.
    let model = "copy/model-1.bin";
    let said = place.siamese(&["inspect", model]).done().stdout;
    assert!(!said.contains("which is not there"), "{said}");
    let said = place.siamese(&["verify", model, "faces/p1/1.pgm", "faces/p1/2.pgm"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    let eval = ["eval", model, "--data", "faces", "--protocol", "all"];
    place
        .siamese(&[&eval[..], &["--out", "report", "--threshold", "0.7"]].concat())
        .done();
}

#[test]
fn a_gallery_moves_from_one_ready_network_to_another() {
    let place = enrolled();
    let args = [
        "reembed",
        "--gallery",
        "staff.db",
        "--model",
        "model/other.safetensors",
    ];
    place
        .siamese(&[&args[..], &["--pictures", "faces", "--prune"]].concat())
        .done();
    fs::remove_dir_all(place.path("model")).unwrap();
    identified(&place, "staff.db");
    let info = place
        .siamese(&["gallery", "info", "staff.db", "--json"])
        .done()
        .json();
    let generations = info["generations"].as_array().unwrap();
    assert_eq!(generations.len(), 1);
    assert_eq!(generations[0]["dimension"], 10);
}
