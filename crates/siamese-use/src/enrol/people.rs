//! The people of an enrolment.

use gallery::{Gallery, NEW_PERSON, NewPerson, Store};

use super::Enrolment;
use crate::error::Result;

/// The number of a person, who is changed if something else is given of them. Who is not there becomes one of the new people, and
/// is added together with the templates.
pub(super) fn number<S: Store>(
    gallery: &mut Gallery<S>,
    given: &NewPerson,
    new: &mut Vec<NewPerson>,
    now_ms: i64,
    found: &mut Enrolment,
) -> Result<u64> {
    let same = |other: &NewPerson| other.external_id == given.external_id;
    if let Some(place) = new.iter().position(same) {
        let changed = merged(&new[place], given);
        if changed != new[place] {
            found.changed += 1;
            new[place] = changed;
        }
        return Ok(NEW_PERSON + place as u64);
    }
    let Some(person) = gallery.store().person_by_external_id(&given.external_id)? else {
        found.people += 1;
        new.push(given.clone());
        return Ok(NEW_PERSON + new.len() as u64 - 1);
    };
    let changed = merged(&person.given, given);
    if changed != person.given {
        found.changed += 1;
        let store = gallery.store_mut();
        store.change_person(person.number, &changed, now_ms)?;
        gallery.refresh()?;
    }
    Ok(person.number)
}

/// What is given in place of what was given; what is not given stays.
fn merged(was: &NewPerson, given: &NewPerson) -> NewPerson {
    let mut metadata = was.metadata.clone();
    metadata.extend(given.metadata.clone());
    NewPerson {
        external_id: was.external_id.clone(),
        name: given.name.clone().or_else(|| was.name.clone()),
        metadata,
        expires_ms: given.expires_ms.or(was.expires_ms),
    }
}
