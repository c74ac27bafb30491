//! Programs as files: which they are, and what else a file may be.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::atomic::write_atomically;
use crate::digest::sha256;
use crate::error::Error;

/// What is to be done with a file that is no program.
const EXPORT: &str = "write one in Python with torch.jit.script(model.eval()).save(\"backbone.pt\"), or with \
                      torch.jit.trace(model.eval(), images).save(\"backbone.pt\")";

/// The program in a file, read whole, and its SHA-256. Nothing of it is run.
///
/// # Errors
/// [`Error::File`] where it is missing, is no TorchScript program, or has another SHA-256 than `expected`.
pub fn read_program(path: &Path, expected: Option<&str>) -> Result<(Vec<u8>, String), Error> {
    let bytes = fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => Error::file(
            path,
            "there is no such file, and a TorchScript program was expected here: encoder.torchscript is a path \
             relative to the recipe's folder",
        ),
        _ => Error::io("read", path, source),
    })?;
    if let Some(found) = instead(&bytes) {
        let message = format!("not a TorchScript program, but {found}: {EXPORT}");
        return Err(Error::file(path, message));
    }
    let found = sha256(&bytes);
    expect(path, &found, expected)?;
    Ok((bytes, found))
}

fn expect(path: &Path, found: &str, expected: Option<&str>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != found => Err(Error::file(
            path,
            format!(
                "not the program that the recipe or model was made with: its SHA-256 is {found}, expected {expected}; \
                 restore the file, or change encoder.sha256 and train again"
            ),
        )),
        _ => Ok(()),
    }
}

/// A file whose SHA-256 has been found before, and what would show that it was changed since.
struct Known {
    path: PathBuf,
    len: u64,
    modified: SystemTime,
    sha256: String,
}

/// The SHA-256 of a program's file. One of unchanged size and time is not read again: a cross-validation reads its
/// recipe for every fold, several times.
///
/// # Errors
/// As [`read_program`].
pub fn program_sha256(path: &Path, expected: Option<&str>) -> Result<String, Error> {
    static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());
    let state = || {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    let Some((len, modified)) = state() else {
        return Ok(read_program(path, expected)?.1);
    };
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |one: &Known| one.path == path && one.len == len && one.modified == modified;
    let found = known()
        .iter()
        .find(|one| same(one))
        .map(|one| one.sha256.clone());
    if let Some(found) = found {
        expect(path, &found, expected)?;
        return Ok(found);
    }
    let (_, sha256) = read_program(path, expected)?;
    let mut known = known();
    known.retain(|one| one.path != path);
    known.push(Known {
        path: path.to_owned(),
        len,
        modified,
        sha256: sha256.clone(),
    });
    Ok(sha256)
}

/// Copies a program of that SHA-256 to `target`, unless it is there.
///
/// # Errors
/// As [`read_program`]; [`Error::Io`] where it cannot be written.
pub(crate) fn keep_beside(path: &Path, sha256: &str, target: &Path) -> Result<(), Error> {
    if target.exists() && program_sha256(target, Some(sha256)).is_ok() {
        return Ok(());
    }
    let (bytes, _) = read_program(path, Some(sha256))?;
    write_atomically(target, &bytes)
}

/// What a file is that is no TorchScript program; `None` where it looks like one.
fn instead(bytes: &[u8]) -> Option<&'static str> {
    /// The names of an archive's parts stand in its last bytes.
    const LIST: usize = 4 << 20;
    /// The record that ends an archive, and the longest comment that may follow it.
    const END: usize = 22 + (1 << 16);
    let tail = |len: usize| &bytes[bytes.len().saturating_sub(len)..];
    let holds = |part: &[u8], word: &[u8]| part.windows(word.len()).any(|window| window == word);
    match bytes {
        [] => Some("an empty file"),
        [b'P', b'K', 3, 4, ..] if !holds(tail(END), b"PK\x05\x06") => {
            Some("an archive that is cut short: copy it again, or, if it was written like that")
        }
        [b'P', b'K', 3, 4, ..] if holds(tail(LIST), b"constants.pkl") => None,
        [b'P', b'K', 3, 4, ..] if holds(tail(LIST), b"archive_format") => {
            Some("a program of torch.export")
        }
        [b'P', b'K', 3, 4, ..] if holds(tail(LIST), b"data.pkl") => {
            Some("an archive of torch.save, which holds weights or objects, not a program")
        }
        [b'P', b'K', 3, 4, ..] => Some("an archive of something else"),
        [0x80, 2..=5, ..] => Some("a pickle, which holds weights or objects, not a program"),
        [_, _, _, _, 0, 0, 0, 0, b'{', ..] => {
            Some("a .safetensors file, which holds weights, not a program")
        }
        _ => Some("a file that torch.jit.save did not write"),
    }
}
