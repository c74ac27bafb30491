//! A listing of a data set, in memory or on disk, or of a list file.

use std::path::Path;

use super::builder::ListingBuilder;
use super::contents::{Listing, ListingForm};
use super::forms;
use super::image::{Source, image_name};
use crate::catalog::{Catalog, ScanOptions};
use crate::error::Error;

impl Listing {
    /// Reads what lies at `path`: a folder as [`Catalog::scan`] does, or a list in any of the forms of
    /// [`ListingForm`], told apart by its content. No image needs to exist.
    ///
    /// In a CSV list of pairs the subject is the folder that holds the image or, where the kinds of the
    /// pairs rule that out, the first folder of its path.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::ListHeader`] for a CSV list with other columns, [`Error::ListSyntax`],
    /// [`Error::ListLine`], [`Error::NoSubjects`] for a list that names no subject, and as [`Catalog::scan`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::read_with(path, &ScanOptions::default())
    }

    /// As [`read`](Self::read), where folders, also those below which [`files`](Self::files) looks, are scanned with
    /// these options.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_with(path: impl AsRef<Path>, options: &ScanOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        let mut listing = if path.is_dir() {
            let (catalog, report) = Catalog::scan(path, options)?;
            let mut listing = Self::from_catalog(&catalog);
            listing.report = Some(report);
            listing
        } else {
            forms::read(path)?
        };
        listing.options = options.clone();
        Ok(listing)
    }

    /// What `catalog` holds.
    #[must_use]
    pub fn from_catalog(catalog: &Catalog) -> Self {
        let mut builder = ListingBuilder::default();
        for sample in 0..catalog.len() as u32 {
            let subject = catalog.subject_name(catalog.subject_of(sample));
            let name = image_name(subject, &catalog.relative_path(sample).to_string_lossy());
            builder.image(subject, name, Source::Path(catalog.path(sample).to_owned()));
        }
        builder.finish(catalog.root(), ListingForm::Catalog)
    }
}
