//! A catalogue from a folder of folders.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::folder::{Entry, Target, canonical, entries};
use super::numbering::Catalog;
use crate::error::Error;
use crate::natural;

/// What [`Catalog::scan`] takes for an image.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanOptions {
    /// File name extensions, without the dot, compared case-insensitively.
    pub extensions: Vec<String>,
}

impl Default for ScanOptions {
    /// `pgm, ppm, pnm, png, apng, jpg, jpeg, jpe, jfif, bmp, webp, tif, tiff`.
    fn default() -> Self {
        let extensions = [
            "pgm", "ppm", "pnm", "png", "apng", "jpg", "jpeg", "jpe", "jfif", "bmp", "webp", "tif",
            "tiff",
        ];
        Self {
            extensions: extensions.map(str::to_owned).to_vec(),
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

    fn accepts(&self, name: &OsStr) -> bool {
        Path::new(name).extension().is_some_and(|found| {
            self.extensions
                .iter()
                .any(|wanted| found.eq_ignore_ascii_case(wanted))
        })
    }
}

/// What a scan saw apart from the images it kept: nothing is left out silently.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanReport {
    /// Hidden files and folders (their names begin with a dot), skipped.
    pub hidden: usize,
    /// Files in subjects' folders that are not images by their extension, or are not plain files.
    pub other_files: usize,
    /// Files lying directly in the root, skipped, whatever their extension.
    pub root_files: usize,
    /// Folders inside subjects' folders. They are not entered, whatever they hold.
    pub nested_folders: Vec<PathBuf>,
    /// Subjects' folders without any image. They are not subjects.
    pub empty_folders: Vec<PathBuf>,
    /// Symbolic links to a file or folder that the scan has under another name: skipped.
    pub repeated_links: Vec<PathBuf>,
    /// Symbolic links that lead nowhere or in a circle: skipped.
    pub broken_links: Vec<PathBuf>,
    /// Names of subjects with one image: kept, for impostor pairs only.
    pub singletons: Vec<String>,
}

/// One subject's folder, read but not yet judged as a whole.
struct SubjectFolder {
    name: String,
    folder: PathBuf,
    images: Vec<PathBuf>,
    linked_images: Vec<PathBuf>,
    nested: Vec<PathBuf>,
    broken: Vec<PathBuf>,
    hidden: usize,
    other: usize,
}

impl Catalog {
    /// Reads a folder that holds one folder of images per subject: `root/subject/image`.
    ///
    /// Only names are looked at, no file is opened. Images are told by their extension. Hidden
    /// entries, other files and folders inside a subject's folder are skipped and reported: a
    /// subject's images lie directly in its folder. Symbolic links to files and folders are
    /// followed, each target once. A link to what the scan has already, under any subject, is
    /// skipped and reported. So no image is listed twice, and no circle is entered.
    ///
    /// The report's lists are in natural order, like the catalogue.
    ///
    /// # Errors
    /// [`Error::Io`] where a folder cannot be read, [`Error::NotAFolder`], [`Error::NoSubjects`]
    /// with what was there instead, [`Error::FolderName`], [`Error::TooManySamples`].
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
        let mut report = ScanReport::default();
        let folders = subject_folders(root, &mut report)?;
        let mut subjects = folders
            .into_par_iter()
            .map(|folder| SubjectFolder::read(folder, options))
            .collect::<Result<Vec<_>, _>>()?;
        follow_image_links(&mut subjects, &mut report)?;

        let mut groups = Vec::with_capacity(subjects.len());
        for subject in subjects {
            report.hidden += subject.hidden;
            report.other_files += subject.other;
            report.nested_folders.extend(subject.nested);
            report.broken_links.extend(subject.broken);
            if subject.images.is_empty() {
                report.empty_folders.push(subject.folder);
            } else {
                groups.push((subject.name, subject.images));
            }
        }
        if groups.is_empty() {
            return Err(nothing_found(root, &report));
        }
        let catalog = Self::from_groups(root.to_owned(), groups)?;
        let name = |subject| catalog.subject_name(subject).to_owned();
        report.singletons = catalog.singletons().into_iter().map(name).collect();
        for paths in [
            &mut report.nested_folders,
            &mut report.empty_folders,
            &mut report.repeated_links,
            &mut report.broken_links,
        ] {
            paths.sort_by(|a, b| natural::compare_paths(a, b));
        }
        Ok((catalog, report))
    }
}

