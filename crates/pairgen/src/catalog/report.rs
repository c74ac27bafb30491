//! What a scan saw apart from the images it kept.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::natural;

/// What a scan saw apart from the images it kept: nothing is left out silently. Its lists are in natural order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanReport {
    /// Hidden files and folders (their names begin with a dot), skipped.
    pub hidden: usize,
    /// Files in subjects' folders that are not images by their extension, or are not plain files.
    pub other_files: usize,
    /// How many of these have each ending, in lower case and without the dot; those without one are in none.
    pub other_endings: BTreeMap<String, usize>,
    /// Files lying directly in the root, skipped, whatever their extension.
    pub root_files: usize,
    /// Images in folders that are not as deep as the layout has images, skipped.
    pub shallow_images: usize,
    /// Images of which neither folders nor names say what the layout asks for, whose they are or of what kind: skipped.
    pub unplaced: Vec<PathBuf>,
    /// Folders deeper than the layout has any. They are not entered, but for counting what they hold.
    pub nested_folders: Vec<PathBuf>,
    /// How many images are in those folders, and below.
    pub nested_images: usize,
    /// Subjects' folders without any image. They are not subjects.
    pub empty_folders: Vec<PathBuf>,
    /// Symbolic links to a file or folder that the scan has under another name: skipped.
    pub repeated_links: Vec<PathBuf>,
    /// Of these, the ones that would bring one subject's images under another's name.
    pub links_across: Vec<LinkAcross>,
    /// Symbolic links that lead nowhere or in a circle: skipped.
    pub broken_links: Vec<PathBuf>,
    /// Names of subjects with one image: kept, for impostor pairs only.
    pub singletons: Vec<String>,
}

/// A symbolic link under one subject to what is another's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkAcross {
    /// The link, which was skipped.
    pub link: PathBuf,
    /// The file or folder that it leads to, under the name by which the scan has it.
    pub kept: PathBuf,
}

impl ScanReport {
    pub(super) fn sort(&mut self) {
        for paths in [
            &mut self.unplaced,
            &mut self.nested_folders,
            &mut self.empty_folders,
            &mut self.repeated_links,
            &mut self.broken_links,
        ] {
            paths.sort_by(|a, b| natural::compare_paths(a, b));
        }
        self.links_across
            .sort_by(|a, b| natural::compare_paths(&a.link, &b.link));
    }
}
