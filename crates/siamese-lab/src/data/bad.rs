//! Images that cannot be read.

use std::fmt;
use std::path::PathBuf;

use image_stack::{FileError, ReadError, StackError, map_files};
use pairgen::Catalog;
use serde::Serialize;

use super::source::DataSource;
use crate::error::{DataError, Error};

/// How many images or subjects a text names.
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

/// Images that were left out because they cannot be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// All of them.
    pub images: Vec<BadImage>,
    /// Subjects that they show, with how many images of each were left out and how many are left.
    pub subjects: Vec<SubjectLeft>,
}

/// A subject that lost images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubjectLeft {
    /// The subject's name.
    pub name: String,
    /// How many images were left out.
    pub left_out: usize,
    /// How many are left.
    pub left: usize,
}

/// `5 unreadable images (3 of s1, 2 of s7, which had no other)`.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let images = self.images.len();
        write!(
            f,
            "{images} unreadable image{} (",
            if images == 1 { "" } else { "s" }
        )?;
        for (i, subject) in self.subjects.iter().take(NAMED).enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{} of {}", subject.left_out, subject.name)?;
            if subject.left == 0 {
                f.write_str(", which has no other")?;
            }
        }
        match self.subjects.len().saturating_sub(NAMED) {
            0 => f.write_str(")"),
            more => write!(f, " and of {more} more subjects)"),
        }
    }
}

/// The catalogue without the images that cannot be read, and these.
///
/// # Errors
/// Where none can be read.
pub(super) fn without_bad(
    catalog: Catalog,
    source: &DataSource,
) -> Result<(Catalog, LeftOut), Error> {
    let found = map_files(catalog.paths(), &source.limits().into(), |_| ());
    let errors = match found {
        Ok(_) => return Ok((catalog, LeftOut::default())),
        Err(StackError::Files { errors, files }) if errors.len() == files => {
            return Err(DataError::from(StackError::Files { errors, files }).into());
        }
        Err(StackError::Files { errors, .. }) => errors,
        Err(error) => return Err(DataError::from(error).into()),
    };
    // Both are in the order of the catalogue.
    let mut bad = errors.iter().map(|error| &error.path).peekable();
    let mut entries = Vec::with_capacity(catalog.len());
    let mut subjects = Vec::new();
    for subject in catalog.all_subjects() {
        let name = catalog.subject_name(subject);
        let samples = catalog.samples_of(subject);
        let all = samples.len();
        let before = entries.len();
        for sample in samples {
            let path = catalog.path(sample);
            if bad.next_if(|bad| *bad == path).is_none() {
                entries.push((name.to_owned(), path.to_owned()));
            }
        }
        let left = entries.len() - before;
        if left < all {
            subjects.push(SubjectLeft {
                name: name.to_owned(),
                left_out: all - left,
                left,
            });
        }
    }
    let kept = Catalog::from_entries(catalog.root(), entries)?;
    let images = errors.iter().map(BadImage::from).collect();
    Ok((kept, LeftOut { images, subjects }))
}
