//! The image files behind a listing, where there are any.

use std::path::{Path, PathBuf};

use super::contents::{Listing, ListingForm};
use super::image::{Source, image_name};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::lfw::LfwImages;
use crate::spelling::OnDisk;

/// The image files that a [`Listing`] names and that exist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListedFiles {
    /// The files, in natural order of their images' names.
    pub found: Vec<ListedFile>,
    /// The names of images without a file; of subjects without any image where the listing names subjects only.
    pub missing: Vec<String>,
}

/// One image file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedFile {
    /// The image's name, as [`Listing::images`] has it.
    pub image: String,
    /// The subject that it shows.
    pub subject: String,
    /// Where the file is.
    pub path: PathBuf,
}

impl Listing {
    /// The files of this listing's images, looked for on disk.
    ///
    /// `root` is the folder below which a list's images lie. Without it the paths of a CSV list count
    /// from the list's own folder, and the forms that hold no paths find nothing. A folder has its own
    /// files, whatever the root. Where the listing names subjects only, these are all images of each.
    ///
    /// # Errors
    /// As [`Catalog::scan`], which reads the root for LFW's lists and for lists of subjects.
    pub fn files(&self, root: Option<&Path>) -> Result<ListedFiles, Error> {
        if let ListingForm::Catalog | ListingForm::Images | ListingForm::Pairs = self.form {
            let folder = match self.form {
                ListingForm::Catalog => None,
                _ => root.or(self.path.parent()),
            };
            return Ok(self.at_their_paths(folder.unwrap_or(Path::new(""))));
        }
        let Some(root) = root else {
            let missing = match self.images() {
                Some(images) => images.map(str::to_owned).collect(),
                None => self.subjects.clone(),
            };
            return Ok(ListedFiles {
                missing,
                ..ListedFiles::default()
            });
        };
        let (catalog, _) = Catalog::scan(root, &self.options)?;
        Ok(self.in_catalog(&catalog))
    }

    fn at_their_paths(&self, folder: &Path) -> ListedFiles {
        let mut files = ListedFiles::default();
        let mut disk = OnDisk::default();
        for image in self.images.iter().flatten() {
            let paths = image.sources.iter().filter_map(|source| match source {
                Source::Path(path) => disk.file(folder.join(path)),
                Source::Number(_) => None,
            });
            files.add(&image.name, &image.subject, paths);
        }
        files
    }

    fn in_catalog(&self, catalog: &Catalog) -> ListedFiles {
        let mut files = ListedFiles::default();
        let Some(images) = &self.images else {
            for name in &self.subjects {
                let subject = catalog.subject_by_name(name);
                if subject.is_none() {
                    files.missing.push(name.clone());
                }
                for sample in subject.into_iter().flat_map(|subject| {
                    let genuine = catalog.samples_of(subject);
                    genuine.chain(catalog.forgeries_of(subject))
                }) {
                    let path = catalog.relative_path(sample).to_string_lossy();
                    let path_on_disk = catalog.path(sample).to_owned();
                    files.add(&image_name(name, &path), name, [path_on_disk]);
                }
            }
            return files;
        };
        let mut numbered = LfwImages::new(catalog);
        for image in images {
            let mut paths = Vec::new();
            for source in &image.sources {
                if let (Source::Number(number), Some(subject)) =
                    (source, catalog.subject_by_name(&image.subject))
                {
                    let samples = numbered.candidates(subject, *number).iter();
                    paths.extend(samples.map(|&sample| catalog.path(sample).to_owned()));
                }
            }
            files.add(&image.name, &image.subject, paths);
        }
        files
    }
}

impl ListedFiles {
    fn add(&mut self, image: &str, subject: &str, paths: impl IntoIterator<Item = PathBuf>) {
        let before = self.found.len();
        self.found.extend(paths.into_iter().map(|path| ListedFile {
            image: image.to_owned(),
            subject: subject.to_owned(),
            path,
        }));
        if self.found.len() == before {
            self.missing.push(image.to_owned());
        }
    }
}
