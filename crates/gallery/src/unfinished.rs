//! Files and folders that are not whole yet, and what a killed process left of such.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// What the names of files and folders end with that are not whole yet.
const ENDING: &str = ".new";

/// A file or folder beside the one that it will become. Whoever makes it holds a lock on it; the system takes the lock back
/// when the process ends, however it ends.
pub(crate) struct Unfinished {
    pub(crate) path: PathBuf,
    _lock: File,
}

impl Unfinished {
    /// Lets `make` make one for `path`, after clearing what killed processes left for the same path.
    pub(crate) fn make(path: &Path, make: impl Fn(&Path) -> io::Result<()>) -> io::Result<Self> {
        clear(path);
        loop {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{}{ENDING}", Uuid::now_v7()));
            let unfinished = PathBuf::from(name);
            make(&unfinished)?;
            let lock = File::open(&unfinished)?;
            // Between its making and its locking, somebody who clears may have taken it.
            if lock.try_lock().is_ok() && unfinished.exists() {
                return Ok(Self {
                    path: unfinished,
                    _lock: lock,
                });
            }
        }
    }
}

/// Removes what killed processes left for `path`. What is being made stays, and so does what cannot be removed.
pub(crate) fn clear(path: &Path) {
    let (Some(folder), Some(name)) = (
        path.parent(),
        path.file_name().and_then(|name| name.to_str()),
    ) else {
        return;
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let middle = found.to_str().and_then(|found| {
            found
                .strip_prefix(name)?
                .strip_prefix('.')?
                .strip_suffix(ENDING)
        });
        if middle.is_some_and(|middle| Uuid::try_parse(middle).is_ok()) {
            remove_if_left(path, &entry.path());
        }
    }
}

fn remove_if_left(whole: &Path, left: &Path) {
    // Killed after the link was made: another name of the whole file. To open and close it would take this process' locks
    // from the database that it may have open.
    let left_over =
        is_same_file(whole, left) || File::open(left).is_ok_and(|file| file.try_lock().is_ok());
    if !left_over {
        return;
    }
    if left.is_dir() {
        let _ = fs::remove_dir_all(left);
        return;
    }
    let _ = fs::remove_file(left);
    // What SQLite keeps beside a database.
    for ending in ["-wal", "-shm", "-journal"] {
        let mut name = left.as_os_str().to_owned();
        name.push(ending);
        let _ = fs::remove_file(PathBuf::from(name));
    }
}

#[cfg(unix)]
fn is_same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |path: &Path| {
        let found = fs::symlink_metadata(path).ok()?;
        Some((found.dev(), found.ino()))
    };
    place(a).is_some_and(|a| Some(a) == place(b))
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}
