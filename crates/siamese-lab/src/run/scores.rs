//! Lists of pairs, with their distances.

use std::borrow::Cow;
use std::path::Path;

use pairgen::{Catalog, PairKind, PairSet};

use crate::error::{Error, FileError, RunError};

/// Pairs with their kinds, and distances where there are any, as CSV with paths as the catalogue has them.
///
/// # Errors
/// Where it cannot be built.
pub fn list_pairs(
    catalog: &Catalog,
    pairs: &PairSet,
    distances: Option<&[f32]>,
) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["a", "b", "kind"];
    header.extend(distances.map(|_| "distance"));
    let failed = |error: csv::Error| Error::build("list", error);
    writer.write_record(&header).map_err(failed)?;
    for (i, pair) in pairs.iter().enumerate() {
        let kind = match pair.kind {
            PairKind::Genuine => "genuine",
            PairKind::Impostor => "impostor",
        };
        let name = |sample| catalog.relative_path(sample).to_string_lossy();
        let mut record = vec![name(pair.a), name(pair.b), kind.into()];
        record.extend(distances.map(|distances| distances[i].to_string().into()));
        let fields = record.iter().map(|field: &Cow<'_, str>| field.as_bytes());
        writer.write_record(fields).map_err(failed)?;
    }
    let bytes = writer.into_inner();
    bytes.map_err(|error| Error::build("list", error.into_error()))
}

/// The distances in a list that [`list_pairs`] made of these pairs.
///
/// # Errors
/// Where it cannot be read, or lists other pairs.
pub fn read_distances(path: &Path, catalog: &Catalog, pairs: &PairSet) -> Result<Vec<f32>, Error> {
    let unreadable = |source| FileError::ReadList {
        path: path.to_owned(),
        source,
    };
    let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
    let mut rows = reader.records();
    let mut distances = Vec::with_capacity(pairs.len());
    for (i, pair) in pairs.iter().enumerate() {
        let [a, b] = [pair.a, pair.b].map(|image| catalog.relative_path(image).to_string_lossy());
        let Some(row) = rows.next() else {
            return Err(RunError::ScoresEnd {
                path: path.to_owned(),
                found: i,
                expected: pairs.len(),
            }
            .into());
        };
        let row = row.map_err(unreadable)?;
        let distance = row.get(3).and_then(|distance| distance.parse().ok());
        match distance {
            Some(distance) if row.get(0) == Some(&a) && row.get(1) == Some(&b) => {
                distances.push(distance);
            }
            _ => {
                return Err(RunError::ScoresLine {
                    path: path.to_owned(),
                    line: i + 2,
                    a: a.into_owned(),
                    b: b.into_owned(),
                    found: row.iter().collect::<Vec<_>>().join(","),
                }
                .into());
            }
        }
    }
    if rows.next().is_some() {
        return Err(RunError::ScoresGoOn {
            path: path.to_owned(),
            expected: pairs.len(),
        }
        .into());
    }
    Ok(distances)
}
