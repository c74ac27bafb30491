//! Images that are not stretched, and ink on paper.
use image_stack::{Channels, Ink, Reading, Resize, StackError, decode_planes, read, read_planes};
use ndarray::Array3;

const WHITE: [u8; 3] = [255; 3];

fn fit(height: usize, width: usize, fill: [u8; 3]) -> Resize {
    within(height, width, fill, 0)
}

fn within(height: usize, width: usize, fill: [u8; 3], margin: usize) -> Resize {
    Resize::Fit {
        height,
        width,
        fill,
        margin,
    }
}

fn planes(bytes: &[u8], resize: Resize, ink: Ink) -> Array3<u8> {
    let reading = Reading::default().with_ink(ink);
    read_planes(bytes, Channels::Grey, resize, &reading)
        .unwrap()
        .pixels
}

fn rows(planes: &Array3<u8>) -> Vec<Vec<u8>> {
    planes
        .outer_iter()
        .next()
        .unwrap()
        .outer_iter()
        .map(|row| row.to_vec())
        .collect()
}

#[test]
fn an_image_keeps_its_shape_in_the_middle_of_a_ground() {
    // 2 wide and 4 high: of 4 x 4 it takes the two middle columns.
    let tall = planes(b"P2 2 4 9  0 9 0 9 0 9 0 9", fit(4, 4, [51; 3]), Ink::new());
    assert_eq!(rows(&tall), vec![vec![51, 0, 255, 51]; 4]);
    let wide = planes(b"P2 4 1 9  0 0 9 9", fit(3, 2, [51; 3]), Ink::new());
    assert_eq!(rows(&wide), [[51, 51], [0, 255], [51, 51]]);
    // What is smaller is enlarged, and an odd margin is wider to the right and below.
    let small = planes(b"P2 1 1 9  9", fit(3, 2, [0; 3]), Ink::new());
    assert_eq!(rows(&small), [[255, 255], [255, 255], [0, 0]]);
    let kept_out = planes(b"P2 1 2 9  9 9", within(4, 4, [0; 3], 1), Ink::new());
    let middle = [0, 255, 0, 0];
    assert_eq!(rows(&kept_out), [[0; 4], middle, middle, [0; 4]]);
    let dot = read(b"P2 1 1 9  9", &Reading::default()).unwrap();
    let no_room = dot.planes(Channels::Grey, within(4, 9, [0; 3], 2));
    assert!(matches!(no_room, Err(StackError::ZeroResize { .. })));
    // However flat an image is, a row of it is left.
    let flat = planes(
        b"P2 9 1 9  9 9 9 9 9 9 9 9 9",
        fit(2, 2, [0; 3]),
        Ink::new(),
    );
    assert_eq!(rows(&flat), [[255, 255], [0, 0]]);
}

#[test]
fn a_ground_has_a_colour_and_images_may_differ_in_size() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["1", "2"].map(|name| folder.path().join(name));
    std::fs::write(&paths[0], "P3 1 2 255  9 9 9 9 9 9").unwrap();
    std::fs::write(&paths[1], "P2 2 1 255  9 9").unwrap();
    let reading = Reading::default();
    let found = decode_planes(&paths, Channels::Rgb, fit(2, 2, [1, 2, 3]), &reading).unwrap();
    let bytes: Vec<u8> = found.pixels.into_iter().collect();
    let first = [9, 1, 9, 1, 9, 2, 9, 2, 9, 3, 9, 3];
    let second = [9, 9, 1, 1, 9, 9, 2, 2, 9, 9, 3, 3];
    assert_eq!(bytes, [first, second].concat());
    let error = decode_planes(&paths, Channels::Rgb, fit(0, 2, WHITE), &reading).unwrap_err();
    assert!(matches!(error, StackError::ZeroResize { .. }), "{error}");
}

/// Grey paper with grain, a word of two strokes in it, and a speck in a corner.
fn paper() -> Vec<u8> {
    let mut pixels = vec![0_u8; 60 * 40];
    for (i, pixel) in pixels.iter_mut().enumerate() {
        *pixel = 200 + (i * 7 % 30) as u8;
    }
    for y in 10..20 {
        for x in 15..45 {
            pixels[y * 60 + x] = 40 + (x % 9) as u8;
        }
    }
    for y in 20..32 {
        for x in 20..25 {
            pixels[y * 60 + x] = 60;
        }
    }
    [b"P5 60 40 255 ".to_vec(), pixels].concat()
}

#[test]
fn ink_is_found_on_its_paper() {
    let image = read(&paper(), &Reading::default())
        .map(|image| image.into_owned())
        .unwrap();
    let cropped = image.with_ink(Ink::new().cropped());
    assert_eq!((cropped.width(), cropped.height()), (30, 22));
    // As it is, where nothing is asked for.
    assert_eq!(image.with_ink(Ink::new()), image);
    let clean = image.with_ink(Ink::new().cleaned().inverted());
    let found = clean.planes(Channels::Grey, Resize::None).unwrap();
    assert_eq!(
        found.iter().filter(|&&pixel| pixel == 0).count(),
        60 * 40 - 300 - 60
    );
    assert_eq!(found[[0, 15, 18]], 255 - 40);
}

#[test]
fn specks_do_not_widen_the_box_and_light_ink_is_ink() {
    let mut bytes = paper();
    let start = bytes.len() - 60 * 40;
    let box_of = |bytes: &[u8]| {
        let image = read(bytes, &Reading::default())
            .map(|image| image.into_owned())
            .unwrap();
        let cropped = image.with_ink(Ink::new().cropped());
        (cropped.width(), cropped.height())
    };
    // One in 500 pixels of ink is none here: a speck counts.
    bytes[start] = 40;
    assert_eq!(box_of(&bytes), (45, 32));
    let large: Vec<u8> = {
        let mut pixels = vec![250_u8; 300 * 200];
        for y in 50..150 {
            pixels[y * 300 + 100..y * 300 + 200].fill(10);
        }
        pixels[0] = 10;
        [b"P5 300 200 255 ".to_vec(), pixels].concat()
    };
    assert_eq!(box_of(&large), (100, 100));
    let inverted: Vec<u8> = {
        let (head, pixels) = large.split_at(large.len() - 300 * 200);
        [
            head.to_vec(),
            pixels.iter().map(|pixel| 255 - pixel).collect(),
        ]
        .concat()
    };
    assert_eq!(box_of(&inverted), (100, 100));
}

#[test]
fn paper_without_ink_stays_as_it_is() {
    let blank = b"P2 3 1 255  240 255 240";
    let image = read(blank, &Reading::default()).unwrap();
    assert_eq!(image.with_ink(Ink::new().cropped().cleaned()), image);
}

#[test]
fn ink_is_treated_before_an_image_is_resized_and_only_then() {
    let ink = Ink::new().cropped().cleaned().inverted();
    let bytes = paper();
    let whole = planes(&bytes, Resize::None, ink);
    assert_eq!(whole.dim(), (1, 40, 60));
    let fitted = planes(&bytes, fit(22, 32, [0; 3]), ink);
    let expected = read(&bytes, &Reading::default())
        .unwrap()
        .with_ink(ink)
        .planes(Channels::Grey, Resize::None)
        .unwrap();
    assert_eq!(fitted.slice(ndarray::s![.., .., 1..31]), expected);
    assert!(
        fitted
            .slice(ndarray::s![.., .., ..1])
            .iter()
            .all(|&pixel| pixel == 0)
    );
}
