//! The form of LFW's lists of pairs: sets of genuine, then impostor pairs, each of names and image numbers.

use std::path::Path;

use crate::error::Error;
use crate::list::file;
use crate::pair::PairKind;
use crate::spelling::nfc;

/// A list of pairs in the form of LFW's `pairs.txt`, as written: no catalogue has been asked yet.
pub(crate) struct LfwPairs {
    /// The sets in order, each its genuine pairs and then as many impostor pairs.
    pub(crate) sets: Vec<Vec<LfwPair>>,
}

/// One line of a list: of one person for a genuine pair, of two for an impostor pair.
pub(crate) struct LfwPair {
    pub(crate) line: u64,
    pub(crate) a: LfwImage,
    pub(crate) b: LfwImage,
}

/// An image as LFW names it: the person, and which of their images.
#[derive(PartialEq, Eq)]
pub(crate) struct LfwImage {
    pub(crate) person: String,
    pub(crate) number: u32,
}

impl LfwImage {
    /// The file's name in LFW without its extension: `Ann_Lee_0003`.
    pub(crate) fn stem(&self) -> String {
        stem(&self.person, u64::from(self.number))
    }
}

/// How LFW names a person's image of this number, without the extension.
pub(crate) fn stem(person: &str, number: u64) -> String {
    format!("{person}_{number:04}")
}

/// What the first line says: how many sets, and how many pairs of each kind are in each.
struct Counts {
    sets: u32,
    per_kind: u32,
}

/// Whether a list is of this form: its first line holds one or two whole numbers and nothing else.
pub(crate) fn is_form(text: &[u8]) -> bool {
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut fields = first
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty());
    let number = |field: &[u8]| field.iter().all(u8::is_ascii_digit);
    fields.next().is_some_and(number) && fields.next().is_none_or(number) && fields.next().is_none()
}

/// The list at `path`.
pub(crate) fn read(path: &Path) -> Result<LfwPairs, Error> {
    parse(path, &file::bytes(path)?)
}

/// As [`read`], from the bytes of `path`.
pub(crate) fn parse(path: &Path, text: &[u8]) -> Result<LfwPairs, Error> {
    let text = file::utf8(path, text)?;
    let mut lines = file::text_lines(text);
    let Counts { sets, per_kind } = counts(path, &mut lines)?;
    let mut last_line = 1;
    // Nothing is reserved by the counts: they are the file's word.
    let mut found = Vec::new();
    for set in 1..=sets {
        let mut pairs = Vec::new();
        for kind in [PairKind::Genuine, PairKind::Impostor] {
            let form = match kind {
                PairKind::Genuine => "`name<TAB>image<TAB>image`",
                PairKind::Impostor => "`name<TAB>image<TAB>name<TAB>image`",
            };
            for number in 1..=per_kind {
                let expected =
                    || format!("{kind} pair {number} of {per_kind} in set {set} of {sets}, {form}");
                let Some((line, text)) = lines.next() else {
                    let found = "the end of the list; is it cut short?";
                    return Err(Error::line(path, last_line + 1, &expected(), found));
                };
                last_line = line;
                pairs.push(pair(path, line, text, kind, &expected)?);
            }
        }
        found.push(pairs);
    }
    if let Some((line, text)) = lines.next() {
        let expected = format!(
            "the end of the list, since line 1 says sets: {sets}, pairs of each kind in each: {per_kind}"
        );
        return Err(Error::line(path, line, &expected, &format!("`{text}`")));
    }
    Ok(LfwPairs { sets: found })
}

/// How many sets the list at `path` says that it has.
pub(crate) fn set_count(path: &Path) -> Result<usize, Error> {
    let bytes = file::bytes(path)?;
    let mut lines = file::text_lines(file::utf8(path, &bytes)?);
    Ok(counts(path, &mut lines)?.sets as usize)
}

fn counts<'a>(
    path: &Path,
    lines: &mut impl Iterator<Item = (u64, &'a str)>,
) -> Result<Counts, Error> {
    let expected = "LFW's first line, `sets<TAB>pairs` or `pairs`, each number at least 1";
    let Some((line, text)) = lines.next() else {
        return Err(Error::line(path, 1, expected, "an empty file"));
    };
    let number = |text| file::whole_number(text).filter(|&number| number > 0);
    let numbers: Option<Vec<u32>> = file::columns(text).into_iter().map(number).collect();
    match numbers.as_deref() {
        Some(&[per_kind]) => Ok(Counts { sets: 1, per_kind }),
        Some(&[sets, per_kind]) => Ok(Counts { sets, per_kind }),
        _ => Err(Error::line(path, line, expected, &format!("`{text}`"))),
    }
}

fn pair(
    path: &Path,
    line: u64,
    text: &str,
    kind: PairKind,
    expected: &dyn Fn() -> String,
) -> Result<LfwPair, Error> {
    let columns = file::columns(text);
    let [a, b] = match (kind, columns.as_slice()) {
        (PairKind::Genuine, &[person, i, j]) => [(person, i), (person, j)],
        (PairKind::Impostor, &[a, i, b, j]) => [(a, i), (b, j)],
        _ => {
            let found = format!("{} columns: `{text}`", columns.len());
            return Err(Error::line(path, line, &expected(), &found));
        }
    };
    let image = |(person, number): (&str, &str)| {
        if person.is_empty() {
            return Err(Error::line(path, line, &expected(), "a name left empty"));
        }
        let Some(number) = file::whole_number(number) else {
            let found = format!("`{number}`");
            return Err(Error::line(path, line, "an image number", &found));
        };
        let person = nfc(person).into_owned();
        Ok(LfwImage { person, number })
    };
    let (a, b) = (image(a)?, image(b)?);
    if a == b {
        let found = format!("image {} of `{}` twice", a.number, a.person);
        return Err(Error::line(path, line, "two different images", &found));
    }
    if kind == PairKind::Impostor && a.person == b.person {
        let expected = "two different subjects in an impostor pair";
        let found = format!("`{}` twice", a.person);
        return Err(Error::line(path, line, expected, &found));
    }
    Ok(LfwPair { line, a, b })
}
