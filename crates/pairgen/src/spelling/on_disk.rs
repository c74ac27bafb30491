//! Files whose names the disk has in another form than a list.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::form::nfc;

/// Finds files by names that may be in another Unicode form than the disk's.
#[derive(Default)]
pub(crate) struct OnDisk {
    /// What the folders that were looked into hold, by names in NFC.
    folders: HashMap<PathBuf, HashMap<String, OsString>>,
}

impl OnDisk {
    /// The file at `path`, spelt as the disk spells it. Where several forms of a name exist, the one that was asked
    /// for is taken.
    pub(crate) fn file(&mut self, path: PathBuf) -> Option<PathBuf> {
        if path.is_file() {
            return Some(path);
        }
        // Names in ASCII have one form.
        if path.to_str()?.is_ascii() {
            return None;
        }
        let mut found = PathBuf::new();
        for part in path.components() {
            let as_asked = found.join(part);
            found = match as_asked.exists() {
                true => as_asked,
                false => {
                    let name = nfc(part.as_os_str().to_str()?);
                    let names = self.names_in(&found);
                    found.join(names.get(&*name)?)
                }
            };
        }
        found.is_file().then_some(found)
    }

    fn names_in(&mut self, folder: &Path) -> &HashMap<String, OsString> {
        self.folders.entry(folder.to_owned()).or_insert_with(|| {
            let folder = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            };
            // A folder that cannot be read holds nothing that can be found.
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let names = entries.map(|entry| entry.file_name());
            names
                .filter_map(|name| Some((nfc(name.to_str()?).into_owned(), name)))
                .collect()
        })
    }
}
