//! Enrolling pictures that were read and embedded elsewhere.

use gallery::{Enrolled, Gallery, NewPerson, Store};

use super::duplicates::Others;
use super::{EnrolSettings, Enrolment, Entry, Said, Step};
use crate::embedder::Embedder;
use crate::error::Result;
use crate::picture::{Fault, Prepared};

/// What became of one picture: its template and what a user should be told, or why there is none.
pub type EnrolledPicture = Result<(Enrolled, Vec<Said>), Fault>;

/// Enrols pictures of one person, each read with this gallery's key and embedded by this model, and gives for each what became of it. The
/// person comes with the first picture that is fit. What [`Said`] names by a path is `1`, `2` and so on.
///
/// # Errors
/// [`Error::Gallery`](crate::Error::Gallery) where the gallery cannot be written, or is of another model.
pub fn enrol_prepared<S: Store>(
    gallery: &mut Gallery<S>,
    embedder: &Embedder,
    person: &NewPerson,
    pictures: Vec<(Prepared, Vec<f32>)>,
    settings: &EnrolSettings,
    now_ms: i64,
) -> Result<Vec<EnrolledPicture>> {
    let mut step = Step {
        contract: &embedder.contract().digest,
        others: Others::new(embedder.units(), settings.on_duplicate),
        now_ms,
        people: Vec::new(),
        new: Vec::new(),
        kept: Vec::new(),
    };
    let mut taken = Vec::with_capacity(pictures.len());
    for (number, (picture, vector)) in (1..).zip(pictures) {
        let entry = Entry {
            person: person.clone(),
            path: number.to_string().into(),
            region: None,
        };
        let mut found = Enrolment::default();
        let one = step.take(gallery, &entry, picture, vector, &mut found)?;
        taken.push(one.map(|()| found.said));
    }
    let mut enrolled = step.keep(gallery)?.into_iter();
    let with_template = |one: Result<Vec<Said>, Fault>| match one {
        Ok(said) => enrolled.next().map(|enrolled| Ok((enrolled, said))),
        Err(fault) => Some(Err(fault)),
    };
    Ok(taken.into_iter().filter_map(with_template).collect())
}
