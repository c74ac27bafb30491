//! One picture under two subjects of a set, or twice under one, by the pixels that a recipe reads.

use near_duplicates::{DuplicatesError, Likeness, NearDuplicates};
use serde::Serialize;
use siamese_net::{ImageStack, Recipe};

use super::looks::Looks;
use super::picture::SamePicture;
use crate::data::Data;
use crate::error::{DataError, Error};
use crate::thousands::thousands;

/// Pairs that a message names.
const NAMED: usize = 5;

/// Images of a set that show one picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RepeatedPictures {
    /// Of different subjects: one of them is not who the set says, or a figure on them means nothing.
    pub across: Vec<SamePicture>,
    /// How many images have the pixels of an earlier one of the same subject.
    pub within: usize,
    /// Whether images that are merely near were looked for, or only such as are equal in every pixel.
    pub near: bool,
}

impl RepeatedPictures {
    /// Looks at all images of a data set as a recipe reads them, and at the symbolic links between its subjects.
    ///
    /// Images of one subject count where their pixels are equal; images of two also where they are near-duplicates
    /// ([`NearDuplicates`]), unless there are more than 50,000 images.
    ///
    /// # Errors
    /// Where an image can no longer be read.
    pub fn find(data: &Data, stack: &ImageStack) -> Result<Self, Error> {
        let catalog = &data.catalog;
        let subjects: Vec<u32> = (0..catalog.len() as u32)
            .map(|image| catalog.subject_of(image))
            .collect();
        let looks = Looks::at(stack)?;
        let equal = looks.equal();
        // A forgery that has the pixels of a genuine sample is one, or the other is none.
        let differ = |[first, second]: [usize; 2]| {
            subjects[first] != subjects[second] || catalog.is_skilled(first as u32, second as u32)
        };
        let within = equal.iter().filter(|pair| !differ(**pair)).count();
        let found = match &looks.prints {
            None => None,
            Some(prints) => match NearDuplicates::default().across(prints, &subjects) {
                Err(DuplicatesError::TooManyPairs { .. }) => None,
                found => Some(found?),
            },
        };
        let path = |image: usize| catalog.path(image as u32).display().to_string();
        let same = |[first, second]: [usize; 2], likeness| {
            SamePicture::new(path(first), path(second), likeness)
        };
        let near = found.is_some();
        let alike: Vec<SamePicture> = match found {
            Some(found) => {
                let forged = |[first, second]: &[usize; 2]| {
                    catalog.is_skilled(*first as u32, *second as u32)
                };
                let forged = equal.into_iter().filter(forged);
                let forged = forged.map(|pair| same(pair, Likeness::Equal));
                let pairs = found.into_iter();
                pairs
                    .map(|pair| same([pair.first, pair.second], pair.likeness))
                    .chain(forged)
                    .collect()
            }
            None => {
                let pairs = equal.into_iter().filter(|pair| differ(*pair));
                pairs.map(|pair| same(pair, Likeness::Equal)).collect()
            }
        };
        let links = data.report.iter().flat_map(|report| &report.links_across);
        let linked = links.map(|across| {
            let [kept, link] = [&across.kept, &across.link].map(|path| path.display().to_string());
            SamePicture::new(kept, link, Likeness::Equal)
        });
        Ok(Self {
            across: linked.chain(alike).collect(),
            within,
            near,
        })
    }

    /// Reads a data set as a recipe says, and refuses pictures that two subjects share, unless the set may have them.
    ///
    /// # Errors
    /// Where an image cannot be read, and as [`expect_none_shared`](Self::expect_none_shared).
    pub fn check(data: &Data, recipe: &Recipe) -> Result<(), Error> {
        if data.source.allow_duplicates {
            return Ok(());
        }
        let images = data.load(recipe)?;
        Self::find(data, &images.stack)?.expect_none_shared(data)
    }

    /// Refuses pictures that two subjects share, unless the data set may have them.
    ///
    /// # Errors
    /// [`DataError::SharedPictures`], with the first of them.
    pub fn expect_none_shared(&self, data: &Data) -> Result<(), Error> {
        if self.across.is_empty() || data.source.allow_duplicates {
            return Ok(());
        }
        Err(DataError::SharedPictures {
            shared: self.across.len(),
            named: self.named(),
        }
        .into())
    }

    /// What is to be said of them beside a figure; each a sentence.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let count = |n: usize| thousands(n as u64);
        if !self.across.is_empty() {
            remarks.push(format!(
                "{} pairs of images are one picture under two subjects, and were left in the data, so figures are worse \
                 or better than they should be: {}.",
                count(self.across.len()),
                self.named().join("; ")
            ));
        }
        if self.within > 0 {
            remarks.push(format!(
                "{} images have the pixels of another image of the same subject: their genuine comparisons are too easy.",
                count(self.within)
            ));
        }
        if !self.near {
            remarks.push(
                "Only pictures that are equal in every pixel were looked for under other subjects, because there are many \
                 images; siamese leak-check DATA looks for near-duplicates too."
                    .to_owned(),
            );
        }
        remarks
    }

    /// The first of those that subjects share.
    fn named(&self) -> Vec<String> {
        let mut named: Vec<String> = self
            .across
            .iter()
            .take(NAMED)
            .map(ToString::to_string)
            .collect();
        if self.across.len() > NAMED {
            named.push(format!(
                "and {} more",
                thousands((self.across.len() - NAMED) as u64)
            ));
        }
        named
    }
}

/// What is to be said of a data set and of its images, as a recipe reads them; each a sentence.
///
/// # Errors
/// As [`RepeatedPictures::find`].
pub fn said_of(data: &Data, stack: &ImageStack) -> Result<Vec<String>, Error> {
    let repeated = RepeatedPictures::find(data, stack)?;
    Ok([data.said(), repeated.remarks()].concat())
}
