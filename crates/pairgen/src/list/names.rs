//! Plain lists of subjects' names, LFW's among them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use super::file;
use crate::error::Error;
use crate::spelling::nfc;

/// One line's number and the columns between its tabs.
type Columns<'a> = (u64, Vec<&'a str>);

/// The names in `text`, the content of `path`, in NFC.
///
/// Either each line is a name, or each is `name<TAB>count` as LFW writes them: then lines of one number
/// say how many names follow, one for the whole list (`peopleDevTrain.txt`), or the number of sets first
/// and one for each of them (`people.txt`), or none (`lfw-names.txt`).
pub(crate) fn parse<'a>(path: &Path, text: &'a str) -> Result<Vec<Cow<'a, str>>, Error> {
    let lines: Vec<Columns> = file::text_lines(text)
        .map(|(number, line)| (number, line.split('\t').map(str::trim).collect()))
        .collect();
    let names: Vec<(u64, &str)> = if lines.iter().all(|(_, columns)| columns.len() == 1) {
        let name = |(number, columns): &Columns<'a>| (*number, columns[0]);
        lines.iter().map(name).collect()
    } else {
        counted(path, &lines)?
    };
    let names: Vec<(u64, Cow<'_, str>)> = names
        .into_iter()
        .map(|(line, name)| (line, nfc(name)))
        .collect();
    let mut first_line = HashMap::with_capacity(names.len());
    for (line, name) in &names {
        if name.is_empty() || is_image_path(name) {
            let expected = "a subject's name (list images as CSV with the header `path,subject`)";
            return Err(Error::line(path, *line, expected, &format!("`{name}`")));
        }
        if let Some(first) = first_line.insert(name, line) {
            let found = format!("`{name}` again, first listed on line {first}");
            return Err(Error::line(path, *line, "each subject once", &found));
        }
    }
    Ok(names.into_iter().map(|(_, name)| name).collect())
}

/// Whether this is the path of a file rather than the name of a subject, which is a path of folders in nested sets.
fn is_image_path(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.len() < name.len() && Path::new(file).extension().is_some()
}

/// The names of lines `name<TAB>count`, with the numbers of lines between them checked.
fn counted<'a>(path: &Path, lines: &[Columns<'a>]) -> Result<Vec<(u64, &'a str)>, Error> {
    let count = |place: usize| match lines.get(place)?.1.as_slice() {
        &[number] => file::whole_number(number),
        _ => None,
    };
    let name = |(line, columns): &Columns<'a>| match columns.as_slice() {
        &[name, images] if file::whole_number(images).is_some() => Ok((*line, name)),
        other => {
            let found = format!("`{}`", other.join("\t"));
            Err(Error::line(
                path,
                *line,
                "`name<TAB>number of images`",
                &found,
            ))
        }
    };
    let (sets, mut place) = match (count(0), count(1)) {
        (None, _) => return lines.iter().map(name).collect(),
        (Some(_), None) => (1, 0),
        (Some(sets), Some(_)) => (sets, 1),
    };
    let after_last = lines.last().map_or(1, |(line, _)| line + 1);
    let line_at = |place: usize| lines.get(place).map_or(after_last, |(line, _)| *line);
    let shown = |place: usize| {
        lines.get(place).map_or_else(
            || "the end of the list; is it cut short?".to_owned(),
            |(_, columns)| format!("`{}`", columns.join("\t")),
        )
    };
    let mut names = Vec::new();
    for set in 1..=sets {
        let Some(subjects) = count(place) else {
            let expected = format!("the number of subjects in set {set} of {sets}");
            return Err(Error::line(path, line_at(place), &expected, &shown(place)));
        };
        for subject in 1..=subjects {
            place += 1;
            let Some(columns) = lines.get(place) else {
                let expected = format!("subject {subject} of {subjects} in set {set} of {sets}");
                return Err(Error::line(path, after_last, &expected, &shown(place)));
            };
            names.push(name(columns)?);
        }
        place += 1;
    }
    if place < lines.len() {
        let expected = "the end of the list, by the numbers of subjects in it";
        return Err(Error::line(path, line_at(place), expected, &shown(place)));
    }
    Ok(names)
}
