//! A catalogue from a folder of folders.

use std::fs;
use std::path::Path;

use super::groups::Groups;
use super::layout::Layout;
use super::nothing_found::nothing_found;
use super::numbering::Catalog;
use super::report::ScanReport;
use super::walk::Walk;
use crate::error::Error;

/// What [`Catalog::scan`] takes for an image, and for a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanOptions {
    /// File name extensions, without the dot, compared case-insensitively.
    pub extensions: Vec<String>,
    /// Which folders are subjects.
    pub layout: Layout,
}

impl Default for ScanOptions {
    /// `pgm, ppm, pnm, png, apng, jpg, jpeg, jpe, jfif, bmp, webp, tif, tiff` in `{subject}/*`.
    fn default() -> Self {
        let extensions = [
            "pgm", "ppm", "pnm", "png", "apng", "jpg", "jpeg", "jpe", "jfif", "bmp", "webp", "tif",
            "tiff",
        ];
        Self {
            extensions: extensions.map(str::to_owned).to_vec(),
            layout: Layout::default(),
        }
    }
}

impl ScanOptions {
    /// The same options with these file name extensions, given without the dot.
    #[must_use]
    pub fn with_extensions<S: Into<String>>(
        mut self,
        extensions: impl IntoIterator<Item = S>,
    ) -> Self {
        self.extensions = extensions.into_iter().map(Into::into).collect();
        self
    }

    /// The same options with this layout.
    #[must_use]
    pub fn with_layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    pub(crate) fn accepts(&self, path: &Path) -> bool {
        path.extension().is_some_and(|found| {
            self.extensions
                .iter()
                .any(|wanted| found.eq_ignore_ascii_case(wanted))
        })
    }
}

impl Catalog {
    /// Reads a folder that holds one folder of images per subject, or as the options' [`Layout`] says.
    ///
    /// Only names are looked at, no file is opened. Images are told by their extension. Hidden
    /// entries, other files, and images and folders where the layout has none, are skipped and
    /// reported. Symbolic links to files and folders are followed, each target once. A link to what
    /// the scan has already, under any subject, is skipped and reported. So no image is listed
    /// twice, and no circle is entered. Folders whose names are one in Unicode's form NFC are one subject.
    /// Where the layout has a named level above the subjects, it is their [group](Self::group_of). Where it has `{kind}`,
    /// forgeries are told from genuine samples.
    ///
    /// The report's lists are in natural order, like the catalogue.
    ///
    /// # Errors
    /// [`Error::Io`] where a folder cannot be read, [`Error::NotAFolder`], [`Error::NoSubjects`]
    /// with what was there instead, [`Error::ForgeriesAlone`], [`Error::FolderName`], [`Error::TooManySamples`].
    pub fn scan(
        root: impl AsRef<Path>,
        options: &ScanOptions,
    ) -> Result<(Self, ScanReport), Error> {
        let root = root.as_ref();
        let metadata = fs::metadata(root).map_err(|e| Error::io(root, "open the folder", e))?;
        if !metadata.is_dir() {
            return Err(Error::NotAFolder {
                path: root.to_owned(),
            });
        }
        let Walk {
            mut report,
            subjects,
            ..
        } = Walk::new(root, options)?;
        let mut groups = Groups::default();
        for subject in subjects {
            if subject.images.is_empty() {
                report.empty_folders.push(subject.path);
            } else {
                for image in subject.images {
                    groups.of_kind(&subject.name, image.kind).push(image.path);
                }
            }
        }
        report.sort();
        if groups.is_empty() {
            return Err(nothing_found(root, options, &report));
        }
        let mut catalog = Self::from_groups(root.to_owned(), groups)?;
        if options.layout.groups() {
            let group = |name: &str| {
                name.rsplit_once('/')
                    .map_or("", |(group, _)| group)
                    .to_owned()
            };
            catalog = catalog.with_groups(group);
        }
        let name = |subject| catalog.subject_name(subject).to_owned();
        report.singletons = catalog.singletons().into_iter().map(name).collect();
        Ok((catalog, report))
    }
}
