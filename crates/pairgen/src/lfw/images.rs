//! Which image of a catalogue a person's name and an image number mean.

use std::collections::HashMap;
use std::path::Path;

use super::pairs::{self, LfwImage, LfwPair};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::spelling::nfc;

/// The images of a catalogue by subject and number.
///
/// Image 3 of `Ann_Lee` is the one whose file is called `Ann_Lee_0003`, as in LFW; only where there is
/// none, the one whose file name ends in that number (`3.pgm`, `img-03.png`). Extensions are ignored.
pub(crate) struct LfwImages<'a> {
    catalog: &'a Catalog,
    /// Filled for the subjects that were asked for.
    of_subject: HashMap<u32, HashMap<u64, Numbered>>,
}

/// The samples of one subject that a number may mean.
#[derive(Default)]
struct Numbered {
    named: Vec<u32>,
    ending: Vec<u32>,
}

impl<'a> LfwImages<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            of_subject: HashMap::new(),
        }
    }

    /// The samples that this number may mean: one, where the files are named as they should be.
    pub(crate) fn candidates(&mut self, subject: u32, number: u32) -> &[u32] {
        let catalog = self.catalog;
        let numbers = self
            .of_subject
            .entry(subject)
            .or_insert_with(|| numbered(catalog, subject));
        match numbers.get(&u64::from(number)) {
            None => &[],
            Some(found) if found.named.is_empty() => &found.ending,
            Some(found) => &found.named,
        }
    }

    /// The two samples of a pair of the list at `list`.
    pub(crate) fn pair(&mut self, list: &Path, pair: &LfwPair) -> Result<(u32, u32), Error> {
        let a = self.sample(list, pair.line, &pair.a)?;
        let b = self.sample(list, pair.line, &pair.b)?;
        Ok((a, b))
    }

    fn sample(&mut self, list: &Path, line: u64, image: &LfwImage) -> Result<u32, Error> {
        let LfwImage { person, number } = image;
        let catalog = self.catalog;
        let Some(subject) = catalog.subject_by_name(person) else {
            let found = catalog.not_found(person);
            return Err(Error::line(
                list,
                line,
                "a subject of the catalogue",
                &found,
            ));
        };
        let found = match self.candidates(subject, *number) {
            &[sample] => return Ok(sample),
            [] => {
                let images = catalog.samples_of(subject).len();
                format!("none among the images of `{person}`: {images}")
            }
            several => {
                let name = |&sample: &u32| format!("`{}`", catalog.relative_path(sample).display());
                several.iter().map(name).collect::<Vec<_>>().join(" and ")
            }
        };
        let expected = format!(
            "one image `{person}/{}` of any extension, or one whose name ends in {number}",
            image.stem()
        );
        Err(Error::line(list, line, &expected, &found))
    }
}

fn numbered(catalog: &Catalog, subject: u32) -> HashMap<u64, Numbered> {
    let person = catalog.subject_name(subject);
    let mut numbers: HashMap<u64, Numbered> = HashMap::new();
    for sample in catalog.samples_of(subject) {
        let stem = catalog.path(sample).file_stem();
        let Some(stem) = stem.and_then(|stem| stem.to_str()) else {
            continue; // A name that is not UTF-8 ends in no number that a list could spell.
        };
        let stem = nfc(stem);
        let rest = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let Ok(number) = stem[rest.len()..].parse() else {
            continue;
        };
        let found = numbers.entry(number).or_default();
        // A subject of a nested set has a path for a name.
        if stem == pairs::stem(person.rsplit('/').next().unwrap_or(person), number) {
            found.named.push(sample);
        } else {
            found.ending.push(sample);
        }
    }
    numbers
}
