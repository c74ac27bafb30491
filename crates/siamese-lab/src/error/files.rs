//! Files that cannot be read or written.

use std::io;
use std::path::{Path, PathBuf};

/// A file or a folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// The file of a recipe cannot be read.
    #[error("cannot read the recipe {}", path.display())]
    ReadRecipe {
        /// The file.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// A list cannot be read as CSV.
    #[error("cannot read {}", path.display())]
    ReadList {
        /// The file.
        path: PathBuf,
        /// Why it cannot be.
        source: csv::Error,
    },

    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// A file cannot be taken away to make room.
    #[error("cannot replace {}", path.display())]
    Replace {
        /// The file.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// A file or a folder cannot be copied.
    #[error("cannot copy {}", path.display())]
    Copy {
        /// The file or the folder.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// A folder cannot be made.
    #[error("cannot make the folder {}: choose another with --out", path.display())]
    MakeFolder {
        /// The folder.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// A folder cannot be opened.
    #[error("cannot open the folder {}: choose another with --out", path.display())]
    OpenFolder {
        /// The folder.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// The files of a folder cannot be listed.
    #[error("cannot list {}", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// Why it cannot be.
        source: io::Error,
    },

    /// A document that this program writes cannot be understood.
    #[error("{} is not what this version writes: {remedy}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
        /// What is wrong in it.
        source: serde_json::Error,
    },
}

/// That a folder cannot be made.
pub(crate) fn make_folder(path: &Path) -> Result<(), FileError> {
    std::fs::create_dir_all(path).map_err(|source| FileError::MakeFolder {
        path: path.to_owned(),
        source,
    })
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(FileError::Replace {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// What a JSON file says; `remedy` says what to do where it is not what this version writes.
pub(crate) fn read_document<T: serde::de::DeserializeOwned>(
    path: &Path,
    remedy: &'static str,
) -> Result<T, FileError> {
    serde_json::from_str(&read_text(path)?).map_err(|source| FileError::Document {
        path: path.to_owned(),
        remedy,
        source,
    })
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, FileError> {
    std::fs::read_to_string(path).map_err(|source| FileError::Read {
        path: path.to_owned(),
        source,
    })
}

#[cfg(feature = "train")]
/// The bytes of a file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    std::fs::read(path).map_err(|source| FileError::Read {
        path: path.to_owned(),
        source,
    })
}
