//! A catalogue from a list of images.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use super::groups::Groups;
use super::numbering::Catalog;
use crate::error::Error;
use crate::list::file;
use crate::spelling::{OnDisk, nfc};

/// Without and with groups of subjects.
pub(crate) const HEADERS: &[&str] = &["path,subject", "path,subject,group"];

impl Catalog {
    /// Reads a CSV list with the header `path,subject` or `path,subject,group`, one image a line.
    ///
    /// A [group](Self::group_of) is what the subject belongs to: its alphabet, family or site. A subject has one.
    ///
    /// Relative paths count from the folder that holds the list. Order does not matter; every path
    /// must be a file and be listed once, in whatever Unicode form. Whether it can be decoded is the
    /// decoder's business.
    ///
    /// # Errors
    /// [`Error::Io`] where the list cannot be read, [`Error::ListHeader`], [`Error::ListSyntax`] and
    /// [`Error::ListLine`] (with the line) where it is wrong, [`Error::NoSubjects`] where it is empty.
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Self, Error> {
        let list = path.as_ref();
        let folder = list.parent().unwrap_or(Path::new(""));
        let text = file::bytes(list)?;
        let mut disk = OnDisk::default();
        let mut groups = Groups::default();
        // Hashes instead of paths: a list may be of millions.
        let hashes = RandomState::new();
        let mut listed = HashSet::new();
        let mut group_of: HashMap<String, (String, u64)> = HashMap::new();
        let header = file::for_each::<3>(list, &text, HEADERS, |line| {
            let [path, subject, group] = &line.fields;
            let Some(image) = disk.file(folder.join(path)) else {
                let path = folder.join(path);
                let found = if path.is_dir() {
                    "a folder"
                } else {
                    "no such file"
                };
                let found = format!("{found}: {}", path.display());
                return Err(line.error(
                    list,
                    "an image, its path relative to the list's folder",
                    &found,
                ));
            };
            if !listed.insert(hashes.hash_one(&image)) {
                check_once(list, &text, &line, &image, &mut disk)?;
            }
            groups.of(subject).push(image);
            if !group.is_empty() {
                let first = group_of
                    .entry(nfc(subject).into_owned())
                    .or_insert_with(|| (nfc(group).into_owned(), line.number));
                if first.0 != nfc(group) {
                    let found = format!(
                        "`{group}` for `{subject}`, which is in `{}` on line {}",
                        first.0, first.1
                    );
                    return Err(line.error(list, "one group for each subject", &found));
                }
            }
            Ok(())
        })?;
        if listed.is_empty() {
            return Err(Error::NoSubjects {
                root: list.to_owned(),
                found: "the list has no lines after its header".to_owned(),
                fix: "add one line `path,subject` for each image".to_owned(),
            });
        }
        let catalog = Self::from_groups(folder.to_owned(), groups)?;
        Ok(match header == HEADERS[1] {
            true => catalog
                .with_groups(|name| group_of.get(name).map_or("", |group| &group.0).to_owned()),
            false => catalog,
        })
    }
}

/// Refuses this line if an earlier one lists its image, and not just one of the same hash.
fn check_once(
    list: &Path,
    text: &[u8],
    line: &file::Line<3>,
    image: &Path,
    disk: &mut OnDisk,
) -> Result<(), Error> {
    let folder = list.parent().unwrap_or(Path::new(""));
    file::for_each::<3>(list, text, HEADERS, |earlier| {
        let again = earlier.number < line.number
            && disk.file(folder.join(&earlier.fields[0])).as_deref() == Some(image);
        if !again {
            return Ok(());
        }
        let found = format!(
            "`{}` again, first listed on line {}",
            line.fields[0], earlier.number
        );
        Err(line.error(list, "each image once", &found))
    })?;
    Ok(())
}
