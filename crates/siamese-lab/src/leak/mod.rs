//! What two sets of subjects and images share.

use std::path::Path;

use image_stack::Reading;
use near_duplicates::{Likeness, NearDuplicates, fingerprints};
use pairgen::{ListedFiles, Listing, ListingCounts, Overlap};
use serde::Serialize;

use crate::error::{Error, Result, Within};

/// What two sets share, by names and by pixels.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Leaks {
    /// The one set.
    pub a: LeakSide,
    /// The other.
    pub b: LeakSide,
    /// Whether anything is shared.
    pub leaks: bool,
    /// Names of subjects that both have.
    #[serde(rename = "shared_people")]
    pub subjects: Vec<String>,
    /// Names of images that both have; absent where a side names subjects only.
    #[serde(rename = "shared_images")]
    pub images: Option<Vec<String>>,
    /// Pairs that both list; absent where a side lists none.
    #[serde(rename = "shared_pairs")]
    pub pairs: Option<Vec<[String; 2]>>,
    /// Files that show one picture; absent where pixels were not compared.
    #[serde(rename = "alike")]
    pub same_pictures: Option<Vec<SamePicture>>,
    /// Why pixels could not be compared, where they could not.
    #[serde(skip)]
    pub failure: Option<Error>,
}

/// One of two sets.
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

/// Two files that show one picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SamePicture {
    /// A file of the one set.
    pub a: String,
    /// A file of the other.
    pub b: String,
    /// Whether they are equal in every pixel.
    pub equal: bool,
    /// Correlation of the pictures, laid over each other; 1 where they are equal.
    pub correlation: f64,
}

/// Where the images of two sets lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeakImages<'a> {
    /// Below these folders, or where the sets themselves say.
    Below([Option<&'a Path>; 2]),
    /// They are not opened: names are compared, and no pixels.
    NotOpened,
}

impl Leaks {
    /// Compares two sets: folders with a folder of images for each subject, or lists of images, pairs or subjects.
    ///
    /// # Errors
    /// Where a set cannot be read. Where only pixels cannot be compared, [`Self::failure`] says why, and the names are told.
    pub fn between(a: &Path, b: &Path, images: LeakImages<'_>) -> Result<Self, Error> {
        let sides = [Listing::read(a)?, Listing::read(b)?];
        let overlap = Overlap::between(&sides[0], &sides[1]);
        let files = match images {
            LeakImages::NotOpened => [ListedFiles::default(), ListedFiles::default()],
            LeakImages::Below([below_a, below_b]) => {
                [sides[0].files(below_a)?, sides[1].files(below_b)?]
            }
        };
        let pixels = match files.iter().all(|files| !files.found.is_empty()) {
            true => same_pictures(&files)
                .within(|| "names were compared, but pixels could not be".to_owned())
                .map(Some),
            false => Ok(None),
        };
        // What the names tell is told, whatever the pixels do.
        let (same, failure) = match pixels {
            Ok(same) => (same, None),
            Err(error) => (None, Some(error)),
        };
        let leaks = !overlap.is_empty() || same.as_ref().is_some_and(|same| !same.is_empty());
        let side = |path: &Path, listing: &Listing, counts: &ListingCounts, files: &ListedFiles| {
            LeakSide {
                path: path.display().to_string(),
                form: listing.form().to_string(),
                subjects: counts.subjects,
                images: counts.images,
                pairs: counts.pairs,
                looked_at: files.found.len(),
                without_file: files.missing.len(),
            }
        };
        Ok(Self {
            a: side(a, &sides[0], &overlap.counts[0], &files[0]),
            b: side(b, &sides[1], &overlap.counts[1], &files[1]),
            leaks,
            subjects: overlap.subjects,
            images: overlap.images,
            pairs: overlap.pairs,
            same_pictures: same,
            failure,
        })
    }
}

/// The files of both sides that show one picture.
fn same_pictures(files: &[ListedFiles; 2]) -> Result<Vec<SamePicture>> {
    let read = |files: &ListedFiles| {
        let paths: Vec<&Path> = files.found.iter().map(|file| &*file.path).collect();
        fingerprints(&paths, &Reading::default())
    };
    let [a, b] = [read(&files[0])?, read(&files[1])?];
    let found = NearDuplicates::default().between(&a, &b)?;
    Ok(found
        .into_iter()
        .map(|duplicate| SamePicture {
            a: files[0].found[duplicate.first].path.display().to_string(),
            b: files[1].found[duplicate.second].path.display().to_string(),
            equal: duplicate.likeness == Likeness::Equal,
            correlation: match duplicate.likeness {
                Likeness::Equal => 1.0,
                Likeness::Near { correlation, .. } => correlation,
            },
        })
        .collect())
}
