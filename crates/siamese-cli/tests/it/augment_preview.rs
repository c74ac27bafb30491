//! `augment-preview`: what is on the sheet, and what is refused.

use crate::faces::{HEIGHT, PEOPLE, Place, WIDTH};
use image::RgbImage;

const AUGMENT: &str =
    "[batches]\npeople = 3\nimages = 2\n\n[augment]\nrotation = 15.0\nnoise = 0.1\n\n[encoder]";
const MEMBERS: &str = r#"[[members]]
[[members]]
data.normalise = { kind = "standardise" }
"#;

/// Where the first image is, and how often its pixels are enlarged: 16 rows become about 112.
const TOP: usize = 16 + 30 + 22;
const LEFT: usize = 16 + 112;
const FACTOR: usize = 7;
/// From one row, and from one changed version, to the next.
const DOWN: usize = FACTOR * HEIGHT + 4;
const ACROSS: usize = FACTOR * WIDTH + 4;

fn place() -> Place {
    let place = Place::new();
    place.recipe("changed.toml", "[encoder]", AUGMENT);
    place
}

fn sheet(place: &Place, name: &str) -> RgbImage {
    image::load_from_memory(&place.bytes(name))
        .unwrap()
        .to_rgb8()
}

/// The image of a row and column, a byte for each pixel of the network's input.
fn tile(sheet: &RgbImage, row: usize, column: usize) -> Vec<u8> {
    let left = LEFT + column * ACROSS + if column == 0 { 0 } else { 12 };
    let top = TOP + row * DOWN;
    let mut bytes = Vec::new();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let at = |dy: usize, dx: usize| {
                let (x, y) = (left + x * FACTOR + dx, top + y * FACTOR + dy);
                *sheet.get_pixel(x as u32, y as u32)
            };
            let pixel = at(0, 0);
            assert_eq!(pixel, at(FACTOR - 1, FACTOR - 1));
            assert!(pixel.0.iter().all(|&byte| byte == pixel.0[0]));
            bytes.push(pixel.0[0]);
        }
    }
    bytes
}

