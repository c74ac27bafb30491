//! Single files that are written.

use std::fs;
use std::io::Read;
use std::path::Path;

use siamese_net::{clear_unfinished, is_special};

use crate::error::{Error, OutError};

/// What a file holds that a command writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutFile {
    /// A list of pairs, with or without their distances.
    Pairs,
    /// A list of pairs with what was decided on them.
    Verified,
    /// A list of images and their subjects.
    Images,
    /// Embeddings as NumPy's `.npy`.
    Npy,
    /// Embeddings as `.safetensors`.
    Safetensors,
    /// A model as ONNX.
    Onnx,
    /// A recipe to begin with.
    Recipe,
    /// A sheet of images.
    Sheet,
}

impl OutFile {
    /// Fails where `path` is there and may not be replaced: because nobody asked for it, because it holds something
    /// else, or because it is one of the files in `read`, which the same command reads. A special file, such as a pipe,
    /// is always written to.
    ///
    /// # Errors
    /// [`OutError`], which says what to do.
    pub fn expect_place(self, path: &Path, replace: bool, read: &[&Path]) -> Result<(), Error> {
        if is_special(path) {
            return Ok(());
        }
        let place = || path.to_owned();
        if path.is_dir() {
            return Err(OutError::IsFolder { path: place() }.into());
        }
        match path.parent() {
            Some(folder) if folder == Path::new("") => clear_unfinished(Path::new(".")),
            Some(folder) => clear_unfinished(folder),
            None => {}
        }
        if !path.exists() {
            return Ok(());
        }
        if read.iter().any(|read| is_same(read, path)) {
            return Err(OutError::IsRead { path: place() }.into());
        }
        if !replace {
            return Err(OutError::Exists { path: place() }.into());
        }
        if !self.begins(&head(path)) {
            let expected = self.name();
            return Err(OutError::OtherFile {
                path: place(),
                expected,
            }
            .into());
        }
        Ok(())
    }

    /// In messages.
    fn name(self) -> &'static str {
        match self {
            Self::Pairs => "a list of pairs with the header a,b,kind",
            Self::Verified => "a list of siamese verify with the header a,b,distance",
            Self::Images => "a list of images with the header path,subject",
            Self::Npy => "a file of NumPy's",
            Self::Safetensors => "a .safetensors file",
            Self::Onnx => "an ONNX file of siamese export",
            Self::Recipe => "a recipe of siamese new-recipe",
            Self::Sheet => "a PNG image",
        }
    }

    /// Whether a file that begins like this holds it; an empty file holds anything.
    fn begins(self, head: &[u8]) -> bool {
        let begins = |with: &[u8]| head.starts_with(with);
        head.is_empty()
            || match self {
                Self::Pairs => begins(b"a,b,kind"),
                Self::Verified => begins(b"a,b,distance"),
                Self::Images => begins(b"path,subject"),
                Self::Npy => begins(b"\x93NUMPY"),
                Self::Safetensors => head.get(8) == Some(&b'{'),
                // The version of its format, and who wrote it.
                Self::Onnx => begins(b"\x08\x08\x12\x07siamese"),
                Self::Recipe => begins(b"# A recipe to begin with"),
                Self::Sheet => begins(b"\x89PNG"),
            }
    }
}

/// The first bytes of a file, as far as it can be read.
fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(file) = fs::File::open(path) {
        // What came before a failure is enough to tell that it is something else.
        let _ = file.take(64).read_to_end(&mut head);
    }
    head
}

/// Whether two paths lead to one file.
fn is_same(a: &Path, b: &Path) -> bool {
    let [a, b] = [a, b].map(fs::canonicalize);
    a.is_ok_and(|a| b.is_ok_and(|b| a == b))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_is_replaced_when_asked_and_only_by_its_own_kind() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("out");
        let refusal = |out: OutFile, replace, read: &[&Path]| {
            let found = out.expect_place(&path, replace, read);
            found.err().map(|error| error.to_string())
        };
        assert_eq!(refusal(OutFile::Pairs, false, &[]), None);
        let safetensors = b"\x02\0\0\0\0\0\0\0{}".as_slice();
        for (out, content) in [
            (OutFile::Pairs, b"a,b,kind,distance\n".as_slice()),
            (OutFile::Verified, b"a,b,distance,similarity\n"),
            (OutFile::Images, b"path,subject\n"),
            (OutFile::Npy, b"\x93NUMPY\x01\0"),
            (OutFile::Safetensors, safetensors),
            (OutFile::Onnx, b"\x08\x08\x12\x07siamese\x1a"),
            (OutFile::Recipe, b"# A recipe to begin with, for"),
            (OutFile::Sheet, b"\x89PNG\r\n"),
        ] {
            fs::write(&path, content).unwrap();
            assert!(refusal(out, false, &[]).unwrap().contains("--force"));
            assert_eq!(refusal(out, true, &[]), None);
            let read = refusal(out, true, &[&path]).unwrap();
            assert!(read.contains("reads"), "{read}");
            fs::write(&path, "precious").unwrap();
            let other = refusal(out, true, &[]).unwrap();
            assert!(other.contains(out.name()), "{other}");
        }
        let said = OutFile::Pairs.expect_place(folder.path(), true, &[]);
        assert!(said.unwrap_err().to_string().contains("is a folder"));
    }
}
