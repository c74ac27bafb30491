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
