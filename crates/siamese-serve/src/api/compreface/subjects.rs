//! `/api/v1/recognition/subjects`.

use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use gallery::Store;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, number};
use crate::api::persons::PersonIn;
use crate::app::App;
use crate::clock::now_ms;
use crate::problem::Result;
use crate::upload::{At, Document};

pub(super) fn routes() -> Router<App> {
    let all = get(list).post(add).delete(delete_all);
    Router::new()
        .route("/api/v1/recognition/subjects", all.clone())
        .route("/api/v1/recognition/subjects/", all)
        .route(
            "/api/v1/recognition/subjects/{subject}",
            put(rename).delete(delete),
        )
}

/// A subject by its name.
#[derive(Debug, Serialize, Deserialize)]
struct Subject {
    subject: String,
}

#[derive(Debug, Serialize)]
struct Subjects {
    subjects: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Updated {
    updated: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Deleted {
    pub(super) deleted: usize,
}

/// A person of whom nothing but the external id is given.
pub(super) fn person(subject: String) -> Result<gallery::NewPerson> {
    let person = PersonIn {
        external_id: subject,
        name: None,
        metadata: gallery::Metadata::new(),
        expires_ms: None,
    };
    person.checked()
}

async fn list(collection: Collection) -> Result<Json<Subjects>> {
    let subjects = collection.shelf.work(|gallery| {
        let people = gallery.people_after(0, usize::MAX).into_iter();
        Ok(people
            .map(|person| person.given.external_id.clone())
            .collect())
    });
    Ok(Json(Subjects {
        subjects: subjects.await?,
    }))
}

async fn add(
    collection: Collection,
    Document(Subject { subject }): Document<Subject>,
) -> Result<(StatusCode, Json<Subject>)> {
    let collection = collection.for_change()?;
    let new = person(subject)?;
    let added = collection
        .shelf
        .work(move |gallery| Ok(gallery.add_person(&new, now_ms())?));
    let subject = added.await?.given.external_id;
    Ok((StatusCode::CREATED, Json(Subject { subject })))
}

/// Gives a subject another name. One that another subject has is refused, where CompreFace makes one subject of the two.
async fn rename(
    collection: Collection,
    At(was): At<String>,
    Document(Subject { subject }): Document<Subject>,
) -> Result<Json<Updated>> {
    let collection = collection.for_change()?;
    let external_id = person(subject)?.external_id;
    let renamed = collection.shelf.work(move |gallery| {
        let number = number(gallery, &was)?;
        let person = crate::api::persons::person(gallery, number)?;
        let given = gallery::NewPerson {
            external_id,
            ..person.given
        };
        gallery
            .store_mut()
            .change_person(number, &given, now_ms())?;
        Ok(gallery.refresh()?)
    });
    renamed.await?;
    Ok(Json(Updated { updated: true }))
}

async fn delete(collection: Collection, At(subject): At<String>) -> Result<Json<Subject>> {
    let collection = collection.for_change()?;
    let deleted = collection.shelf.work(move |gallery| {
        let number = number(gallery, &subject)?;
        gallery.forget(number, now_ms())?;
        Ok(Subject { subject })
    });
    Ok(Json(deleted.await?))
}

async fn delete_all(collection: Collection) -> Result<Json<Deleted>> {
    let collection = collection.for_change()?;
    let all = collection.shelf.work(|gallery| {
        let people = gallery.people_after(0, usize::MAX).into_iter();
        Ok(people.map(|person| person.number).collect::<Vec<u64>>())
    });
    let all = all.await?;
    let deleted = all.len();
    // One by one, so that others are answered meanwhile.
    for number in all {
        let forgotten =
            collection
                .shelf
                .work(move |gallery| match gallery.forget(number, now_ms()) {
                    Err(gallery::Error::Unknown { .. }) => Ok(()),
                    done => Ok(done?),
                });
        forgotten.await?;
    }
    Ok(Json(Deleted { deleted }))
}
