//! What two sets of subjects and images share, and what one set repeats.

mod repeats;
mod side;

pub use repeats::Repeats;
pub use side::LeakSide;

use std::path::Path;

use image_stack::Limits;
use near_duplicates::NearDuplicates;
use pairgen::{ListedFiles, Listing, Overlap, ScanOptions};
use serde::Serialize;

use crate::duplicates::SamePicture;
use crate::error::{BadImage, Error, Result, Within};
use side::look;

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

/// Where the images of two sets lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeakImages<'a> {
    /// Below these folders, or where the sets themselves say.
    Below([Option<&'a Path>; 2]),
    /// They are not opened: names are compared, and no pixels.
    NotOpened,
}

/// How sets are read.
#[derive(Debug, Clone, Default)]
pub struct LeakReading {
    /// Which folders are subjects.
    pub scan: ScanOptions,
    /// What an image may take.
    pub limits: Limits,
    /// Whether images that cannot be read are left out, and told; without it they stop the comparison of pixels.
    pub skip_bad: bool,
}

impl Leaks {
    /// Compares two sets: folders with a folder of images for each subject, or as `reading` says, or lists of images,
    /// pairs or subjects.
    ///
    /// # Errors
    /// Where a set cannot be read. Where only pixels cannot be compared, [`Self::failure`] says why, and the names are told.
    pub fn between(
        a: &Path,
        b: &Path,
        images: LeakImages<'_>,
        reading: &LeakReading,
    ) -> Result<Self, Error> {
        let sides = [
            Listing::read_with(a, &reading.scan)?,
            Listing::read_with(b, &reading.scan)?,
        ];
        let overlap = Overlap::between(&sides[0], &sides[1]);
        let mut files = match images {
            LeakImages::NotOpened => [ListedFiles::default(), ListedFiles::default()],
            LeakImages::Below([below_a, below_b]) => {
                [sides[0].files(below_a)?, sides[1].files(below_b)?]
            }
        };
        let pixels = match files.iter().all(|files| !files.found.is_empty()) {
            true => same_pictures(&mut files, reading)
                .within(|| "names were compared, but pixels could not be".to_owned())
                .map(Some),
            false => Ok(None),
        };
        // What the names tell is told, whatever the pixels do.
        let (same, [bad_a, bad_b], failure) = match pixels {
            Ok(None) => (None, Default::default(), None),
            Ok(Some((same, bad))) => (Some(same), bad, None),
            Err(error) => (None, Default::default(), Some(error)),
        };
        let leaks = !overlap.is_empty() || same.as_ref().is_some_and(|same| !same.is_empty());
        Ok(Self {
            a: LeakSide::new(a, &sides[0], &files[0], bad_a),
            b: LeakSide::new(b, &sides[1], &files[1], bad_b),
            leaks,
            subjects: overlap.subjects,
            images: overlap.images,
            pairs: overlap.pairs,
            same_pictures: same,
            failure,
        })
    }
}

/// The files of both sides that show one picture, and those of each side that were left out.
fn same_pictures(
    files: &mut [ListedFiles; 2],
    reading: &LeakReading,
) -> Result<(Vec<SamePicture>, [Vec<BadImage>; 2])> {
    let [files_a, files_b] = files;
    let [a, b] = [look(files_a, reading)?, look(files_b, reading)?];
    let found = NearDuplicates::default().between(&a.prints, &b.prints)?;
    let path = |side: usize, place: usize| files[side].found[place].path.display().to_string();
    let pairs = found.into_iter();
    let same = pairs
        .map(|pair| SamePicture::new(path(0, pair.first), path(1, pair.second), pair.likeness))
        .collect();
    Ok((same, [a.bad, b.bad]))
}
