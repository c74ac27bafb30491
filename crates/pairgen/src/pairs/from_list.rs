//! Pairs from a list file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::set::PairSet;
use crate::catalog::{Catalog, SampleKind};
use crate::error::Error;
use crate::lfw::{self, LfwImages};
use crate::list::file;
use crate::pair::PairKind;
use crate::spelling::nfc_path;

impl PairSet {
    /// Reads a list of pairs in either form: CSV as [`from_csv`](Self::from_csv), or as LFW's `pairs.txt`,
    /// `pairsDevTrain.txt` and `pairsDevTest.txt`. The content tells which, not the file's name: LFW's form
    /// begins with a line of one or two numbers.
    ///
    /// LFW's form is described at [`Protocol`](crate::Protocol), which makes folds of it; here the pairs of
    /// all its sets are one set of pairs in the list's order, and sets may share subjects.
    ///
    /// # Errors
    /// As [`from_csv`](Self::from_csv); for LFW's form [`Error::Io`] and [`Error::ListLine`].
    pub fn from_list(catalog: &Catalog, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = file::bytes(path)?;
        if !lfw::is_form(&text) {
            return Self::parse_csv(catalog, path, &text);
        }
        let mut images = LfwImages::new(catalog);
        let sets = lfw::parse(path, &text)?.sets;
        let pairs = sets.iter().flatten().map(|pair| images.pair(path, pair));
        Self::from_samples(catalog, pairs.collect::<Result<Vec<_>, _>>()?)
    }

    /// Reads a CSV list with the header `a,b,kind`: two images of `catalog` and `genuine` or `impostor`.
    ///
    /// Images are named as [`Catalog::relative_path`] names them (`s1/1.pgm`), so that a list serves
    /// on other machines, or by their full path as in the catalogue. Pairs keep their order and may
    /// repeat.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::ListHeader`], [`Error::ListSyntax`], and [`Error::ListLine`] for an
    /// image that the catalogue does not have, a pair of an image with itself, and a kind that
    /// contradicts the catalogue.
    pub fn from_csv(catalog: &Catalog, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::parse_csv(catalog, path, &file::bytes(path)?)
    }

    fn parse_csv(catalog: &Catalog, list: &Path, text: &[u8]) -> Result<Self, Error> {
        let samples = ByPath::new(catalog);
        let mut pairs = Vec::new();
        for line in file::parse::<3>(list, text, &["a,b,kind"])?.lines {
            let sample = |text: &str| {
                samples.find(Path::new(text)).ok_or_else(|| {
                    let example = catalog.relative_path(0).display();
                    let expected = format!("an image of the catalogue, such as `{example}`");
                    line.error(list, &expected, &format!("`{text}`"))
                })
            };
            let (a, b) = (sample(&line.fields[0])?, sample(&line.fields[1])?);
            if a == b {
                let found = format!("`{}` twice", line.fields[0]);
                return Err(line.error(list, "two different images", &found));
            }
            let kind: PairKind = line.fields[2].parse().map_err(|_| {
                let found = format!("`{}`", line.fields[2]);
                line.error(list, "`genuine` or `impostor`", &found)
            })?;
            if kind != catalog.pair_kind(a, b) {
                let [a, b] = [a, b].map(|sample| {
                    let name = catalog.subject_name(catalog.subject_of(sample));
                    match catalog.kind_of(sample) {
                        SampleKind::Genuine => format!("`{name}`"),
                        SampleKind::Forgery => format!("`{name}` (a forgery)"),
                    }
                });
                let expected = "a kind that agrees with the catalogue";
                let found = format!("`{kind}` for images of {a} and {b}");
                return Err(line.error(list, expected, &found));
            }
            pairs.push((a, b));
        }
        Self::from_samples(catalog, pairs)
    }
}

/// The images of a catalogue by their paths, whole or below its root.
struct ByPath<'a> {
    as_on_disk: HashMap<&'a Path, u32>,
    /// In NFC, where that is another spelling than the disk's.
    spelt: HashMap<PathBuf, u32>,
}

impl<'a> ByPath<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        let mut found = Self {
            as_on_disk: HashMap::with_capacity(2 * catalog.len()),
            spelt: HashMap::new(),
        };
        // A path below the root wins over an equal full path: it is what the list is documented to hold.
        for path_of in [Catalog::path, Catalog::relative_path] {
            for sample in 0..catalog.len() as u32 {
                let path = path_of(catalog, sample);
                found.as_on_disk.insert(path, sample);
                if let Cow::Owned(spelt) = nfc_path(path) {
                    found.spelt.insert(spelt, sample);
                }
            }
        }
        found
    }

    /// The image at `path`, in whatever Unicode form it is written; the disk's own comes first.
    fn find(&self, path: &Path) -> Option<u32> {
        let found = self.as_on_disk.get(path).or_else(|| {
            let path = nfc_path(path);
            let in_nfc = self.as_on_disk.get(&*path);
            in_nfc.or_else(|| self.spelt.get(&*path))
        });
        found.copied()
    }
}
