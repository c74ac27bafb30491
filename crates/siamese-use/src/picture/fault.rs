//! What is wrong with a picture, and what is odd about it.

use std::fmt;

use image_stack::{Image, PictureQuality, ReadError};
use siamese_net::Recipe;

/// Why a picture cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The model does not take pictures of its size.
    #[error(transparent)]
    Geometry(siamese_net::Error),
    /// All its pixels have one colour.
    #[error("it shows nothing: all its pixels have one colour")]
    Flat,
    /// It is too small.
    #[error(
        "it is too small: {}x{} pixels (height x width), expected at least {}x{}; take a larger picture, or lower --min-size",
        found[0], found[1], least[0], least[1]
    )]
    Small {
        /// Rows and columns.
        found: [usize; 2],
        /// At least so many of each.
        least: [usize; 2],
    },
    /// It has too little contrast.
    #[error(
        "it has too little contrast: {found:.3}, expected at least {least}; take it in better light, or lower --min-contrast"
    )]
    Contrast {
        /// [`PictureQuality::contrast`].
        found: f64,
        /// At least this.
        least: f64,
    },
    /// Too much of it is black or white.
    #[error(
        "{:.0} % of its pixels are black or white, expected at most {:.0} %; take it in even light, or raise --max-clipped",
        100.0 * found, 100.0 * most
    )]
    Clipped {
        /// [`PictureQuality::clipped`].
        found: f64,
        /// At most this.
        most: f64,
    },
    /// It is blurred.
    #[error(
        "it is blurred: sharpness {found:.0}, expected at least {least:.0}; take a sharper picture, or lower --min-sharpness"
    )]
    Blurred {
        /// [`PictureQuality::sharpness`].
        found: f64,
        /// At least this.
        least: f64,
    },
    /// The model makes nothing usable of it.
    #[error("the model makes no usable vector of it: {0}")]
    Embedding(gallery::Error),
    /// The same picture is enrolled for somebody else.
    #[error(
        "the very same picture is enrolled for {other:?}: a face belongs to one person, so delete one of the two, or say \
         --on-duplicate warn"
    )]
    SamePicture {
        /// External id of the other person.
        other: String,
    },
    /// Somebody else looks the same.
    #[error(
        "it looks like {other:?}, who is enrolled already (distance {distance:.4}; at most one search in {} for a stranger \
         comes as close to anybody): if they are one person, use one id, else say --on-duplicate warn",
        (1.0 / fpir).floor()
    )]
    SameFace {
        /// External id of the other person.
        other: String,
        /// Distance in the model's units.
        distance: f64,
        /// The false positive identification rate at the threshold that was reached.
        fpir: f64,
    },
}

impl Fault {
    /// The reason as a gallery notes it: without what belongs to other people, which would stay when they are forgotten.
    #[must_use]
    pub fn noted(&self) -> String {
        match self {
            Self::SamePicture { .. } => {
                "the very same picture is enrolled for somebody else".to_owned()
            }
            Self::SameFace { .. } => "it looks like somebody else who is enrolled".to_owned(),
            fault => fault.to_string(),
        }
    }
}

/// What is odd about a picture that can be used.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Remark {
    /// Its shape is far from that of the pictures that the model takes, so it is distorted, or more than a face.
    Shape {
        /// Rows and columns.
        found: [usize; 2],
        /// Rows and columns that the model takes.
        expected: [usize; 2],
    },
    /// The file holds more images, which are not looked at.
    MoreImages {
        /// How many.
        more: usize,
    },
}

/// How far the ratio of the sides may be from the model's, by a factor.
const FAR: f64 = 1.5;

impl Remark {
    /// All that is to be said of a picture.
    pub(super) fn all(image: &Image<'_>, quality: &PictureQuality, recipe: &Recipe) -> Vec<Self> {
        let [_, height, width] = recipe.images();
        let (found, expected) = ([quality.height, quality.width], [height, width]);
        let ratio = |[height, width]: [usize; 2]| width as f64 / height as f64;
        let factor = ratio(found) / ratio(expected);
        let far = factor.max(1.0 / factor) > FAR;
        let shape = far.then_some(Self::Shape { found, expected });
        let more = image.findings().more_images;
        let more = (more > 0).then_some(Self::MoreImages { more });
        shape.into_iter().chain(more).collect()
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape {
                found: [height, width],
                expected: [rows, columns],
            } => write!(
                f,
                "its shape, {height}x{width} (height x width), is far from the {rows}x{columns} that the model takes: is it \
                 a crop of one face? There is no face detector here; give --box x,y,width,height"
            ),
            Self::MoreImages { more } => {
                write!(
                    f,
                    "the file holds {more} more images, which are not looked at"
                )
            }
        }
    }
}
