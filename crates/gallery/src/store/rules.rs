//! What a gallery accepts, wherever it is kept.

use std::path::Path;

use uuid::{NoContext, Timestamp, Uuid};
use verification_figures::Calibration;

use super::Finding;
use crate::error::Error;
use crate::index::{VectorIndex, searchable};
use crate::records::{
    DigestKey, Generation, NewGeneration, NewPerson, NewTemplate, Person, Template, number_of_added,
};

/// A key for the gallery that is made at `path`.
pub(super) fn new_key(path: &Path) -> Result<DigestKey, Error> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| Error::Io {
        action: "draw a key for",
        path: path.to_owned(),
        source: error.into(),
    })?;
    Ok(DigestKey(key))
}

/// A UUID of version 7 of this time.
pub(super) fn new_uuid(now_ms: i64) -> Uuid {
    let now = u64::try_from(now_ms).unwrap_or(0);
    let nanoseconds = (now % 1000 * 1_000_000) as u32;
    Uuid::new_v7(Timestamp::from_unix(NoContext, now / 1000, nanoseconds))
}

pub(super) fn check_person(new: &NewPerson) -> Result<(), Error> {
    if new.external_id.is_empty() {
        return Err(Error::Argument {
            argument: "the external id of a person",
            expected: "a name",
            found: "empty".to_owned(),
        });
    }
    Ok(())
}

/// Refuses what cannot be a template of a generation.
pub(super) fn check_template(new: &NewTemplate, made_for: &NewGeneration) -> Result<(), Error> {
    if new.vector.len() != made_for.dimension {
        return Err(Error::Dimension {
            expected: made_for.dimension,
            found: new.vector.len(),
        });
    }
    made_for.metric.prepared(&new.vector)?;
    if let Some((name, value)) = new.quality.iter().find(|(_, value)| !value.is_finite()) {
        return Err(Error::Argument {
            argument: "a figure of quality",
            expected: "a finite number",
            found: format!("{value} for {name:?}"),
        });
    }
    Ok(())
}

/// The templates of people who have just been added, by their numbers.
pub(super) fn of_people(templates: &[NewTemplate], added: &[Person]) -> Vec<NewTemplate> {
    let templates = templates.iter().map(|template| NewTemplate {
        person: number_of_added(template.person, added),
        ..template.clone()
    });
    templates.collect()
}

/// Refuses dimensions and fusions that cannot be searched.
pub(super) fn check_generation(new: &NewGeneration) -> Result<(), Error> {
    VectorIndex::new(new.dimension, new.metric)?;
    searchable(new.fusion)?;
    Ok(())
}

/// A calibration that can be this generation's.
pub(super) fn checked_calibration(
    calibration: &Calibration,
    of: &Generation,
) -> Result<Calibration, Error> {
    let (metric, fusion) = (of.made_for.metric, of.made_for.fusion);
    if (calibration.direction, calibration.fusion) != (metric.direction(), fusion) {
        return Err(Error::OtherCalibration {
            expected: format!("{metric:?}, {fusion:?}"),
            found: format!("{:?}, {:?}", calibration.direction, calibration.fusion),
        });
    }
    Ok(calibration.clone().checked()?)
}

/// What is wrong with a vector that was read.
pub(super) fn wrong_vector(template: &Template, made_for: &NewGeneration) -> Option<Finding> {
    let vector = &template.given.vector;
    let what = if vector.len() == made_for.dimension {
        made_for.metric.prepared(vector).err()?.to_string()
    } else {
        format!("{} values, expected {}", vector.len(), made_for.dimension)
    };
    Some(Finding {
        place: format!("template {}, vector", template.id),
        what,
    })
}
