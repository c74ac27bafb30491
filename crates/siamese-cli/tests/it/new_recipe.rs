//! `new-recipe`: what it finds in a folder, and that what it writes trains.

use crate::faces::{Place, Said, pgm};

/// A pattern for each person, of any size, with the image's number in it.
fn pattern(person: usize, image: usize, height: usize, width: usize) -> Vec<u8> {
    let pixel = |i: usize| {
        let (y, x) = (i / width, i % width);
        ((y * (person % 7 + 1) * 5 + x * (person % 11 + 2) * 3 + image * 17) % 251) as u8
    };
    pgm(width, height, (0..height * width).map(pixel).collect())
}

/// Writes `folder` with so many people, each with as many images as `images` says of it.
fn write(
    place: &Place,
    folder: &str,
    people: usize,
    images: impl Fn(usize) -> usize,
    size: impl Fn(usize) -> [usize; 2],
) {
    for person in 0..people {
        for image in 0..images(person) {
            let [height, width] = size(person + image);
            place.write(
                &format!("{folder}/p{person}/{image}.pgm"),
                pattern(person, image, height, width),
            );
        }
    }
}

/// Writes the recipe and trains it as it is, but for its length. The patterns of some people are equal, or differ in
/// colour only.
fn trains(place: &Place, data: &str) -> String {
    let file = format!("{data}.toml");
    place
        .siamese(&["new-recipe", "--data", data, "--out", &file])
        .done();
    place
        .siamese(&[
            "train",
            &file,
            "--data",
            data,
            "--out",
            &format!("runs/{data}"),
            "--set",
            "train.epochs=2",
            "--set",
            "batches.per_epoch=2",
            "--no-report",
            "--allow-duplicates",
        ])
        .done();
    place.text(&file)
}

fn refused(place: &Place, data: &str, words: &[&str]) -> Said {
    let said = place.siamese(&["new-recipe", "--data", data, "--out", "no.toml"]);
    assert!(!place.path("no.toml").exists());
    said.failed(1, words)
}

