//! Pictures that one set holds twice.

use std::collections::HashMap;
use std::path::Path;

use near_duplicates::{DuplicatesError, Likeness, NearDuplicates};
use pairgen::{ListedFiles, Listing};
use serde::Serialize;

use super::side::{LeakSide, Looks, look};
use super::{LeakImages, LeakReading};
use crate::duplicates::SamePicture;
use crate::error::{BadImage, Error, Result, Within};

/// Pictures that one set holds under two subjects, or twice under one, and names that may be one subject's.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Repeats {
    /// The set.
    pub set: LeakSide,
    /// Whether a picture is under two subjects.
    pub leaks: bool,
    /// Files of two subjects that show one picture; absent where pixels were not compared and no link tells.
    pub across: Option<Vec<SamePicture>>,
    /// Files of one subject that show one picture; absent where pixels were not compared, or there are more than a
    /// million.
    pub within: Option<Vec<SamePicture>>,
    /// Names of different subjects that differ by case or looks only.
    pub alike_names: Vec<Vec<String>>,
    /// Why pixels could not be compared, where they could not.
    #[serde(skip)]
    pub failure: Option<Error>,
}

impl Repeats {
    /// Looks at a set in any form that [`Leaks`](super::Leaks) takes; only the first folder of `images` counts.
    ///
    /// # Errors
    /// Where the set cannot be read. Where only pixels cannot be compared, [`Self::failure`] says why.
    pub fn in_set(
        set: &Path,
        images: LeakImages<'_>,
        reading: &LeakReading,
    ) -> Result<Self, Error> {
        let listing = Listing::read_with(set, &reading.scan)?;
        let mut files = match images {
            LeakImages::NotOpened => ListedFiles::default(),
            LeakImages::Below([below, _]) => listing.files(below)?,
        };
        let links: Vec<SamePicture> = listing
            .report()
            .iter()
            .flat_map(|report| &report.links_across)
            .map(|across| {
                let [a, b] = [&across.kept, &across.link].map(|path| path.display().to_string());
                SamePicture::new(a, b, Likeness::Equal)
            })
            .collect();
        let pixels = match files.found.is_empty() {
            true => Ok(None),
            false => repeated(&mut files, reading)
                .within(|| "names were compared, but pixels could not be".to_owned())
                .map(Some),
        };
        let (pixels, failure) = match pixels {
            Ok(pixels) => (pixels, None),
            Err(error) => (None, Some(error)),
        };
        let (across, within, bad) = match pixels {
            Some(found) => (
                Some([links, found.across].concat()),
                found.within,
                found.bad,
            ),
            None => ((!links.is_empty()).then_some(links), None, Vec::new()),
        };
        Ok(Self {
            set: LeakSide::new(set, &listing, &files, bad),
            leaks: across.as_ref().is_some_and(|across| !across.is_empty()),
            across,
            within,
            alike_names: listing.alike_subjects(),
            failure,
        })
    }
}

/// What the pixels of a set tell.
struct Repeated {
    /// Files of two subjects that show one picture.
    across: Vec<SamePicture>,
    /// Files of one subject that do; absent where there are too many.
    within: Option<Vec<SamePicture>>,
    /// Files that were left out.
    bad: Vec<BadImage>,
}

fn repeated(files: &mut ListedFiles, reading: &LeakReading) -> Result<Repeated> {
    let Looks { prints, bad } = look(files, reading)?;
    let mut numbers = HashMap::new();
    let subjects: Vec<u32> = files
        .found
        .iter()
        .map(|file| {
            let next = numbers.len() as u32;
            *numbers.entry(&*file.subject).or_insert(next)
        })
        .collect();
    let search = NearDuplicates::default();
    let path = |place: usize| files.found[place].path.display().to_string();
    let named = |pair: &near_duplicates::Duplicate| {
        SamePicture::new(path(pair.first), path(pair.second), pair.likeness)
    };
    let (across, within) = match search.within(&prints) {
        Ok(pairs) => {
            let differ =
                |pair: &&near_duplicates::Duplicate| subjects[pair.first] != subjects[pair.second];
            let across = pairs.iter().filter(differ).map(named).collect();
            let within = pairs.iter().filter(|pair| !differ(pair)).map(named);
            (across, Some(within.collect()))
        }
        Err(DuplicatesError::TooManyPairs { .. }) => {
            let across = search.across(&prints, &subjects)?;
            (across.iter().map(named).collect(), None)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Repeated {
        across,
        within,
        bad,
    })
}
