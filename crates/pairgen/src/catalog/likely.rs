//! Which layout a set with forgeries has, from the names in it.

use std::path::{Path, PathBuf};

use super::file_name::FileName;
use super::folder::{Entry, entries};
use super::kind::SampleKind;
use super::layout::Layout;
use super::scan::ScanOptions;

/// Patterns of file names in published sets, the commonest first.
const FILE_NAMES: &[&str] = &[
    "{kind}_{subject}_*",
    "{subject}_{kind}_*",
    "{subject}-{kind}-*",
];
/// Folders that are looked into.
const LOOKED_AT: usize = 50;

/// What a folder holds, as far as it matters.
#[derive(Default)]
struct Held {
    folders: Vec<PathBuf>,
    /// Names without endings.
    images: Vec<String>,
}

impl Held {
    fn of(folder: &Path, options: &ScanOptions) -> Option<Self> {
        let mut held = Self::default();
        for entry in entries(folder).ok()? {
            match entry {
                Entry::Folder(path) => held.folders.push(path),
                Entry::File(path) if options.accepts(&path) => {
                    held.images.extend(stem(&path).map(str::to_owned));
                }
                _ => {}
            }
        }
        Some(held)
    }
}

impl Layout {
    /// The layout of a set with forgeries, where the names of its folders and files leave no doubt that it is one: the root's
    /// folders say *genuine* and *forgery*, or the folders of every subject do, or its images are called as those of CEDAR
    /// are (`original_1_2.png`, `forgeries_1_2.png`). `None` for any other set, and for what cannot be read.
    #[must_use]
    pub fn with_forgeries(root: impl AsRef<Path>, options: &ScanOptions) -> Option<Self> {
        let held = Held::of(root.as_ref(), options)?;
        let pattern = if held.folders.is_empty() {
            by_file(&held.images, "")?
        } else if say_kinds(&held.folders) {
            let inside = inside(&held.folders, options);
            match inside.iter().all(|held| held.folders.is_empty()) {
                true => {
                    let images: Vec<String> =
                        inside.into_iter().flat_map(|held| held.images).collect();
                    by_file(&images, "*/")?
                }
                false => "{kind}/{subject}/*".to_owned(),
            }
        } else {
            let inside = inside(&held.folders, options);
            let both = |held: &Held| held.images.is_empty() && say_kinds(&held.folders);
            let one = |held: &Held| {
                let kind = |folder: &PathBuf| kind(folder).is_some();
                held.images.is_empty() && !held.folders.is_empty() && held.folders.iter().all(kind)
            };
            (inside.iter().all(one) && inside.iter().any(both))
                .then(|| "{subject}/{kind}/*".to_owned())?
        };
        pattern.parse().ok()
    }
}

/// What is in the first of these folders.
fn inside(folders: &[PathBuf], options: &ScanOptions) -> Vec<Held> {
    let looked_at = folders.iter().take(LOOKED_AT);
    looked_at
        .filter_map(|folder| Held::of(folder, options))
        .collect()
}

/// Whether each of these folders says a kind, and each kind is said.
fn say_kinds(folders: &[PathBuf]) -> bool {
    let kinds: Vec<Option<SampleKind>> = folders.iter().map(|folder| kind(folder)).collect();
    [SampleKind::Genuine, SampleKind::Forgery]
        .iter()
        .all(|kind| kinds.contains(&Some(*kind)))
        && !kinds.contains(&None)
}

fn kind(folder: &Path) -> Option<SampleKind> {
    SampleKind::of_name(folder.file_name()?.to_str()?)
}

/// The pattern that the names of nearly all of these images have, of which some are genuine and some are not.
fn by_file(images: &[String], above: &str) -> Option<String> {
    let fits = |pattern: &&&str| {
        let Ok(file) = FileName::parse(pattern) else {
            return false;
        };
        let kinds: Vec<SampleKind> = images
            .iter()
            .filter_map(|image| file.read(image)?.kind)
            .collect();
        10 * kinds.len() >= 9 * images.len()
            && [SampleKind::Genuine, SampleKind::Forgery]
                .iter()
                .all(|kind| kinds.contains(kind))
    };
    let found = FILE_NAMES.iter().find(fits)?;
    Some(format!("{above}{found}"))
}

fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}
