//! Where the images of a data set are, and how they are read.

use std::path::{Path, PathBuf};

use image_stack::Limits;
use serde::{Deserialize, Serialize};

/// Where the images of a data set are, and how they are read.
///
/// A path alone reads them in the usual way; every `Into<PathBuf>` is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DataSource {
    /// A folder with one folder of images for each subject, or a list of images as CSV.
    pub path: PathBuf,
    /// Pixels that one image may have at most; `None` for those of [`Limits`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_pixels: Option<usize>,
    /// Whether images that cannot be read are left out, and said to be. Each image is then decoded once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_bad: bool,
}

impl DataSource {
    /// Images in a folder or of a list, read in the usual way.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            max_pixels: None,
            skip_bad: false,
        }
    }

    /// The same images in another place.
    #[must_use]
    pub fn moved_to(&self, path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            ..self.clone()
        }
    }

    /// What an image may claim to be. Where the pixels are said, a side may have as many.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let limits = Limits::default();
        match self.max_pixels {
            Some(most) => limits
                .with_max_pixels(most)
                .with_max_width(most)
                .with_max_height(most),
            None => limits,
        }
    }
}

impl<P: Into<PathBuf>> From<P> for DataSource {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}
