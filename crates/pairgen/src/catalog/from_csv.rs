//! A catalogue from a list of images.

use std::collections::HashMap;
use std::path::Path;

use super::numbering::Catalog;
use crate::error::Error;
use crate::list::file;

impl Catalog {
    /// Reads a CSV list with the header `path,subject`, one image a line.
    ///
    /// Relative paths count from the folder that holds the list. Order does not matter; every path
    /// must be a file and be listed once. Whether it can be decoded is the decoder's business.
    ///
    /// # Errors
    /// [`Error::Io`] where the list cannot be read, [`Error::ListHeader`], [`Error::ListSyntax`] and
    /// [`Error::ListLine`] (with the line) where it is wrong, [`Error::NoSubjects`] where it is empty.
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Self, Error> {
        let list = path.as_ref();
        let folder = list.parent().unwrap_or(Path::new(""));
        let mut first_line = HashMap::new();
        let mut entries = Vec::new();
        for line in file::read::<2>(list, &["path,subject"])?.lines {
            let [path, subject] = &line.fields;
            let image = folder.join(path);
            if !image.is_file() {
                let found = if image.is_dir() {
                    "a folder"
                } else {
                    "no such file"
                };
                let found = format!("{found}: {}", image.display());
                return Err(line.error(
                    list,
                    "an image, its path relative to the list's folder",
                    &found,
                ));
            }
            if let Some(first) = first_line.insert(image.clone(), line.number) {
                let found = format!("`{path}` again, first listed on line {first}");
                return Err(line.error(list, "each image once", &found));
            }
            entries.push((subject.clone(), image));
        }
        if entries.is_empty() {
            return Err(Error::NoSubjects {
                root: list.to_owned(),
                found: "the list has no lines after its header".to_owned(),
                fix: "add one line `path,subject` for each image",
            });
        }
        Self::from_entries(folder, entries)
    }
}
