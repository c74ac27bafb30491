//! Whom a model knows.

use std::collections::BTreeSet;

use pairgen::Protocol;
use siamese_net::Origin;

use crate::data::{Checksums, Data};
use crate::error::{DataError, Error, Within};
use crate::experiment::{known_by, people_sha256};

/// The people of these images whom a model was trained on or watched by. `None` if it was trained on other images, or
/// if it can no longer be told how these were divided.
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
        Err(Error::Data(DataError::SeveralSizes { .. })) => return Ok(None),
        found => found.within(|| {
            "cannot read these images as the model read its own, to tell whether it was trained on them"
                .to_owned()
        })?,
    };
    if found != origin.data_sha256 {
        return Ok(None);
    }
    let Ok(protocol) = origin.protocol.parse::<Protocol>() else {
        return Ok(None);
    };
    if protocol.trains_on_everybody() {
        return Ok(Some(data.catalog.all_subjects().into_iter().collect()));
    }
    // The same images under other people's names need not fit the protocol.
    let Ok(fold) = protocol.fold(&data.catalog, origin.seed, origin.fold) else {
        return Ok(None);
    };
    let known = fold.as_ref().map(known_by);
    // The list of people may have changed since.
    Ok(known.filter(|known| match &origin.people_sha256 {
        Some(sha256) => *sha256 == people_sha256(known),
        None => true,
    }))
}
