//! Lists that say which subject is in which part, or in which fold.

use std::collections::HashMap;
use std::path::Path;

use super::fold::Fold;
use super::folds::Folds;
use super::subjects::SubjectSplit;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::list::file::Line;
use crate::list::subjects::{self, EITHER, PARTS};
use crate::natural;

impl SubjectSplit {
    /// Reads a CSV list with the header `subject,part`, part being `train`, `validation` or `test`.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::ListHeader`], [`Error::ListSyntax`]; [`Error::ListLine`] for an
    /// unknown subject or part and for a subject listed twice; [`Error::EmptyPart`].
    pub fn from_csv(catalog: &Catalog, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let list = subjects::read(path, &[PARTS])?;
        split(catalog, path, &list.lines)
    }
}

/// The folds that the list at `path` makes: one for a list of parts, at least two for a list of folds.
pub(super) fn folds<'a>(catalog: &'a Catalog, path: &Path) -> Result<Folds<'a>, Error> {
    let list = subjects::read(path, EITHER)?;
    if list.header == PARTS {
        let split = split(catalog, path, &list.lines)?;
        return Ok(Folds::of_splits(catalog, vec![split]));
    }
    let listed = numbers(catalog, path, &list.lines)?;
    let labels = labels(path, &list.lines)?;
    let number_of: HashMap<&str, usize> = labels.iter().copied().zip(0..).collect();
    let label_of = |line: &Line<2>| number_of[line.fields[1].as_str()];
    let fold_of: Vec<usize> = list.lines.iter().map(label_of).collect();
    let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
    Ok(Folds::new(labels.len(), move |fold| {
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for (&subject, &tests_in) in listed.iter().zip(&fold_of) {
            if tests_in == fold {
                test.push(subject);
            } else {
                train.push(subject);
            }
        }
        let split = SubjectSplit::from_subjects(catalog, train, Vec::new(), test)?;
        Ok(Fold::new(catalog, split).with_label(labels[fold].clone()))
    }))
}

/// How many folds the list at `path` makes; no catalogue is needed.
pub(crate) fn fold_count(path: &Path) -> Result<usize, Error> {
    let list = subjects::read(path, EITHER)?;
    if list.header == PARTS {
        return Ok(1);
    }
    Ok(labels(path, &list.lines)?.len())
}

/// The different labels of a list of folds, in natural order.
fn labels<'a>(path: &Path, lines: &'a [Line<2>]) -> Result<Vec<&'a str>, Error> {
    let mut labels: Vec<&str> = lines.iter().map(|line| line.fields[1].as_str()).collect();
    labels.sort_unstable_by(|a, b| natural::compare(a, b));
    labels.dedup();
    if labels.len() < 2 {
        return Err(Error::TooFewFolds {
            path: path.to_owned(),
            found: labels.len(),
            instead: "put some of the subjects into another fold, or use a list `subject,part`",
        });
    }
    Ok(labels)
}

fn split(catalog: &Catalog, path: &Path, lines: &[Line<2>]) -> Result<SubjectSplit, Error> {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for (line, subject) in lines.iter().zip(numbers(catalog, path, lines)?) {
        let part = match line.fields[1].as_str() {
            "train" => 0,
            "validation" => 1,
            "test" => 2,
            other => {
                let expected = "`train`, `validation` or `test`";
                return Err(line.error(path, expected, &format!("`{other}`")));
            }
        };
        parts[part].push(subject);
    }
    let [train, validation, test] = parts;
    SubjectSplit::from_subjects(catalog, train, validation, test)
}

/// The number of each line's subject.
fn numbers(catalog: &Catalog, path: &Path, lines: &[Line<2>]) -> Result<Vec<u32>, Error> {
    let number = |line: &Line<2>| {
        let name = &line.fields[0];
        catalog
            .subject_by_name(name)
            .ok_or_else(|| line.error(path, "a subject of the catalogue", &catalog.not_found(name)))
    };
    lines.iter().map(number).collect()
}
