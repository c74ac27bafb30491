//! Whom a model knows.

use std::collections::BTreeSet;

use pairgen::Protocol;
use siamese_net::Origin;

use crate::data::{Checksums, Data};
use crate::error::{DataError, Error, Within};
use crate::experiment::{known_by, people_sha256};

/// The people of these images that a model was trained on or watched by; `None` where it was trained on other images, or
/// how they were divided cannot be told any more.
///
/// # Errors
/// Where the images cannot be read as the model read them.
pub fn trained_people(
    origin: &Origin,
    data: &Data,
    sums: &mut Checksums<'_>,
) -> Result<Option<BTreeSet<u32>>, Error> {
    let found = match sums.of(origin.channels, origin.resize) {
        // It saw images of one size.
        Err(Error::Data(DataError::SeveralSizes { .. })) => return Ok(None),
        found => found.within(|| {
            "cannot tell whether the model was trained on these images, read as it read them"
                .to_owned()
        })?,
    };
    if found != origin.data_sha256 {
        return Ok(None);
    }
    let Ok(protocol) = origin.protocol.parse::<Protocol>() else {
        return Ok(None);
    };
    if protocol.leaks_people() {
        return Ok(Some(data.catalog.all_subjects().into_iter().collect()));
    }
    // The same images called by other people's names need not fit the protocol.
    let Ok(folds) = protocol.folds(&data.catalog, origin.seed) else {
        return Ok(None);
    };
    let known = folds.get(origin.fold).map(known_by);
    // A list of people may say something else now.
    Ok(known.filter(|known| match &origin.people_sha256 {
        Some(sha256) => *sha256 == people_sha256(known),
        None => true,
    }))
}
