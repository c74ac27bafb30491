//! Every form of list that names subjects: told apart by content, read without a catalogue.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::builder::ListingBuilder;
use super::contents::{Listing, ListingForm};
use super::image::{Source, image_name, path_parts};
use crate::catalog::{IMAGE_COLUMNS, IMAGE_LISTS};
use crate::error::Error;
use crate::lfw;
use crate::list::file::{self, Line};
use crate::list::{names, subjects};
use crate::pair::PairKind;
use crate::spelling::nfc;

const PAIRS: &str = "a,b,kind";
const HEADERS: &[&str] = &[
    IMAGE_LISTS[0],
    IMAGE_LISTS[1],
    IMAGE_LISTS[2],
    IMAGE_LISTS[3],
    PAIRS,
    subjects::EITHER[0],
    subjects::EITHER[1],
];

/// The list at `path`.
pub(crate) fn read(path: &Path) -> Result<Listing, Error> {
    let text = file::bytes(path)?;
    let mut builder = ListingBuilder::default();
    let form = form(path, &text)?;
    match form {
        ListingForm::Images => {
            let lines = file::parse::<IMAGE_COLUMNS>(path, &text, IMAGE_LISTS)?.lines;
            images(path, &lines, &mut builder)?;
        }
        ListingForm::Pairs => {
            let lines = file::parse::<3>(path, &text, &[PAIRS])?.lines;
            pairs(path, &lines, &mut builder)?;
        }
        ListingForm::Subjects => {
            for line in subjects::parse(path, &text, subjects::EITHER)?.lines {
                builder.subject(&line.fields[0]);
            }
        }
        ListingForm::LfwPairs => {
            for pair in lfw::parse(path, &text)?.sets.iter().flatten() {
                let [a, b] = [&pair.a, &pair.b].map(|image| {
                    let name = format!("{}/{}", image.person, image.stem());
                    builder.image(&image.person, name, Source::Number(image.number))
                });
                builder.pair(a, b);
            }
        }
        // No file is a catalogue.
        ListingForm::Names | ListingForm::Catalog => {
            for name in names::parse(path, file::utf8(path, &text)?)? {
                builder.subject(&name);
            }
        }
    }
    if builder.is_empty() {
        return Err(Error::NoSubjects {
            root: path.to_owned(),
            found: "it names no subject".to_owned(),
            fix: "give a list with a line for at least one subject".to_owned(),
        });
    }
    Ok(builder.finish(path, form))
}

/// Tells the form by the first lines.
fn form(path: &Path, text: &[u8]) -> Result<ListingForm, Error> {
    let utf8 = file::utf8(path, text)?;
    let mut lines = file::text_lines(utf8).map(|(_, line)| line);
    let first = lines.next().unwrap_or_default();
    // A list with semicolons is refused for its header rather than taken for names.
    if first.contains([',', ';']) {
        return Ok(match file::header(path, text, HEADERS)? {
            PAIRS => ListingForm::Pairs,
            images if IMAGE_LISTS.contains(&images) => ListingForm::Images,
            _ => ListingForm::Subjects,
        });
    }
    // LFW's lists of people begin with numbers too, and a subject may have a number for a name.
    let second = lines.next().map(file::columns);
    if lfw::is_form(text) && second.is_none_or(|columns| columns.len() > 2) {
        return Ok(ListingForm::LfwPairs);
    }
    Ok(ListingForm::Names)
}

fn images(
    path: &Path,
    lines: &[Line<IMAGE_COLUMNS>],
    builder: &mut ListingBuilder,
) -> Result<(), Error> {
    let mut first_line = HashMap::with_capacity(lines.len());
    for line in lines {
        let [image, subject, ..] = &line.fields;
        let subject = &nfc(subject);
        if let Some(first) = first_line.insert(nfc(image), line.number) {
            let found = format!("`{image}` again, first listed on line {first}");
            return Err(line.error(path, "each image once", &found));
        }
        let source = Source::Path(PathBuf::from(image));
        builder.image(subject, image_name(subject, image), source);
    }
    Ok(())
}

/// Which folder of an image's path is its subject.
#[derive(Clone, Copy)]
enum SubjectFolder {
    /// The one that holds the image.
    Last,
    /// The first of the path.
    First,
}

impl SubjectFolder {
    fn subject(self, image: &str) -> Option<&str> {
        let parts = path_parts(image);
        let (_file, folders) = parts.split_last()?;
        match self {
            Self::Last => folders.last().copied(),
            Self::First => folders.first().copied(),
        }
    }
}

fn pairs(path: &Path, lines: &[Line<3>], builder: &mut ListingBuilder) -> Result<(), Error> {
    // The kinds decide which folder is the subject: both would do for `s1/1.pgm`, and neither may be right.
    let subjects_of = subjects_of(path, lines, SubjectFolder::Last)
        .or_else(|error| subjects_of(path, lines, SubjectFolder::First).map_err(|_| error))?;
    for (line, subjects) in lines.iter().zip(subjects_of) {
        let [a, b] = [0, 1].map(|i| {
            let image = &line.fields[i];
            let name = image_name(subjects[i], image);
            builder.image(subjects[i], name, Source::Path(PathBuf::from(image)))
        });
        builder.pair(a, b);
    }
    Ok(())
}

/// The two subjects of each pair, if every kind agrees that this folder is the subject.
fn subjects_of<'a>(
    path: &Path,
    lines: &'a [Line<3>],
    folder: SubjectFolder,
) -> Result<Vec<[&'a str; 2]>, Error> {
    let both = |line: &'a Line<3>| {
        let [a, b, kind] = &line.fields;
        let kind: PairKind = kind
            .parse()
            .map_err(|_| line.error(path, "`genuine` or `impostor`", &format!("`{kind}`")))?;
        if a == b {
            return Err(line.error(path, "two different images", &format!("`{a}` twice")));
        }
        let subject = |image: &'a str| {
            folder.subject(image).ok_or_else(|| {
                let expected = "an image in its subject's folder, such as `name/1.jpg`";
                line.error(path, expected, &format!("`{image}`"))
            })
        };
        let subjects = [subject(a)?, subject(b)?];
        if kind.is_genuine() != (subjects[0] == subjects[1]) {
            let expected = "paths with a folder for each subject that agrees with every kind \
                            (or give the list `path,subject` of the images in these pairs)";
            return Err(line.error(path, expected, &format!("`{kind}` for `{a}` and `{b}`")));
        }
        Ok(subjects)
    };
    lines.iter().map(both).collect()
}
