//! Folders that one process at a time writes into.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::{Error, FileError, RunError};

/// A locked folder. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _folder: File,
}

impl FolderLock {
    /// For a process that writes into the folder.
    pub(crate) fn to_write(path: &Path) -> Result<Self, Error> {
        Self::take(path, File::try_lock)
    }

    /// For any number of processes that read it, or write what none of the others does.
    pub(crate) fn to_share(path: &Path) -> Result<Self, Error> {
        Self::take(path, File::try_lock_shared)
    }

    fn take(path: &Path, take: fn(&File) -> Result<(), TryLockError>) -> Result<Self, Error> {
        let folder = File::open(path).map_err(|source| FileError::OpenFolder {
            path: path.into(),
            source,
        })?;
        match take(&folder) {
            Err(TryLockError::WouldBlock) => Err(RunError::Busy { path: path.into() }.into()),
            // Not every file system can lock. On those that cannot, there is no lock.
            Err(TryLockError::Error(_)) | Ok(()) => Ok(Self { _folder: folder }),
        }
    }
}
