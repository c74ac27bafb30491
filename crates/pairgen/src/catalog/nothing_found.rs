//! What to do where a scan finds no subject.

use std::path::Path;

use super::folder::{Entry, entries};
use super::kind::SampleKind;
use super::parts::part_of;
use super::report::ScanReport;
use super::scan::ScanOptions;
use crate::error::Error;

/// The error for a root without subjects: what is there decides what to advise.
pub(super) fn nothing_found(root: &Path, options: &ScanOptions, report: &ScanReport) -> Error {
    let (found, fix) = if report.nested_images > 0 {
        (
            format!(
                "{} images lie deeper than `{}`, in {} folders such as {}",
                report.nested_images,
                options.layout,
                report.nested_folders.len(),
                report.nested_folders[0].display()
            ),
            deeper(root, &report.nested_folders[0], options),
        )
    } else if let Some(first) = report.unplaced.first() {
        (
            format!(
                "of {} images, such as {}, `{}` does not say whose they are and of what kind",
                report.unplaced.len(),
                first.display(),
                options.layout
            ),
            format!(
                "give another layout; a kind is said as {}",
                SampleKind::WORDS
            ),
        )
    } else if report.shallow_images > 0 {
        (
            format!(
                "{} images lie less deep than `{}`",
                report.shallow_images, options.layout
            ),
            "give a layout with fewer levels".to_owned(),
        )
    } else if !report.empty_folders.is_empty() {
        (
            format!(
                "none of its {} folders holds an image",
                report.empty_folders.len()
            ),
            "put each subject's images into its folder; images are told by their extension"
                .to_owned(),
        )
    } else if report.root_files > 0 {
        (
            format!("it holds {} files and no folders", report.root_files),
            "move each subject's images into a folder of its own".to_owned(),
        )
    } else {
        (
            "it is empty".to_owned(),
            "give the folder that holds one folder of images per subject".to_owned(),
        )
    };
    Error::NoSubjects {
        root: root.to_owned(),
        found,
        fix,
    }
}

/// Which layout to give for images that lie as deep as those in `nested`.
fn deeper(root: &Path, nested: &Path, options: &ScanOptions) -> String {
    let depth = depth_of_images(nested, options).map_or(2, |inside| {
        inside + nested.components().count() - root.components().count()
    });
    let parts = folders_in(root);
    if depth == 2 && !parts.is_empty() && parts.iter().all(|name| part_of(name).is_some()) {
        return format!(
            "its folders {} look like parts of a split: give the layout `{{part}}/{{subject}}/*` and the protocol \
             `folders`; or, if a subject is in several of them, the layout `*/{{subject}}/*`",
            parts.join(", ")
        );
    }
    let groups = "{group}/".repeat(depth - 1);
    let sessions = match depth {
        2 => "{subject}/{session}/*",
        _ => "{subject}/**",
    };
    format!(
        "if each folder of images is a subject, give depth {depth}, which is the layout `{groups}{{subject}}/*`; \
         if the folders in one folder show one subject, give the layout `{sessions}`"
    )
}

/// How far below `folder` its first images are.
fn depth_of_images(folder: &Path, options: &ScanOptions) -> Option<usize> {
    let held = entries(folder).ok()?;
    let image = |entry: &Entry| matches!(entry, Entry::File(path) if options.accepts(path));
    if held.iter().any(image) {
        return Some(0);
    }
    held.into_iter().find_map(|entry| match entry {
        Entry::Folder(path) => Some(1 + depth_of_images(&path, options)?),
        _ => None,
    })
}

/// The names of the folders directly in `root`.
fn folders_in(root: &Path) -> Vec<String> {
    let held = entries(root).into_iter().flatten();
    let name = |entry| match entry {
        Entry::Folder(path) => Some(path.file_name()?.to_string_lossy().into_owned()),
        _ => None,
    };
    held.filter_map(name).collect()
}
