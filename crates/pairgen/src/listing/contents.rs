//! The subjects, images and pairs that a data set or a list names, whether or not its images exist.

use std::fmt;
use std::path::{Path, PathBuf};

use super::image::ListedImage;
use crate::catalog::{ScanOptions, ScanReport, alike};

/// The subjects, images and pairs that a data set or a list names.
///
/// This is one side of a leak check ([`Overlap`](crate::Overlap)). It goes by names alone, so that the
/// lists of a model trained elsewhere can be compared without its images.
///
/// An image's name is its subject's name, a `/`, and its file's name without the extension: `s1/1`,
/// `Ann_Lee/Ann_Lee_0003`. Folders above the subject's are left out, so that lists made on different
/// machines agree. Images of one subject that come to the same name count as one. A list in LFW's form
/// has LFW's names, so it shares no image with files that are named in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub(crate) path: PathBuf,
    pub(crate) form: ListingForm,
    /// Each once, in natural order.
    pub(crate) subjects: Vec<String>,
    /// Each name once, in natural order.
    pub(crate) images: Option<Vec<ListedImage>>,
    /// As places in `images`, the smaller first, each once.
    pub(crate) pairs: Option<Vec<(u32, u32)>>,
    pub(crate) report: Option<ScanReport>,
    /// How folders are scanned.
    pub(crate) options: ScanOptions,
}

/// How many subjects, images and pairs a [`Listing`] names, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListingCounts {
    /// Subjects.
    pub subjects: usize,
    /// Images; `None` where the form names subjects only.
    pub images: Option<usize>,
    /// Pairs, a pair and its mirror image counted once; `None` where the form lists no pairs.
    pub pairs: Option<usize>,
}

/// What a [`Listing`] was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListingForm {
    /// A [`Catalog`](crate::Catalog): a folder with one folder of images for each subject, unless it was made in memory.
    Catalog,
    /// A CSV list `path,subject` or `path,subject,group`.
    Images,
    /// A CSV list `a,b,kind`.
    Pairs,
    /// A list of pairs in the form of LFW's `pairs.txt` or `pairsDevTest.txt`.
    LfwPairs,
    /// A CSV list `subject,fold` or `subject,part`.
    Subjects,
    /// Plain text with a name on each line, or `name<TAB>count` as in LFW's `people.txt`.
    Names,
}

impl ListingForm {
    pub(crate) fn names_images(self) -> bool {
        !matches!(self, Self::Subjects | Self::Names)
    }

    pub(crate) fn lists_pairs(self) -> bool {
        matches!(self, Self::Pairs | Self::LfwPairs)
    }
}

impl fmt::Display for ListingForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Catalog => "catalogue",
            Self::Images => "list of images",
            Self::Pairs => "list of pairs",
            Self::LfwPairs => "LFW list of pairs",
            Self::Subjects => "list of subjects",
            Self::Names => "list of names",
        })
    }
}

impl Listing {
    /// What it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its form.
    #[must_use]
    pub fn form(&self) -> ListingForm {
        self.form
    }

    /// What was skipped in a folder; `None` for lists.
    #[must_use]
    pub fn report(&self) -> Option<&ScanReport> {
        self.report.as_ref()
    }

    /// The subjects' names, each once, in natural order: never empty.
    #[must_use]
    pub fn subjects(&self) -> &[String] {
        &self.subjects
    }

    /// Names of different subjects that a reader may take for one another, as
    /// [`AlikeNames::several_subjects`](crate::AlikeNames).
    #[must_use]
    pub fn alike_subjects(&self) -> Vec<Vec<String>> {
        alike(self.subjects.iter().map(String::as_str))
    }

    /// The images' names, each once, in natural order; `None` where the form names subjects only.
    #[must_use]
    pub fn images(&self) -> Option<impl ExactSizeIterator<Item = &str>> {
        let images = self.images.as_ref()?;
        Some(images.iter().map(|image| image.name.as_str()))
    }

    /// How many of each it names.
    #[must_use]
    pub fn counts(&self) -> ListingCounts {
        ListingCounts {
            subjects: self.subjects.len(),
            images: self.images.as_ref().map(Vec::len),
            pairs: self.pairs.as_ref().map(Vec::len),
        }
    }
}
