//! Files that appear whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

/// What the names of files begin with that are not whole yet.
const UNFINISHED: &str = ".siamese-";
/// How many letters and digits follow.
const RANDOM: usize = 6;

/// Writes `bytes` to `path` through a file beside it, synced and renamed, so that no reader and no crash sees a part.
///
/// A new file has the mode that the umask gives, and one that is replaced keeps its own. A link is followed. What is no
/// ordinary file, such as a pipe or a device, is written to as it is.
///
/// # Errors
/// [`Error::Io`] with the path.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let written = match is_special(path) {
        true => write_in_place(path, bytes),
        false => replace(&behind_link(path), bytes),
    };
    written.map_err(|source| Error::io("write", path, bare(source)))
}

/// Whether a path names something that is written to as it is, and never replaced: a pipe, a device, or what a
/// process has open.
#[must_use]
pub fn is_special(path: &Path) -> bool {
    let open = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].map(Path::new);
    if open.contains(&path) || path.starts_with("/dev/fd") || path.starts_with("/proc") {
        return true;
    }
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Removes from a folder what [`write_atomically`] left there when its process was killed. What is being written stays,
/// and so does what cannot be removed.
pub fn clear_unfinished(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(is_unfinished)
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            // Whoever writes it holds the lock. The system takes it back when the process ends, however it ends.
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_unfinished(name: &str) -> bool {
    let random = name.strip_prefix(UNFINISHED);
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn write_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().append(true).open(path)?;
    file.write_all(bytes)?;
    file.flush()
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let was = fs::metadata(path).ok().map(|found| found.permissions());
    let mut file = beside(folder, was.as_ref())?;
    file.as_file_mut().write_all(bytes)?;
    if let Some(was) = was {
        file.as_file().set_permissions(was)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename itself is only safe once the folder is.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// A locked file in `folder`, as open to others as the file that it will replace, or as the umask says.
fn beside(folder: &Path, was: Option<&fs::Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED).rand_bytes(RANDOM);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = was.map_or(0o666, |was| was.mode() & 0o666);
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = was;
    loop {
        let file = builder.tempfile_in(folder)?;
        // Between its making and its locking, somebody who clears the folder may have taken it.
        let taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
        if !taken && file.path().exists() {
            return Ok(file);
        }
    }
}

/// The file that a link leads to, even if it is not there yet; the path itself where it is no link.
fn behind_link(path: &Path) -> PathBuf {
    let Ok(target) = fs::read_link(path) else {
        return path.to_owned();
    };
    fs::canonicalize(path).unwrap_or_else(|_| match path.parent() {
        Some(parent) => parent.join(target),
        None => target,
    })
}

/// The system's reason alone: tempfile adds the name of the file beside, which no user knows.
fn bare(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source());
    let code = inner
        .and_then(|inner| inner.downcast_ref::<io::Error>())
        .and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
}
