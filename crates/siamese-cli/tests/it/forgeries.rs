//! Signatures and forgeries of them: from a folder to a recipe, a model, figures for both kinds of impostors, and thresholds.

use crate::faces::{Place, pgm};

const WRITERS: usize = 12;
const GENUINE: usize = 5;
const FORGERIES: usize = 4;

/// Three bars of ink whose places are the writer's, over dots that are the digits of the writer's number; forgeries have another
/// thickness. Sheets differ in size.
fn signature(writer: usize, image: usize, forged: bool) -> Vec<u8> {
    let (width, height) = (60 + 3 * (image % 4), 30 + 2 * (image % 3));
    let mut pixels: Vec<u8> = (0..width * height)
        .map(|i| 230 + (i * 7 % 13) as u8)
        .collect();
    for bar in 0..3 {
        let left = 6 + 14 * bar + (writer * (bar + 3)) % 9 + image % 2;
        let thick = if forged { 4 } else { 2 };
        let (top, low) = (4 + (writer * (bar + 1)) % 7, 16 + (writer + 5 * bar) % 9);
        for y in top..low {
            pixels[y * width + left..][..thick].fill(40 + (image * 5) as u8);
        }
    }
    for digit in (0..5).filter(|digit| writer >> digit & 1 == 1) {
        for y in height - 6..height - 1 {
            pixels[y * width + 5 + 10 * digit..][..7].fill(40 + (image * 5) as u8);
        }
    }
    pgm(width, height, pixels)
}

/// Writers of these numbers, in folders `genuine` and `forgery`.
fn write(place: &Place, folder: &str, writers: std::ops::Range<usize>) {
    for writer in writers {
        for image in 0..GENUINE {
            let name = format!("{folder}/w{writer}/genuine/{image}.pgm");
            place.write(&name, signature(writer, image, false));
        }
        for image in 0..FORGERIES {
            let name = format!("{folder}/w{writer}/forgery/{image}.pgm");
            place.write(&name, signature(writer, image, true));
        }
    }
}

#[test]
fn a_set_with_forgeries_is_seen_learnt_and_judged_by_both_kinds_of_impostors() {
    let place = Place::new();
    write(&place, "signed", 0..WRITERS);
    write(&place, "strangers", WRITERS..2 * WRITERS);
    let said = place
        .siamese(&["new-recipe", "--data", "signed", "--out", "signed.toml"])
        .done();
    let told = format!("{}{}", said.stdout, said.stderr);
    assert!(
        told.contains("60 genuine samples and 48 forgeries"),
        "{told}"
    );
    let text = place.text("signed.toml");
    for words in [
        "60 in all, and 48 forgeries of them",
        "fill = \"black\"",
        "ink = { crop = true, clean = true }",
        "invert = true",
        "flip = 0.0",
        "forgeries = 5",
        "references = 4",
        "fusion = \"relative\"",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let train = [
        "train",
        "signed.toml",
        "--data",
        "signed",
        "--out",
        "runs/signed",
        "--set",
        "train.epochs=2",
        "--set",
        "batches.per_epoch=2",
        "--set",
        "protocol.validation_people=2",
        "--set",
        "batches.people=6",
        "--allow-duplicates",
    ];
    let said = place.siamese(&train).done();
    for words in ["Random and skilled impostors apart", "random", "skilled"] {
        assert!(said.stdout.contains(words), "{words}: {}", said.stdout);
    }
    let figures = place.json("runs/signed/figures.json");
    let figures = &figures["figures"];
    let source = figures["threshold_source"].as_str().unwrap();
    assert!(source.contains("against skilled forgeries"), "{source}");
    let impostors = &figures["impostors"];
    assert_eq!(impostors["references"], 4);
    // The threshold of a training is for two images.
    assert!(impostors["fnmr"].is_null(), "{impostors}");
    let kinds: Vec<&str> = impostors["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["random", "skilled"]);

    let eval = [
        "eval",
        "runs/signed",
        "--data",
        "strangers",
        "--protocol",
        "all",
    ];
    let found = [&eval[..], &["--enrol", "2", "--no-report", "--json"]].concat();
    let found = place.siamese(&found).done().json();
    assert_eq!(found["impostors"]["references"], 2);
    // Two turns of two references, each with the forgeries of all.
    let skilled = &found["impostors"]["kinds"][1]["comparisons"];
    assert_eq!(*skilled, 2 * WRITERS * FORGERIES);

    let calibrate = [
        "calibrate",
        "runs/signed",
        "--data",
        "strangers",
        "--out",
        "c.safetensors",
        "--json",
    ];
    let found = place.siamese(&calibrate).done().json();
    let made = &found["calibration"]["made"];
    assert_eq!(
        made["how"],
        "images in strangers; impostors are skilled forgeries"
    );
    assert_eq!(made["impostor"], WRITERS * GENUINE * FORGERIES);
    assert_eq!(
        found["calibration"]["groups"][0]["name"],
        "random impostors"
    );
    // As many references as are used, and each writer by how much they vary.
    let with_references = ["--templates", "3", "--fusion", "relative"];
    let relative = place.siamese(
        &[
            &calibrate[..5],
            &["r.safetensors", "--json"],
            &with_references,
        ]
        .concat(),
    );
    let relative = relative.done().json();
    assert_eq!(relative["calibration"]["fusion"], "relative");
    assert_eq!(
        relative["calibration"]["made"]["impostor"],
        WRITERS * FORGERIES
    );

    let of_one = [&calibrate[..4], &["--fusion", "relative"]].concat();
    place.siamese(&of_one).failed(1, &["--templates 2 or more"]);

    let known = [
        "calibrate",
        "runs/signed",
        "--data",
        "signed",
        "--out",
        "d.safetensors",
    ];
    place.siamese(&known).failed(1, &["learnt from"]);
}

#[test]
fn forgeries_that_are_asked_for_and_not_there_are_said() {
    let place = Place::new();
    for writer in 0..WRITERS {
        for image in 0..GENUINE {
            let name = format!("signed/w{writer}/{image}.pgm");
            place.write(&name, signature(writer, image, false));
        }
    }
    let train = [
        "train",
        "signatures",
        "--data",
        "signed",
        "--set",
        "protocol.validation_people=2",
    ];
    place
        .siamese(&train)
        .failed(1, &["batches.forgeries = 4", "{kind}"]);
}
