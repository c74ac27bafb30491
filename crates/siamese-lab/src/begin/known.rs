//! Whom a model knows.

use std::collections::BTreeSet;

use pairgen::{Catalog, Protocol};
use siamese_net::Origin;

use crate::data::{Checksums, Data};
use crate::error::{DataError, Error, Within};
use crate::experiment::{known_by, people_sha256};

/// The people of these images whom a model was trained on or watched by. `None` if it was trained on other images, or
/// if it can no longer be told how these were divided.
///
/// One-shot runs are images of the set as well. Those that judged the model need not be among these images, if they are where
/// its protocol says.
///
/// # Errors
/// Where the images cannot be read as the model read them.
pub fn trained_people(
    origin: &Origin,
    data: &Data,
    sums: &mut Checksums<'_>,
) -> Result<Option<BTreeSet<u32>>, Error> {
    let found = match sums.of_origin(origin) {
        // It saw images of one size.
        Err(Error::Data(DataError::SeveralSizes { .. })) => None,
        found => Some(found.within(|| {
            "cannot read these images as the model read its own, to tell whether it was trained on them"
                .to_owned()
        })?),
    };
    Ok(match found {
        Some(found) if found == origin.data_sha256 => known_to(origin, &data.catalog),
        _ => known_beside_runs(origin, data, sums),
    })
}

/// The people whom a model knows that was trained on just this catalogue.
fn known_to(origin: &Origin, catalog: &Catalog) -> Option<BTreeSet<u32>> {
    let protocol: Protocol = origin.protocol.parse().ok()?;
    if protocol.trains_on_everybody() {
        return Some(catalog.all_subjects().into_iter().collect());
    }
    // The same images under other people's names need not fit the protocol.
    let known = known_by(&protocol.fold(catalog, origin.seed, origin.fold).ok()??);
    // The list of people may have changed since.
    let sha256 = origin.people_sha256.as_ref();
    sha256
        .is_none_or(|sha256| *sha256 == people_sha256(&known))
        .then_some(known)
}

/// The people of these images whom a model knows that was trained on them with other one-shot runs beside them, or with none.
/// `None` also where the runs are gone or changed, whatever is wrong with them.
fn known_beside_runs(
    origin: &Origin,
    data: &Data,
    sums: &mut Checksums<'_>,
) -> Option<BTreeSet<u32>> {
    let mut source = data.source.clone();
    source.runs = None;
    let source = source.with_runs_of(&origin.protocol).ok()?;
    if source.runs == data.source.runs {
        return None;
    }
    let own = Data::find(source).ok()?.within(data.memory);
    if sums.of_origin_on(&own, origin).ok()? != origin.data_sha256 {
        return None;
    }
    let known = known_to(origin, &own.catalog)?.into_iter();
    let name = |subject| own.catalog.subject_name(subject);
    let here = known.filter_map(|subject| data.catalog.subject_by_name(name(subject)));
    Some(here.collect())
}
