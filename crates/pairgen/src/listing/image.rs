//! One image of a listing: its name, and where to look for its file.

use std::path::PathBuf;

use crate::spelling::nfc;

/// One image of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedImage {
    pub(crate) name: String,
    pub(crate) subject: String,
    /// Each once and in order: more than one where several files of the subject have this name.
    pub(crate) sources: Vec<Source>,
}

/// Where to look for an image's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// There, as a list or a scan has it.
    Path(PathBuf),
    /// In its subject's folder, by LFW's number.
    Number(u32),
}

/// The name of the image at `path`, which shows `subject`, in NFC.
pub(crate) fn image_name(subject: &str, path: &str) -> String {
    let (subject, path) = (nfc(subject), nfc(path));
    let mut parts = path_parts(&path);
    let file = parts.pop().unwrap_or_default();
    let stem = match file.rfind('.') {
        None | Some(0) => file,
        Some(dot) => &file[..dot],
    };
    // The subject of a nested set is several folders.
    let folders = path_parts(&subject);
    let ends = (folders.len()..=parts.len()).rev();
    let inside = ends
        .map(|end| parts.split_at(end))
        .find(|(upto, _)| upto.ends_with(&folders))
        .map_or(&[][..], |(_, inside)| inside);
    [&[&*subject], inside, &[stem]].concat().join("/")
}

/// The folders and the file of a path, whichever way its slashes lean.
pub(crate) fn path_parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_named_from_its_subject_on_without_its_extension() {
        for (path, name) in [
            ("s1/1.pgm", "s1/1"),
            ("/data/s1/faces/s1/1.pgm", "s1/1"),
            ("C:\\data\\s1\\day 2\\1.jpeg", "s1/day 2/1"),
            ("./s1//./1.face.png", "s1/1.face"),
            ("scans/1", "s1/1"),
            (".1", "s1/.1"),
            ("", "s1/"),
        ] {
            assert_eq!(image_name("s1", path), name);
        }
        for (path, name) in [
            ("/data/b/s/1.png", "b/s/1"),
            ("b/s/day 2/b/1.png", "b/s/day 2/b/1"),
            ("s/1.png", "b/s/1"),
        ] {
            assert_eq!(image_name("b/s", path), name);
        }
        assert_eq!(
            image_name("\u{e9}", "e\u{301}/e\u{301}1.png"),
            "\u{e9}/\u{e9}1"
        );
    }
}
