//! Images that cannot be read.

use std::fmt;
use std::path::PathBuf;

use image_stack::{FileError, ReadError};
use serde::Serialize;

/// How many images a text names.
const NAMED: usize = 10;

/// An image that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BadImage {
    /// Its file.
    pub path: PathBuf,
    /// What is wrong with it, and what to do.
    pub reason: String,
}

impl From<&FileError> for BadImage {
    fn from(error: &FileError) -> Self {
        Self {
            path: error.path.clone(),
            reason: in_words_of_recipes(&error.source),
        }
    }
}

impl fmt::Display for BadImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

/// The error, with options and keys of recipes in place of the library's names for them.
fn in_words_of_recipes(error: &ReadError) -> String {
    let mut text = error.to_string();
    for (of_the_library, ours) in [
        ("raise `Limits::max_pixels`", "allow it with --max-pixels"),
        ("raise `Limits::max_width`", "allow it with --max-pixels"),
        ("raise `Limits::max_height`", "allow it with --max-pixels"),
        (
            " or, if it is meant to be that large, raise `Limits::max_file_bytes`",
            "",
        ),
        ("`Resize::Area`", "data.resize = { area = [HEIGHT, WIDTH] }"),
    ] {
        text = text.replace(of_the_library, ours);
    }
    text
}

/// Bad images, one on each line, the list cut where it is long.
pub(crate) struct Listed<'a>(pub(crate) &'a [BadImage]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for bad in self.0.iter().take(NAMED) {
            write!(f, "\n  {bad}")?;
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, "\n  ... and {more} more"),
        }
    }
}