/// The folders directly in `root`, each once: real ones before links to them.
fn subject_folders(root: &Path, report: &mut ScanReport) -> Result<Vec<PathBuf>, Error> {
    let mut folders = Vec::new();
    let mut linked = Vec::new();
    for entry in entries(root)? {
        match entry {
            Entry::Hidden => report.hidden += 1,
            Entry::Folder(path) => folders.push(path),
            Entry::Link(path, Target::Folder) => linked.push(path),
            Entry::Link(path, Target::Broken) => report.broken_links.push(path),
            Entry::File(_) | Entry::Other | Entry::Link(..) => report.root_files += 1,
        }
    }
    if linked.is_empty() {
        return Ok(folders);
    }
    let mut visited = HashSet::from([canonical(root)?]);
    for folder in &folders {
        visited.insert(canonical(folder)?);
    }
    for link in linked {
        if visited.insert(canonical(&link)?) {
            folders.push(link);
        } else {
            report.repeated_links.push(link);
        }
    }
    Ok(folders)
}

/// Adds linked images whose targets the scan does not have yet, links in natural order.
fn follow_image_links(
    subjects: &mut [SubjectFolder],
    report: &mut ScanReport,
) -> Result<(), Error> {
    if subjects
        .iter()
        .all(|subject| subject.linked_images.is_empty())
    {
        return Ok(());
    }
    let mut visited = HashSet::new();
    for subject in &*subjects {
        let folder = canonical(&subject.folder)?;
        let names = subject.images.iter().filter_map(|path| path.file_name());
        visited.extend(names.map(|name| folder.join(name)));
    }
    subjects.sort_by(|a, b| natural::compare(&a.name, &b.name));
    for subject in subjects {
        for link in std::mem::take(&mut subject.linked_images) {
            if visited.insert(canonical(&link)?) {
                subject.images.push(link);
            } else {
                report.repeated_links.push(link);
            }
        }
    }
    Ok(())
}

impl SubjectFolder {
    fn read(folder: PathBuf, options: &ScanOptions) -> Result<Self, Error> {
        let name = folder.file_name().and_then(OsStr::to_str);
        let Some(name) = name.map(str::to_owned) else {
            return Err(Error::FolderName { path: folder });
        };
        let mut subject = Self {
            name,
            images: Vec::new(),
            linked_images: Vec::new(),
            nested: Vec::new(),
            broken: Vec::new(),
            hidden: 0,
            other: 0,
            folder,
        };
        let accepts = |path: &Path| path.file_name().is_some_and(|name| options.accepts(name));
        for entry in entries(&subject.folder)? {
            match entry {
                Entry::Hidden => subject.hidden += 1,
                Entry::File(path) if accepts(&path) => subject.images.push(path),
                Entry::Link(path, Target::File) if accepts(&path) => {
                    subject.linked_images.push(path);
                }
                Entry::Folder(path) | Entry::Link(path, Target::Folder) => {
                    subject.nested.push(path);
                }
                Entry::Link(path, Target::Broken) => subject.broken.push(path),
                Entry::File(_) | Entry::Link(..) | Entry::Other => subject.other += 1,
            }
        }
        Ok(subject)
    }
}

/// The error for a root without subjects: what is there decides what to advise.
fn nothing_found(root: &Path, report: &ScanReport) -> Error {
    let (found, fix) = if !report.nested_folders.is_empty() {
        (
            format!(
                "its folders hold {} folders but no images",
                report.nested_folders.len()
            ),
            "give the folder one level deeper, whose folders hold the images",
        )
    } else if !report.empty_folders.is_empty() {
        (
            format!(
                "none of its {} folders holds an image",
                report.empty_folders.len()
            ),
            "put each subject's images into its folder; images are told by their extension",
        )
    } else if report.root_files > 0 {
        (
            format!("it holds {} files and no folders", report.root_files),
            "move each subject's images into a folder of its own",
        )
    } else {
        (
            "it is empty".to_owned(),
            "give the folder that holds one folder of images per subject",
        )
    };
    Error::NoSubjects {
        root: root.to_owned(),
        found,
        fix,
    }
}
