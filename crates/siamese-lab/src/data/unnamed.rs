//! Images without subjects: files, and folders that hold images themselves.

use std::fs;
use std::path::PathBuf;

use pairgen::{Catalog, ScanOptions};

use super::bad::{LeftOut, without_bad};
use super::data_set::Data;
use super::source::DataSource;
use crate::error::{DataError, Error};

impl Data {
    /// Images whose subjects nobody named: these files, and the images in these folders, but not in folders inside them.
    /// The catalogue has them in natural order, all under one subject without a name. `source` says how they are read; its
    /// path is not looked at.
    ///
    /// # Errors
    /// Where a path is not there, a folder holds no image, or nothing can be read, or a name that is not UTF-8.
    pub fn of_images(paths: &[PathBuf], source: DataSource) -> Result<Self, Error> {
        let mut images = Vec::new();
        for path in paths {
            if path.is_dir() {
                let before = images.len();
                let entries =
                    fs::read_dir(path).map_err(|error| unreadable(path.clone(), error))?;
                for entry in entries {
                    let entry = entry
                        .map_err(|error| unreadable(path.clone(), error))?
                        .path();
                    if is_image(&entry) {
                        images.push(entry);
                    }
                }
                if images.len() == before {
                    return Err(DataError::NoImages { path: path.clone() }.into());
                }
            } else if path.exists() {
                images.push(path.clone());
            } else {
                return Err(DataError::NoFile { path: path.clone() }.into());
            }
        }
        let entries = images.into_iter().map(|path| (String::new(), path));
        let catalog = Catalog::from_entries(PathBuf::new(), entries)?;
        let (catalog, unreadable) = match source.skip_bad {
            true => without_bad(catalog, &source)?,
            false => (catalog, LeftOut::default()),
        };
        let found = Self {
            catalog,
            report: None,
            unreadable,
            source,
            memory: None,
        };
        Ok(found.spellable()?)
    }
}

/// Whether a scan of folders of subjects would take it for one.
fn is_image(path: &std::path::Path) -> bool {
    let hidden = path
        .file_name()
        .is_none_or(|name| name.to_string_lossy().starts_with('.'));
    let ending = path.extension().is_some_and(|found| {
        let wanted = ScanOptions::default().extensions;
        wanted
            .iter()
            .any(|wanted| found.eq_ignore_ascii_case(wanted))
    });
    ending && !hidden && path.is_file()
}

fn unreadable(path: PathBuf, source: std::io::Error) -> Error {
    siamese_net::Error::io("read the folder", &path, source).into()
}
