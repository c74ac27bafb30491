//! Images that are left out because they cannot be read.

use std::fmt;

use image_stack::{StackError, map_files};
use pairgen::Catalog;
use serde::Serialize;

use super::source::DataSource;
use crate::error::{BadImage, DataError, Error};

/// How many subjects a text names.
const NAMED: usize = 10;

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
    let is_good = |sample| bad.next_if(|bad| *bad == catalog.path(sample)).is_none();
    let keep: Vec<bool> = (0..catalog.len() as u32).map(is_good).collect();
    let lost = |subject: u32| {
        let samples = || {
            let genuine = catalog.samples_of(subject);
            genuine.chain(catalog.forgeries_of(subject))
        };
        let left = samples().filter(|&sample| keep[sample as usize]).count();
        let left_out = samples().count() - left;
        (left_out > 0).then(|| SubjectLeft {
            name: catalog.subject_name(subject).to_owned(),
            left_out,
            left,
        })
    };
    let subjects = catalog.all_subjects().into_iter().filter_map(lost);
    let subjects = subjects.collect();
    let kept = catalog.kept(|sample| keep[sample as usize])?;
    let images = errors.iter().map(BadImage::from).collect();
    Ok((kept, LeftOut { images, subjects }))
}
