//! Ready networks as files: which they are, and what else a file may be.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::atomic::write_atomically;
use crate::digest::sha256;
use crate::error::Error;
use crate::spec::ProgramKind;

/// What is to be done with a file that is no TorchScript program.
const EXPORT: &str = "write one in Python with torch.jit.script(model.eval()).save(\"backbone.pt\"), or with \
                      torch.jit.trace(model.eval(), images).save(\"backbone.pt\")";

/// What is to be done with a file that is no ONNX network.
const EXPORT_ONNX: &str = "write one in Python with torch.onnx.export(model.eval(), images, \"backbone.onnx\", \
                           external_data=False)";

/// Bytes of a file of either kind: what ONNX files hold, by the rule of protocol buffers.
const MOST_BYTES: u64 = i32::MAX as u64;

/// The program in a file, read whole, and its SHA-256. Nothing of it is run.
///
/// # Errors
/// [`Error::File`] where it is missing, is larger than 2 GiB, is no program of this kind as far as its first and last bytes
/// tell, or has another SHA-256 than `expected`.
pub fn read_program(
    kind: ProgramKind,
    path: &Path,
    expected: Option<&str>,
) -> Result<(Vec<u8>, String), Error> {
    let bytes = read_bounded(kind, path)?;
    let (found, remedy) = match kind {
        ProgramKind::TorchScript => (instead(&bytes), EXPORT),
        ProgramKind::Onnx => (instead_of_onnx(&bytes), EXPORT_ONNX),
    };
    if let Some(found) = found {
        let message = format!("not {}, but {found}: {remedy}", a(kind));
        return Err(Error::file(path, message));
    }
    let found = sha256(&bytes);
    expect(path, &found, expected)?;
    Ok((bytes, found))
}

fn a(kind: ProgramKind) -> String {
    let article = match kind {
        ProgramKind::TorchScript => "a",
        ProgramKind::Onnx => "an",
    };
    format!("{article} {}", kind.name())
}

/// The bytes of an ordinary file that is not too large, whatever happens to it meanwhile.
fn read_bounded(kind: ProgramKind, path: &Path) -> Result<Vec<u8>, Error> {
    let read = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => Error::file(
            path,
            format!(
                "there is no such file, and {} was expected here: encoder.{} is a path relative to the recipe's folder",
                a(kind),
                kind.key()
            ),
        ),
        _ => Error::io("read", path, source),
    };
    let about = fs::metadata(path).map_err(read)?;
    if !about.is_file() {
        return Err(Error::file(
            path,
            format!("not a file, and {} was expected here", a(kind)),
        ));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(read)?;
    let length = file
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(read)?;
    match about.len().max(length as u64) > MOST_BYTES {
        true => Err(Error::file(
            path,
            format!("larger than the 2 GiB that {} may have", a(kind)),
        )),
        false => Ok(bytes),
    }
}

/// The name under which a run or a model keeps a program of this SHA-256. It depends on the content, not on where it came
/// from.
pub(crate) fn kept_name(kind: ProgramKind, sha256: &str) -> Option<String> {
    let digits = sha256.get(..16)?;
    Some(match kind {
        ProgramKind::TorchScript => format!("script-{digits}.pt"),
        ProgramKind::Onnx => format!("network-{digits}.onnx"),
    })
}

/// Whether a file of this name is a program that a run or a model keeps.
#[must_use]
pub fn is_kept_program(name: &str) -> bool {
    let script = name
        .strip_prefix("script-")
        .and_then(|name| name.strip_suffix(".pt"));
    let network = || name.strip_prefix("network-")?.strip_suffix(".onnx");
    script.or_else(network).is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
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
    kind: ProgramKind,
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
pub fn program_sha256(
    kind: ProgramKind,
    path: &Path,
    expected: Option<&str>,
) -> Result<String, Error> {
    static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());
    let state = || {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    let Some((len, modified)) = state() else {
        return Ok(read_program(kind, path, expected)?.1);
    };
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let same =
        |one: &Known| (one.kind, &*one.path, one.len, one.modified) == (kind, path, len, modified);
    let found = known()
        .iter()
        .find(|one| same(one))
        .map(|one| one.sha256.clone());
    if let Some(found) = found {
        expect(path, &found, expected)?;
        return Ok(found);
    }
    let (_, sha256) = read_program(kind, path, expected)?;
    let mut known = known();
    known.retain(|one| one.path != path);
    known.push(Known {
        kind,
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
pub(crate) fn keep_beside(
    kind: ProgramKind,
    path: &Path,
    sha256: &str,
    target: &Path,
) -> Result<(), Error> {
    if target.exists() && program_sha256(kind, target, Some(sha256)).is_ok() {
        return Ok(());
    }
    let (bytes, _) = read_program(kind, path, Some(sha256))?;
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

/// What a file is that is no ONNX network, where its beginning tells; whoever runs one reads it more closely.
fn instead_of_onnx(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [] => Some("an empty file"),
        [b'P', b'K', 3, 4, ..] => {
            Some("an archive, such as a TorchScript program, which encoder.torchscript takes")
        }
        [0x80, 2..=5, ..] => Some("a pickle, which holds weights or objects, not a network"),
        [_, _, _, _, 0, 0, 0, 0, b'{', ..] => {
            Some("a .safetensors file, which holds weights, not a network")
        }
        _ if bytes.starts_with(b"version https://git-lfs") => {
            Some("the place of a file that Git LFS has not fetched")
        }
        _ => None,
    }
}
