//! Places that may not be written to.

use std::path::PathBuf;

/// Something is where a command would write.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutError {
    /// The folder holds work of another kind.
    #[error("{} holds {found}: choose another --out", folder.display())]
    OtherWork {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        found: &'static str,
    },

    /// The folder holds the same kind of work.
    #[error("{} holds {found}: choose another --out, or replace it with --force", folder.display())]
    SameWork {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        found: &'static str,
    },

    /// A file would be replaced that is not of this kind of work.
    #[error(
        "{} would be replaced, and it is not of {work}: choose another --out, or move it away",
        path.display()
    )]
    OfTheUser {
        /// The file.
        path: PathBuf,
        /// What would be written.
        work: &'static str,
    },

    /// A file is there.
    #[error("{} exists already: choose another name, or replace it with --force", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },

    /// A file is there that holds something else.
    #[error(
        "{} is not {expected}, so --force does not replace it: choose another name, or move it away",
        path.display()
    )]
    OtherFile {
        /// The file.
        path: PathBuf,
        /// What may be replaced.
        expected: &'static str,
    },

    /// The file is read by the command that would write it.
    #[error("{} is what the command reads: choose another name to write to", path.display())]
    IsRead {
        /// The file.
        path: PathBuf,
    },

    /// There is a folder where a file would be written.
    #[error("{} is a folder: give the name of a file", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
}
