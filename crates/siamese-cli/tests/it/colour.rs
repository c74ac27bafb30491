//! Images in colour through every command, and grey and colour where the other is asked for.

use crate::faces::{HEIGHT, IMAGES, PEOPLE, Place, WIDTH};

/// A P6 file of a person's pattern, in the person's colours.
fn colour_face(person: usize, image: usize) -> Vec<u8> {
    let mut bytes = format!("P6\n{WIDTH} {HEIGHT}\n255\n").into_bytes();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let pattern = (y * (person + 1) * 13 + x * (7 * person + 3) + image) % 100;
            for channel in 0..3 {
                bytes.push((pattern + 40 * ((person + channel) % 3)) as u8);
            }
        }
    }
    bytes
}

/// A folder `colours` of PPMs, and `colour.toml` for it.
fn place() -> Place {
    let place = Place::new();
    for person in 0..PEOPLE {
        for image in 0..IMAGES {
            let name = format!("colours/p{}/{}.ppm", person + 1, image + 1);
            place.write(&name, colour_face(person, image));
        }
    }
    place.recipe("colour.toml", "input = [1,", "input = [3,");
    place
}

#[test]
fn a_recipe_in_colour_trains_judges_and_embeds() {
    let place = place();
    let args = ["--data", "colours", "--out", "run"];
    let said = place.siamese(&[&["train", "colour.toml"], &args[..]].concat());
    assert!(!said.done().stderr.contains("are grey"));
    let page = place.text("run/report.html");
    assert!(page.contains("fisherfaces") && page.contains("data:image/png"));
    place
        .siamese(&["eval", "run", "--data", "colours", "--protocol", "all"])
        .done();
    let embed = |data: &str, out: &str| {
        let said = place.siamese(&["embed", "run", "--data", data, "--out", out]);
        (said.done(), place.bytes(out))
    };
    let (_, colours) = embed("colours", "colours.npy");
    // Grey images have three equal channels, and it is said that they are grey.
    let (said, greys) = embed("faces", "greys.npy");
    let all = PEOPLE * IMAGES;
    let words = format!("{all} of {all} images are grey");
    assert!(said.stderr.contains(&words), "{said:?}");
    assert_ne!(colours, greys);

    let crossval = [
        "crossval",
        "colour.toml",
        "--data",
        "colours",
        "--out",
        "folds",
    ];
    place.siamese(&crossval).done();
    place.siamese(&["report", "folds"]).done();
    assert!(place.text("folds/report.html").contains("data:image/png"));
}

#[test]
fn colours_are_the_same_where_they_do_not_fit_in_memory() {
    let place = place();
    let train = |out: &str, more: &[&str]| {
        let args = ["train", "colour.toml", "--data", "colours", "--no-report"];
        let said = place.siamese(&[&args[..], &["--out", out], more].concat());
        (
            said.done().stderr,
            place.bytes(&format!("{out}/model.safetensors")),
        )
    };
    let (_, held) = train("held", &[]);
    let (said, streamed) = train("streamed", &["--memory", "4KiB"]);
    assert!(said.contains("do not fit"), "{said}");
    assert!(held == streamed);
}

/// The checksum of what the network sees is that of the luma, written as graymaps by hand.
#[test]
fn a_grey_recipe_sees_the_luma_of_colours() {
    let place = place();
    for person in 0..PEOPLE {
        for image in 0..IMAGES {
            let bytes = colour_face(person, image);
            let pixels = &bytes[bytes.len() - 3 * HEIGHT * WIDTH..];
            let luma = |p: &[u8]| {
                (0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]))
                    .round()
            };
            let grey = pixels.chunks_exact(3).map(|p| luma(p) as u8).collect();
            let name = format!("luma/p{}/{}.pgm", person + 1, image + 1);
            place.write(&name, crate::faces::pgm(WIDTH, HEIGHT, grey));
        }
    }
    let checksum = |data: &str| {
        let out = format!("run-{data}");
        let args = ["train", "tiny.toml", "--data", data, "--out", &out];
        let short = ["--set", "train.epochs=1", "--no-report"];
        place.siamese(&[&args[..], &short].concat()).done();
        place.json(&format!("{out}/figures.json"))["data_sha256"].clone()
    };
    assert_eq!(checksum("colours"), checksum("luma"));
}

#[test]
fn the_sheet_of_augmented_images_is_in_colour() {
    let place = place();
    let args = ["augment-preview", "colour.toml", "--data", "colours"];
    place.siamese(&args).done();
    let sheet = image::load_from_memory(&place.bytes("sheet.png"))
        .unwrap()
        .to_rgb8();
    let colourful = |p: &&image::Rgb<u8>| p.0[0].abs_diff(p.0[1]).max(p.0[1].abs_diff(p.0[2])) > 60;
    let count = sheet.pixels().filter(colourful).count();
    assert!(count > 1_000, "{count}");
}

#[test]
fn leak_check_finds_pictures_in_colour() {
    let place = place();
    place.write("other/someone/1.ppm", colour_face(2, 1));
    let said = place
        .siamese(&["leak-check", "colours", "other", "--json"])
        .json();
    let alike = said["alike"].as_array().unwrap();
    assert!(
        alike
            .iter()
            .any(|pair| pair["equal"] == true && pair["a"].as_str().unwrap().ends_with("p3/2.ppm")),
        "{said}"
    );
}

#[test]
fn other_numbers_of_channels_are_refused_before_anything_is_read() {
    let place = place();
    place.recipe("four.toml", "input = [1,", "input = [4,");
    place
        .siamese(&["train", "four.toml", "--data", "colours"])
        .failed(1, &["encoder.input", "4", "1 (grey) or 3"]);
}
