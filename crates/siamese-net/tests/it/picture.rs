//! Images from files and from memory, as a recipe reads them.

use ndarray::Array3;
use siamese_net::{Error, Picture, Recipe};

use crate::small::recipe;

#[test]
fn a_file_its_bytes_and_its_pixels_are_the_same_picture() {
    let recipe = recipe(&["data.resize={ stride = 2 }"]);
    let bytes: &[u8] = b"P5 4 4 255 a.b.....c.d.....";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.pgm");
    std::fs::write(&path, bytes).unwrap();
    let expected = Array3::from_shape_vec((1, 2, 2), b"abcd".to_vec()).unwrap();
    for picture in [
        Picture::from(path.as_path()),
        Picture::from(bytes),
        Picture::from(expected.view()),
    ] {
        assert_eq!(picture.planes(&recipe).unwrap(), expected, "{picture:?}");
    }
}

fn refusal(picture: Picture<'_>, recipe: &Recipe) -> Error {
    picture.planes(recipe).unwrap_err()
}

#[test]
fn what_cannot_be_read_or_does_not_fit_is_named() {
    let recipe = recipe(&[]);
    let error = refusal(Picture::from(&b"P5 4 4 255 abc"[..]), &recipe);
    let text = error.to_string();
    assert!(text.starts_with("an image in memory: "), "{text}");
    assert!(std::error::Error::source(&error).is_some());
    let text = refusal(
        Picture::from(std::path::Path::new("nowhere/1.pgm")),
        &recipe,
    )
    .to_string();
    assert_eq!(text.matches("nowhere/1.pgm").count(), 1, "{text}");
    let error = refusal(Picture::from(&b"P5 2 1 255 ab"[..]), &recipe);
    assert!(
        matches!(
            error,
            Error::Geometry {
                found_height: 1,
                ..
            }
        ),
        "{error}"
    );
    let colours = Array3::zeros((3, 2, 2));
    let error = refusal(Picture::from(colours.view()), &recipe);
    assert!(matches!(error, Error::Data(_)), "{error}");
}

#[test]
fn a_background_is_white_ignored_or_a_colour_and_one_for_all_members() {
    use siamese_net::BackgroundSpec;

    let of = |value: &str| {
        let assigned = format!("data.background={value}");
        Recipe::builtin("seed", &[assigned]).map(|recipe| recipe.data.background)
    };
    assert_eq!(of("white").unwrap(), BackgroundSpec::WHITE);
    assert_eq!(of("[255, 255, 255]").unwrap(), BackgroundSpec::WHITE);
    assert_eq!(of("ignore").unwrap(), BackgroundSpec::Ignore);
    assert_eq!(of("[1, 2, 3]").unwrap(), BackgroundSpec::Colour([1, 2, 3]));
    for bad in ["blue", "[1, 2, 300]", "[1, 2]"] {
        let error = of(bad).unwrap_err().to_string();
        assert!(
            error.contains("expected \"white\", \"ignore\" or [red, green, blue]"),
            "{error}"
        );
    }
    let error = Recipe::builtin(
        "orl-best",
        &["members=[{ data = { background = 'ignore' } }, {}]"],
    );
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("data.background and data.decoding must be the same"),
        "{error}"
    );
}

#[test]
fn a_resize_is_read_as_it_is_written_and_says_what_it_may_be() {
    use siamese_net::{FillSpec, InkSpec, ResizeSpec};

    let of = |values: &[&str]| recipe_of(values).map(|recipe| recipe.data);
    for (written, expected) in [
        ("none", ResizeSpec::None),
        ("{ stride = 2 }", ResizeSpec::Stride(2)),
        ("{ area = [2, 2] }", ResizeSpec::Area([2, 2])),
        (
            "{ fit = [2, 2], fill = 'black' }",
            ResizeSpec::Fit {
                size: [2, 2],
                fill: FillSpec::BLACK,
                margin: 0,
            },
        ),
        (
            "{ fit = [2, 2], fill = [1, 2, 3] }",
            ResizeSpec::Fit {
                size: [2, 2],
                fill: FillSpec([1, 2, 3]),
                margin: 0,
            },
        ),
        (
            "{ fit = [4, 2], fill = 'white', margin = 0 }",
            ResizeSpec::Fit {
                size: [4, 2],
                fill: FillSpec::WHITE,
                margin: 0,
            },
        ),
    ] {
        let read = recipe_of(&[&format!("data.resize={written}")]).unwrap();
        assert_eq!(read.data.resize, expected);
        let again = Recipe::parse::<&str>(&read.to_toml().unwrap(), "again", &[]).unwrap();
        assert_eq!(again.data.resize, expected);
    }
    for bad in [
        "{ fit = [2, 2] }",
        "{ fit = [2], fill = 'white' }",
        "{ fits = [2, 2] }",
        "area",
    ] {
        let error = of(&[&format!("data.resize={bad}")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("{ fit = [HEIGHT, WIDTH], fill = COLOUR, margin = PIXELS }"),
            "{error}"
        );
    }
    let full = of(&["data.resize={ fit = [2, 2], fill = 'white', margin = 1 }"]);
    let full = full.unwrap_err().to_string();
    assert!(full.contains("nothing of 2x2 is left"), "{full}");
    let fit = "data.resize={ fit = [2, 2], fill = 'white' }";
    let data = of(&[fit, "data.ink={ crop = true }", "data.invert=true"]).unwrap();
    let crop = InkSpec {
        crop: true,
        clean: false,
    };
    assert_eq!((data.ink, data.invert), (Some(crop), true));
    for (values, expected) in [
        (
            &["data.resize={ fit = [0, 2], fill = 'white' }"][..],
            "must not be zero",
        ),
        (&[fit, "data.ink={}"], "data.ink does nothing"),
        (&["data.ink={ crop = true }"], "brought to one size"),
        (&["data.invert=true"], "brought to one size"),
    ] {
        let error = of(values).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

fn recipe_of(overrides: &[&str]) -> Result<Recipe, Error> {
    Recipe::parse(crate::small::RECIPE, "small.toml", overrides)
}

#[test]
fn ink_reaches_the_network_cropped_inverted_and_not_stretched() {
    let recipe = recipe(&[
        "data.resize={ fit = [2, 2], fill = 'black' }",
        "data.ink={ crop = true, clean = true }",
        "data.invert=true",
    ]);
    // Two pixels of ink side by side on grey paper.
    let word: &[u8] = b"P2 4 3 9  8 8 8 8  8 1 0 8  8 8 8 8";
    let found = Picture::from(word).planes(&recipe).unwrap();
    assert_eq!(found.as_slice(), Some(&[227, 255, 0, 0][..]));
}
