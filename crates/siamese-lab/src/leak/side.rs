//! One set: what it names, and its files.

use std::path::Path;

use image_stack::Reading;
use near_duplicates::{Fingerprint, fingerprints};
use pairgen::{ListedFiles, Listing};
use serde::Serialize;

use crate::error::Result;

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
}

impl LeakSide {
    pub(super) fn new(path: &Path, listing: &Listing, files: &ListedFiles) -> Self {
        let counts = listing.counts();
        Self {
            path: path.display().to_string(),
            form: listing.form().to_string(),
            subjects: counts.subjects,
            images: counts.images,
            pairs: counts.pairs,
            looked_at: files.found.len(),
            without_file: files.missing.len(),
        }
    }
}

/// The fingerprints of the files of a set.
pub(super) fn look(files: &ListedFiles) -> Result<Vec<Fingerprint>> {
    let paths: Vec<&Path> = files.found.iter().map(|file| &*file.path).collect();
    Ok(fingerprints(&paths, &Reading::default())?)
}