#[test]
fn each_row_shows_an_image_as_it_is_and_then_changed() {
    let place = place();
    let preview = |out: &str, more: &[&str]| {
        let mut args = vec![
            "augment-preview",
            "changed.toml",
            "--data",
            "faces",
            "--out",
            out,
        ];
        args.extend(more);
        place.siamese(&args).done()
    };
    let said = preview("a.png", &["--json", "--people", "4", "--per-image", "3"]).json();
    let image = sheet(&place, "a.png");
    assert_eq!(said["width"], image.width());
    assert_eq!(said["height"], image.height());
    let shown: Vec<String> = said["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(shown.len(), 4);
    for (row, path) in shown.iter().enumerate() {
        let file = place.path("faces").join(path);
        let original = image_stack::open(&file, &image_stack::Reading::default()).unwrap();
        let original = original.planes(image_stack::Channels::Grey, image_stack::Resize::None);
        let plain = tile(&image, row, 0);
        // Brighter stays brighter, and nearly every step of grey is still there.
        let mut pairs: Vec<(u8, u8)> = original.unwrap().into_iter().zip(plain.clone()).collect();
        pairs.sort_unstable();
        assert!(pairs.is_sorted_by_key(|pair| pair.1), "{path}");
        assert!(pairs[pairs.len() - 1].1 - pairs[0].1 > 150);
        let versions = [1, 2, 3].map(|column| tile(&image, row, column));
        for version in &versions {
            assert_ne!(*version, plain);
        }
        assert_ne!(versions[0], versions[1]);
    }
    preview("b.png", &["--people", "4", "--per-image", "3"]);
    assert_eq!(place.bytes("a.png"), place.bytes("b.png"));
    preview(
        "c.png",
        &["--people", "4", "--per-image", "3", "--seed", "8"],
    );
    preview(
        "d.png",
        &["--people", "4", "--per-image", "3", "--set", "seed=8"],
    );
    assert_ne!(place.bytes("a.png"), place.bytes("c.png"));
    assert_eq!(place.bytes("c.png"), place.bytes("d.png"));
}

#[test]
fn a_recipe_that_changes_nothing_says_so_and_shows_the_images() {
    let place = place();
    let said = place
        .siamese(&["augment-preview", "tiny.toml", "--data", "faces"])
        .done();
    assert!(said.stdout.contains("changes no image"), "{said:?}");
    let image = sheet(&place, "sheet.png");
    let first = tile(&image, 0, 0);
    assert!(first.iter().any(|&byte| byte != first[0]));
    // All settings at nothing are no augmentation either.
    place.recipe(
        "off.toml",
        "[encoder]",
        "[batches]\npeople = 3\nimages = 2\n\n[augment]\nerase_sides = [0.2, 0.3]\n\n[encoder]",
    );
    let said = place
        .siamese(&[
            "augment-preview",
            "off.toml",
            "--data",
            "faces",
            "--json",
            "--force",
        ])
        .done()
        .json();
    assert_eq!(said["networks"][0]["versions"], 0);
}

#[test]
fn each_network_has_its_own_block() {
    let place = place();
    let preview = |recipe: &str, out: &str| {
        place
            .siamese(&[
                "augment-preview",
                recipe,
                "--data",
                "faces",
                "--out",
                out,
                "--json",
            ])
            .done()
            .json()
    };
    preview("changed.toml", "one.png");
    place.write(
        "three.toml",
        format!("{}\n{MEMBERS}", place.text("changed.toml")),
    );
    let said = preview("three.toml", "three.png");
    let networks = said["networks"].as_array().unwrap();
    assert_eq!(networks.len(), 2);
    assert_ne!(networks[0]["seed"], networks[1]["seed"]);
    let (one, both) = (sheet(&place, "one.png"), sheet(&place, "three.png"));
    assert_eq!(one.width(), both.width());
    assert_eq!(2 * (one.height() - 16), both.height() - 16);
    // The first network is the recipe's own.
    for column in 0..4 {
        assert_eq!(tile(&one, 5, column), tile(&both, 5, column));
    }
}

#[test]
fn a_coarser_network_is_shown_at_the_size_of_the_others() {
    let place = place();
    let coarse = format!(
        "encoder.input = [1, {}, {}]\ndata.pool = 2",
        HEIGHT / 2,
        WIDTH / 2
    );
    let text = format!("{}\n{MEMBERS}{coarse}\n", place.text("changed.toml"));
    place.write("coarse.toml", text);
    let args = [
        "augment-preview",
        "coarse.toml",
        "--data",
        "faces",
        "--people",
        "1",
    ];
    place.siamese(&args).done();
    let both = sheet(&place, "sheet.png");
    let block = (both.height() - 16) / 2;
    let below = image::imageops::crop_imm(&both, 0, block, both.width(), block).to_image();
    let [fine, coarse] = [tile(&both, 0, 0), tile(&below, 0, 0)];
    let even = |tile: &[u8]| {
        let same = |at: usize| tile[at - at % WIDTH % 2 - WIDTH * (at / WIDTH % 2)] == tile[at];
        (0..HEIGHT * WIDTH).all(same)
    };
    assert!(even(&coarse) && !even(&fine));
}

#[test]
fn people_who_are_mixed_have_a_block_in_which_each_is_half_the_next() {
    let place = place();
    let preview = |out: &str, more: &[&str]| {
        let mut args = vec!["augment-preview", "changed.toml", "--data", "faces"];
        args.extend(["--json", "--people", "3", "--out", out]);
        args.extend(more);
        place.siamese(&args).done().json()
    };
    let mix = ["--set", "augment.mix=5", "--set", "batches.mixed=2"];
    assert_eq!(preview("one.png", &[])["networks"][0]["mixed"], false);
    assert_eq!(preview("both.png", &mix)["networks"][0]["mixed"], true);
    let (one, both) = (sheet(&place, "one.png"), sheet(&place, "both.png"));
    let block = one.height() - 16;
    assert_eq!(both.height(), 2 * block + 16);
    let below = image::imageops::crop_imm(&both, 0, block, both.width(), block).to_image();
    let grey = |tile: &[u8]| tile.iter().map(|&byte| f64::from(byte)).collect::<Vec<_>>();
    for row in 0..3 {
        assert_eq!(tile(&one, row, 1), tile(&both, row, 1));
        let [a, b, mixed] = [
            tile(&both, row, 0),
            tile(&both, (row + 1) % 3, 0),
            tile(&below, row, 0),
        ]
        .map(|tile| grey(&tile));
        let mean: Vec<f64> = a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect();
        // Each block is brought to 256 greys of its own, which keeps the correlation.
        assert!(correlation(&mixed, &mean) > 0.999, "row {row}");
        assert!(correlation(&mixed, &a) < 0.99);
        assert!(correlation(&mixed, &b) < 0.99);
    }
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (of_a, of_b) = (mean(a), mean(b));
    let products = |x: &[f64], y: &[f64], of_x: f64, of_y: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - of_x) * (y - of_y)).sum()
    };
    let both = products(a, b, of_a, of_b);
    both / (products(a, a, of_a, of_a) * products(b, b, of_b, of_b)).sqrt()
}

#[test]
fn what_cannot_be_shown_is_refused_and_leaves_no_file() {
    let place = place();
    let too_many = (PEOPLE + 1).to_string();
    for (more, words) in [
        (
            &["--people", too_many.as_str()][..],
            &["--people 9", "only 8 subjects"][..],
        ),
        (&["--out", "sheet.jpg"], &["sheet.jpg", ".png"]),
        (&["--out", "no/where.png"], &["no/where.png"]),
        (&["--per-image", "60000"], &["--per-image", "pixels"]),
        (&["--set", "encoder.input=[1, 8, 6]"], &["8x6", "16x12"]),
        (&["--set", "augment.flip=2.0"], &["augment.flip"]),
        (&["--data", "nowhere"], &["nowhere does not exist"]),
    ] {
        let mut args = vec!["augment-preview", "changed.toml"];
        if !more.contains(&"--data") {
            args.extend(["--data", "faces"]);
        }
        args.extend(more);
        place.siamese(&args).failed(1, words);
    }
    place
        .siamese(&["augment-preview", "changed.toml", "--people", "0"])
        .failed(2, &["--people"]);
    assert!(!place.path("sheet.png").exists());
}
