//! One set: what it names, and its files.

use std::collections::HashSet;
use std::path::Path;

use image_stack::StackError;
use near_duplicates::{Fingerprint, fingerprints};
use pairgen::{ListedFiles, Listing};
use serde::Serialize;

use super::LeakReading;
use crate::error::{BadImage, DataError, Result};

/// One set.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct LeakSide {
    /// Where it is, as it was given.
    pub path: String,
    /// What it is, in words.
    pub form: String,
    /// Subjects that it names.
    #[serde(rename = "people")]
    pub subjects: usize,
    /// Images that it names, where it names any.
    pub images: Option<usize>,
    /// Pairs that it lists, where it lists any.
    pub pairs: Option<usize>,
    /// Images whose pixels were looked at.
    pub looked_at: usize,
    /// Images that are named and have no file.
    pub without_file: usize,
    /// Images that were left out because they cannot be read.
    pub unreadable: Vec<BadImage>,
}

/// What a set's files look like.
#[derive(Default)]
pub(super) struct Looks {
    /// One for each file that is left.
    pub(super) prints: Vec<Fingerprint>,
    /// Files that were left out.
    pub(super) bad: Vec<BadImage>,
}

impl LeakSide {
    pub(super) fn new(
        path: &Path,
        listing: &Listing,
        files: &ListedFiles,
        unreadable: Vec<BadImage>,
    ) -> Self {
        let counts = listing.counts();
        Self {
            path: path.display().to_string(),
            form: listing.form().to_string(),
            subjects: counts.subjects,
            images: counts.images,
            pairs: counts.pairs,
            looked_at: files.found.len(),
            without_file: files.missing.len(),
            unreadable,
        }
    }
}

/// The fingerprints of the files of a set. Where they may be left out, files that cannot be read are taken from the set.
pub(super) fn look(files: &mut ListedFiles, reading: &LeakReading) -> Result<Looks> {
    let prints = |files: &ListedFiles| {
        let paths: Vec<&Path> = files.found.iter().map(|file| &*file.path).collect();
        fingerprints(&paths, &reading.limits.into())
    };
    let errors = match prints(files) {
        Err(StackError::Files {
            errors,
            files: read,
        }) if reading.skip_bad && errors.len() < read => errors,
        prints => {
            return Ok(Looks {
                prints: prints.map_err(DataError::from)?,
                bad: Vec::new(),
            });
        }
    };
    let bad: HashSet<&Path> = errors.iter().map(|error| &*error.path).collect();
    files.found.retain(|file| !bad.contains(&*file.path));
    Ok(Looks {
        prints: prints(files).map_err(DataError::from)?,
        bad: errors.iter().map(BadImage::from).collect(),
    })
}