#[test]
fn the_recipe_says_what_was_found_and_trains() {
    let place = Place::new();
    write(&place, "small", 5, |_| 3, |_| [30, 24]);
    let text = trains(&place, "small");
    for words in [
        "5 subjects with 3 images each, 15 in all",
        "no subject has only one image",
        "30 high and 24 wide, nearly square, grey",
        "name = \"small\"",
        "k-fold:2",
        "people = 2\n",
        "input = [1, 30, 24]",
        "[[members]]",
        "draw = \"subjects\"",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn two_hundred_people_with_two_images_each_train_in_large_batches() {
    let place = Place::new();
    write(&place, "pairs", 200, |_| 2, |_| [100, 100]);
    let text = trains(&place, "pairs");
    for words in [
        "resize = { area = [50, 50] }",
        "k-fold:8",
        "validation_people = 17",
        "people = 40\n",
        "images = 2 ",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    assert!(!text.contains("too_few"), "{text}");
}

#[test]
fn mixed_sizes_and_people_with_one_image_are_named_and_train() {
    let place = Place::new();
    let size = |n: usize| [[120, 90], [80, 80], [300, 200]][n % 3];
    write(&place, "mixed", 12, |person| 1 + person % 4, size);
    let text = trains(&place, "mixed");
    for words in [
        "1 to 4 (median 2)",
        "3 subjects have only one image",
        "80 to 300 (median 120) high",
        "Height over width goes from 1.00 to 1.50",
        "too_few = \"repeat\"",
        "6 subjects have fewer",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn wide_images_are_not_mirrored() {
    let place = Place::new();
    write(&place, "signatures", 10, |_| 4, |_| [60, 180]);
    let text = trains(&place, "signatures");
    for words in [
        "wider than high",
        "flip = 0.0 ",
        "flip = false",
        "input = [1, 30, 88]",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn many_images_get_one_network_and_fewer_passes() {
    let place = Place::new();
    write(&place, "many", 300, |_| 7, |_| [12, 10]);
    let text = trains(&place, "many");
    for words in [
        "300 of them were opened",
        "2100 in all",
        "standardise",
        "One network",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    assert!(!text.contains("\n[[members]]"), "{text}");
}

/// Writes `folder` with six people with three images each, those that `colour` names in colour.
fn write_colours(place: &Place, folder: &str, colour: impl Fn(u8, u8) -> bool) {
    for person in 0..6 {
        for number in 0..3u8 {
            let path = place.path(&format!("{folder}/p{person}/{number}.png"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            image::RgbImage::from_fn(20, 20, |x, y| {
                let pattern = (x * 5 + y * 3 + u32::from(number)) as u8;
                match colour(person, number) {
                    true => image::Rgb([200 - pattern, 30 * person, pattern]),
                    false => image::Rgb([pattern + 20 * person; 3]),
                }
            })
            .save(path)
            .unwrap();
        }
    }
}

#[test]
fn images_in_colour_get_a_recipe_in_colour_that_trains() {
    let place = Place::new();
    write_colours(&place, "red", |_, _| true);
    let text = trains(&place, "red");
    for words in ["input = [3, 20, 20]", "in colour\n", "1 in place of 3"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    let found = place
        .siamese(&["new-recipe", "--data", "red", "--json"])
        .done()
        .json();
    assert_eq!(found["found"]["in_colour"], 18);
    assert_eq!(found["recipe"]["name"], "red");
    // Of all channels: red is about 132, green 75 and blue 68.
    let mean = found["found"]["mean"].as_f64().unwrap();
    assert!((mean - 92.0 / 255.0).abs() < 0.02, "{mean}");
}

#[test]
fn the_majority_says_whether_images_are_read_in_colour() {
    let place = Place::new();
    write_colours(&place, "many", |person, number| person + number > 0);
    let text = trains(&place, "many");
    for words in [
        "in colour, 1 grey",
        "1 of 18 images are grey",
        "input = [3,",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    write_colours(&place, "few", |person, _| person < 2);
    let text = trains(&place, "few");
    for words in ["grey, 6 in colour", "read as grey", "input = [1,"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn without_a_file_the_recipe_is_printed() {
    let place = Place::new();
    let printed = place.siamese(&["new-recipe", "--data", "faces"]).done();
    place.write("printed.toml", &printed.stdout);
    let report = place
        .siamese(&["new-recipe", "--data", "faces", "--json"])
        .done()
        .json();
    assert_eq!(report["text"].as_str().unwrap(), printed.stdout);
    let read = place
        .siamese(&["inspect", "printed.toml", "--json"])
        .done()
        .json();
    assert_eq!(read["recipe"], report["recipe"]);
}

#[test]
fn nothing_is_replaced_without_being_asked() {
    let place = Place::new();
    place.write("mine.toml", "precious");
    let args = ["new-recipe", "--data", "faces", "--out", "mine.toml"];
    place
        .siamese(&args)
        .failed(1, &["mine.toml exists already", "--force"]);
    let forced = || place.siamese(&[&args[..], &["--force"]].concat());
    forced().failed(1, &["mine.toml is not a recipe of siamese new-recipe"]);
    assert_eq!(place.text("mine.toml"), "precious");
    std::fs::remove_file(place.path("mine.toml")).unwrap();
    place.siamese(&args).done();
    let written = place.text("mine.toml");
    assert!(written.contains("k-fold"));
    place.write("mine.toml", written.replace("k-fold", "edited"));
    forced().done();
    assert_eq!(place.text("mine.toml"), written);
    place
        .siamese(&["new-recipe", "--data", "faces", "--out", "mine.txt"])
        .failed(1, &["mine.txt", ".toml"]);
    place
        .siamese(&["new-recipe", "--data", "faces", "--out", "no/mine.toml"])
        .failed(1, &["no/mine.toml"]);
}

#[test]
fn people_from_whom_nothing_can_be_learnt_are_refused() {
    let place = Place::new();
    write(&place, "alone", 1, |_| 5, |_| [20, 20]);
    refused(&place, "alone", &["only one subject"]);
    write(&place, "once", 9, |_| 1, |_| [20, 20]);
    refused(
        &place,
        "once",
        &[
            "each of the 9 subjects has only one image",
            "nothing can be learnt",
        ],
    );
    write(&place, "three", 3, |_| 5, |_| [20, 20]);
    refused(&place, "three", &["3 subjects", "takes 4"]);
    // Nobody but one has two images: there is no one to judge by.
    write(
        &place,
        "rare",
        9,
        |person| if person == 0 { 4 } else { 1 },
        |_| [20, 20],
    );
    refused(
        &place,
        "rare",
        &[
            "9 subjects cannot be divided",
            "8 subjects have only one image",
        ],
    );
    write(&place, "broken", 4, |_| 2, |_| [20, 20]);
    place.write("broken/p1/1.pgm", "no image");
    place.write("broken/p2/1.pgm", "no image");
    refused(&place, "broken", &["broken/p"]);
    refused(&place, "nowhere", &["nowhere does not exist"]);
}
