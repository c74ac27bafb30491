//! Lists `subject,fold` and `subject,part`: their headers, and the check that each subject is listed once.

use std::collections::HashMap;
use std::path::Path;

use super::file::Line;
use crate::error::Error;

/// The header of a list that divides subjects into folds.
pub(crate) const FOLDS: &str = "subject,fold";
/// The header of a list that divides subjects once into parts.
pub(crate) const PARTS: &str = "subject,part";
/// The headers of a list that divides subjects into folds, or once into parts.
pub(crate) const EITHER: &[&str] = &[FOLDS, PARTS];

/// Refuses a list that names a subject twice.
pub(crate) fn check_once(path: &Path, lines: &[Line<2>]) -> Result<(), Error> {
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
