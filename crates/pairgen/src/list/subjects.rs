//! Lists `subject,fold` and `subject,part`, of which each subject is in one line.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use super::file::{self, Line, List};
use crate::error::Error;
use crate::spelling::nfc;

/// The header of a list that divides subjects into folds.
pub(crate) const FOLDS: &str = "subject,fold";
/// The header of a list that divides subjects once into parts.
pub(crate) const PARTS: &str = "subject,part";
/// The headers of a list that divides subjects into folds, or once into parts.
pub(crate) const EITHER: &[&str] = &[FOLDS, PARTS];

/// The list at `path`, checked and with its names in NFC.
pub(crate) fn read(path: &Path, headers: &'static [&'static str]) -> Result<List<2>, Error> {
    parse(path, &file::bytes(path)?, headers)
}

/// As [`read`], from the bytes of `path`. A subject that is named twice is refused.
pub(crate) fn parse(
    path: &Path,
    text: &[u8],
    headers: &'static [&'static str],
) -> Result<List<2>, Error> {
    let mut list = file::parse::<2>(path, text, headers)?;
    for field in list.lines.iter_mut().flat_map(|line| &mut line.fields) {
        if let Cow::Owned(spelt) = nfc(field) {
            *field = spelt;
        }
    }
    check_once(path, &list.lines)?;
    Ok(list)
}

/// Refuses a list that names a subject twice.
fn check_once(path: &Path, lines: &[Line<2>]) -> Result<(), Error> {
    let mut first_line = HashMap::with_capacity(lines.len());
    for line in lines {
        let name = &line.fields[0];
        if let Some(first) = first_line.insert(name, line.number) {
            let found = format!("`{name}` again, first listed on line {first}");
            return Err(line.error(path, "each subject once, in one part only", &found));
        }
    }
    Ok(())
}
