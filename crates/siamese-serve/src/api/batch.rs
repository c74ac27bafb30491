//! Enrolling many people at once: a job.

use std::sync::Arc;
use std::time::Duration;

use gallery::NewPerson;
use serde::Deserialize;
use utoipa::ToSchema;

use super::enrol::{Enrol, Enrolled};
use super::enrollments::EnrolIn;
use crate::jobs::{Job, JobOut, Kind, NewJob, Rejection};
use crate::keys::Scope;
use crate::problem::{Code, Result};
use crate::upload::{PictureIn, invalid};

/// People of a batch.
const MOST_PEOPLE: usize = 10_000;

/// How often a person is embedded again for a gallery that has moved to another model.
const MOST_MOVES: usize = 50;

/// How long a busy gallery is left alone before it is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// Many people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchIn {
    /// 1 to 10,000 people.
    #[schema(min_items = 1, max_items = 10_000)]
    pub(super) people: Vec<EnrolIn>,
}

/// Starts a job that enrols them in their order. Nothing of a batch is enrolled if a person in it is none.
pub(super) fn start(enrol: Enrol, BatchIn { people }: BatchIn) -> Result<JobOut> {
    if people.is_empty() || people.len() > MOST_PEOPLE {
        return Err(invalid(format!(
            "expected 1 to {MOST_PEOPLE} people, found {}",
            people.len()
        )));
    }
    let mut checked = Vec::with_capacity(people.len());
    let mut bytes = 0;
    for (at, person) in people.into_iter().enumerate() {
        let (person, pictures) = person
            .checked()
            .and_then(|(person, pictures)| {
                enrol.app.check_count(pictures.len())?;
                Ok((person, pictures))
            })
            .map_err(|problem| invalid(format!("people[{at}]: {}", problem.detail())))?;
        bytes += memory_of(&person, &pictures);
        checked.push((person, pictures));
    }
    let new = NewJob {
        kind: Kind::Enrollment,
        gallery: enrol.shelf.name().to_owned(),
        scope: Scope::Enrol,
        of: checked.len(),
        bytes,
    };
    let app = enrol.app.clone();
    app.jobs
        .start(&app.background, new, |job| all(enrol, checked, job))
}

/// Bytes that a person takes who waits, at the most: each byte of metadata may be a value of its own.
fn memory_of(person: &NewPerson, pictures: &[PictureIn]) -> usize {
    let metadata = serde_json::to_vec(&person.metadata).map_or(0, |text| text.len());
    let pictures = pictures.iter();
    let pictures = pictures.map(|one| size_of::<PictureIn>() + one.data.len());
    size_of::<NewPerson>() + size_of::<serde_json::Value>() * metadata + pictures.sum::<usize>()
}

async fn all(
    enrol: Enrol,
    people: Vec<(NewPerson, Vec<PictureIn>)>,
    job: Arc<Job>,
) -> Result<bool> {
    for (at, (person, pictures)) in people.into_iter().enumerate() {
        if job.is_cancelled() {
            return Ok(false);
        }
        match one(&enrol, &job, &person, &pictures).await {
            Ok(enrolled) => job.note(|out| take_in(out, at, enrolled)),
            // Of this person alone; where the gallery fails, so would all that follow.
            Err(problem) if problem.code.is_of_the_request() => job.note(|out| {
                out.reject(Rejection {
                    person: Some(at),
                    picture: None,
                    template: None,
                    problem,
                });
            }),
            Err(_) if job.is_cancelled() => return Ok(false),
            Err(problem) => return Err(problem),
        }
        job.note(|out| out.done += 1);
    }
    Ok(true)
}

/// Enrols a person, again where the gallery is busy, and a few times where it has moved to another model.
async fn one(
    enrol: &Enrol,
    job: &Job,
    person: &NewPerson,
    pictures: &[PictureIn],
) -> Result<Enrolled> {
    let mut moves = 0;
    loop {
        let enrolled = enrol.person(person.clone(), pictures.to_vec()).await;
        let again = match &enrolled {
            Err(problem) if problem.code == Code::Busy => true,
            Err(problem) if problem.code == Code::ModelChanged => {
                moves += 1;
                moves < MOST_MOVES
            }
            _ => false,
        };
        if !again || job.is_cancelled() {
            return enrolled;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn take_in(out: &mut JobOut, at: usize, enrolled: Enrolled) {
    for (picture, one) in enrolled.pictures.into_iter().enumerate() {
        match one.problem {
            Some(problem) => out.reject(Rejection {
                person: Some(at),
                picture: Some(picture),
                template: None,
                problem,
            }),
            None if one.new => out.templates += 1,
            None => out.known += 1,
        }
    }
}
