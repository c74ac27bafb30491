//! Comparisons from a CSV list.

use std::collections::BTreeMap;
use std::path::Path;

use verification_figures::{Comparison, Direction, LabelledScores};

use super::table::{Row, Table};
use crate::error::Result;

/// The comparisons of a list, and those of each group, by its name.
///
/// The list has a column `distance`, and either the columns `subject_a` and `subject_b`, or as `siamese eval --scores` writes
/// it `a`, `b` and `kind`: then the folder of an image is its subject.
pub(super) fn read(
    path: &Path,
    group: Option<&str>,
) -> Result<(LabelledScores, Vec<(String, LabelledScores)>)> {
    let table = Table::read(path)?;
    let distance = table.column("distance")?;
    let by_image = !table.has("subject_a") && table.has("a");
    let [a, b] = match by_image {
        true => [table.column("a")?, table.column("b")?],
        false => [table.column("subject_a")?, table.column("subject_b")?],
    };
    let kind = by_image.then(|| table.column("kind")).transpose()?;
    let group = group.map(|group| table.column(group)).transpose()?;
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut all = Vec::new();
    let mut groups: BTreeMap<&str, Vec<Comparison>> = BTreeMap::new();
    for row in table.rows() {
        let names = [a, b].map(|column| match by_image {
            true => folder_of(row.field(column)),
            false => row.field(column),
        });
        if names.contains(&"") {
            return Err(row
                .wrong("it does not say who is compared".to_owned())
                .into());
        }
        if let Some(kind) = kind {
            check_kind(row, row.field(kind), names)?;
        }
        let subjects = names.map(|name| {
            let next = numbers.len() as u32;
            *numbers.entry(name.to_owned()).or_insert(next)
        });
        let text = row.field(distance);
        let score: f32 = match text.parse() {
            Ok(score) if f32::is_finite(score) => score,
            _ => return Err(row.wrong(format!("`{text}` is no distance")).into()),
        };
        let comparison = Comparison { subjects, score };
        if let Some(group) = group {
            groups.entry(row.field(group)).or_default().push(comparison);
        }
        all.push(comparison);
    }
    let labelled = |comparisons| LabelledScores::new(Direction::Distance, comparisons);
    let groups = groups
        .into_iter()
        .map(|(name, comparisons)| Ok((name.to_owned(), labelled(comparisons)?)))
        .collect::<Result<_>>()?;
    Ok((labelled(all)?, groups))
}

/// The folder that an image lies in, which is its subject.
fn folder_of(image: &str) -> &str {
    let end = image.rfind(['/', '\\']).unwrap_or(0);
    &image[..end]
}

fn check_kind(row: Row<'_>, kind: &str, [a, b]: [&str; 2]) -> Result<()> {
    match (kind, a == b) {
        ("genuine", true) | ("impostor", false) => Ok(()),
        ("genuine" | "impostor", _) => {
            let what = format!(
                "{kind}, but the folders {a} and {b} say otherwise: the folder of an image is taken for its subject, so \
                 name the subjects in columns subject_a and subject_b"
            );
            Err(row.wrong(what).into())
        }
        _ => Err(row
            .wrong(format!("kind is `{kind}`, expected genuine or impostor"))
            .into()),
    }
}
