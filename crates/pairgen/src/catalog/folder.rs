//! What a folder holds: files, folders, and links with what they lead to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::natural;

/// What one name in a folder turned out to be.
pub(super) enum Entry {
    Hidden,
    File(PathBuf),
    Folder(PathBuf),
    Link(PathBuf, Target),
    Other,
}

/// What a symbolic link leads to.
pub(super) enum Target {
    File,
    Folder,
    Broken,
    Other,
}

/// What `folder` holds, in natural order.
pub(super) fn entries(folder: &Path) -> Result<Vec<Entry>, Error> {
    let error = |e| Error::io(folder, "read the folder", e);
    let mut found = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(error)?;
    found.sort_by_cached_key(|entry| SortedPath(entry.path()));
    found
        .into_iter()
        .map(|entry| {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                return Ok(Entry::Hidden);
            }
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|e| Error::io(&path, "look at", e))?;
            Ok(if kind.is_file() {
                Entry::File(path)
            } else if kind.is_dir() {
                Entry::Folder(path)
            } else if kind.is_symlink() {
                let target = target(&path)?;
                Entry::Link(path, target)
            } else {
                Entry::Other
            })
        })
        .collect()
}

fn target(link: &Path) -> Result<Target, Error> {
    match fs::metadata(link) {
        Ok(target) if target.is_file() => Ok(Target::File),
        Ok(target) if target.is_dir() => Ok(Target::Folder),
        Ok(_) => Ok(Target::Other),
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(Error::io(link, "follow the link", e))
        }
        Err(_) => Ok(Target::Broken),
    }
}

/// `path` without links and dots, to tell whether two paths lead to one place.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|e| Error::io(path, "follow the link", e))
}

/// A path that sorts naturally.
#[derive(PartialEq, Eq)]
struct SortedPath(PathBuf);

impl Ord for SortedPath {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        natural::compare_paths(&self.0, &other.0)
    }
}

impl PartialOrd for SortedPath {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
