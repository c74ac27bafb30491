//! A catalogue from a list of images.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use super::groups::Groups;
use super::kind::SampleKind;
use super::numbering::Catalog;
use crate::error::Error;
use crate::list::file;
use crate::spelling::{OnDisk, nfc};

/// Without and with groups of subjects and kinds of samples.
pub(crate) const HEADERS: &[&str] = &[
    "path,subject",
    "path,subject,group",
    "path,subject,kind",
    "path,subject,group,kind",
];
/// Columns of a list at most.
pub(crate) const COLUMNS: usize = 4;

impl Catalog {
    /// Reads a CSV list with the header `path,subject`, one image a line, to which a column `group`, a column `kind`, or both in
    /// this order may be added.
    ///
    /// A [group](Self::group_of) is what the subject belongs to: its alphabet, family or site. A subject has one. The kind is
    /// `genuine`, or `forgery` for an [imitation](Self::forgeries_of) of the subject by somebody else.
    ///
    /// Relative paths count from the folder that holds the list. Order does not matter; every path
    /// must be a file and be listed once, in whatever Unicode form. Whether it can be decoded is the
    /// decoder's business.
    ///
    /// # Errors
    /// [`Error::Io`] where the list cannot be read, [`Error::ListHeader`], [`Error::ListSyntax`] and
    /// [`Error::ListLine`] (with the line) where it is wrong, [`Error::NoSubjects`] where it is empty, [`Error::ForgeriesAlone`].
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
        let header = file::header(list, &text, HEADERS)?;
        let place = |column: &str| header.split(',').position(|found| found == column);
        let (group_at, kind_at) = (place("group"), place("kind"));
        file::for_each::<COLUMNS>(list, &text, HEADERS, |line| {
            let [path, subject, ..] = &line.fields;
            let group = group_at.map_or("", |at| &line.fields[at]);
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
            let kind = match kind_at.map(|at| &line.fields[at]) {
                None => SampleKind::Genuine,
                Some(kind) => kind.parse().map_err(|_| {
                    line.error(list, "`genuine` or `forgery`", &format!("`{kind}`"))
                })?,
            };
            groups.of_kind(subject, kind).push(image);
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
        Ok(match group_at.is_some() {
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
    line: &file::Line<COLUMNS>,
    image: &Path,
    disk: &mut OnDisk,
) -> Result<(), Error> {
    let folder = list.parent().unwrap_or(Path::new(""));
    file::for_each::<COLUMNS>(list, text, HEADERS, |earlier| {
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
