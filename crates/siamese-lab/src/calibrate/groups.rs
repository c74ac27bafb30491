//! Groups of subjects, from a column of a list.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use pairgen::{Catalog, SampleKind};
use verification_figures::{Comparison, LabelledScores};

use super::table::Table;
use crate::data::{Data, DataSource};
use crate::error::{CalibrateError, Result};

/// The group of each subject, by its number in the catalogue.
pub(super) struct Groups(Vec<String>);

/// The images of a list with the columns `path`, `subject` and that of the groups.
pub(super) fn read(source: &DataSource, column: &str) -> Result<(Data, Groups)> {
    let list = &source.path;
    if !list.is_file() {
        return Err(CalibrateError::GroupNeedsList {
            column: column.to_owned(),
            data: list.clone(),
        }
        .into());
    }
    let table = Table::read(list)?;
    let (path, subject) = (table.column("path")?, table.column("subject")?);
    let group = table.column(column)?;
    let kind = table
        .has("kind")
        .then(|| table.column("kind"))
        .transpose()?;
    let folder = list.parent().unwrap_or(Path::new(""));
    let (mut entries, mut seen) = (Vec::new(), HashSet::new());
    let mut of_subject: BTreeMap<String, String> = BTreeMap::new();
    for row in table.rows() {
        let [image, name, of] = [path, subject, group].map(|column| row.field(column));
        let image = folder.join(image);
        if !image.is_file() {
            return Err(row
                .wrong(format!("there is no file {}", image.display()))
                .into());
        }
        if !seen.insert(image.clone()) {
            return Err(row
                .wrong(format!("{} is listed twice", image.display()))
                .into());
        }
        let known = of_subject
            .entry(name.to_owned())
            .or_insert_with(|| of.to_owned());
        if known != of {
            let what = format!(
                "{name} is in {column} `{of}` here and in `{known}` before: a subject has one group"
            );
            return Err(row.wrong(what).into());
        }
        let kind = match kind.map(|column| row.field(column)) {
            None => SampleKind::Genuine,
            Some(kind) => kind
                .parse()
                .map_err(|_| row.wrong(format!("kind is `{kind}`, expected genuine or forgery")))?,
        };
        entries.push((name.to_owned(), image, kind));
    }
    let catalog = Catalog::from_kinds(folder, entries)?;
    let data = Data::of_catalog(catalog, None, source.clone())?;
    let groups = (0..data.catalog.subjects()).map(|subject| {
        let name = data.catalog.subject_name(subject);
        of_subject.get(name).cloned().unwrap_or_default()
    });
    let groups = Groups(groups.collect());
    Ok((data, groups))
}

impl Groups {
    /// The comparisons within each group, by its name.
    pub(super) fn within(&self, scores: &LabelledScores) -> Result<Vec<(String, LabelledScores)>> {
        let of = |subject: u32| self.0.get(subject as usize).map_or("", String::as_str);
        let mut groups: BTreeMap<&str, Vec<Comparison>> = BTreeMap::new();
        for comparison in scores.comparisons() {
            let [a, b] = comparison.subjects.map(of);
            if a == b {
                groups.entry(a).or_default().push(comparison);
            }
        }
        let labelled = groups.into_iter().map(|(name, comparisons)| {
            Ok((
                name.to_owned(),
                LabelledScores::new(scores.direction(), comparisons)?,
            ))
        });
        labelled.collect()
    }
}
