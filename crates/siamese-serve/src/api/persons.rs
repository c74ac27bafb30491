//! The people of a gallery.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gallery::{Metadata, NewPerson, Person, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::templates::TemplateOut;
use crate::access::Caller;
use crate::app::App;
use crate::clock::now_ms;
use crate::conditional::{IfMatch, tagged};
use crate::cursor;
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::shelf::Served;
use crate::upload::{Asked, At, Document, invalid};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, replace, forget))
        .routes(routes!(export))
}

/// What is given of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonIn {
    /// The caller's own name for the person; no other person of the gallery has it.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$"
    )]
    pub(super) external_id: String,
    /// What people call the person.
    #[serde(default)]
    #[schema(max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    pub(super) name: Option<String>,
    /// Whatever else is to be kept: up to 16 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) metadata: Metadata,
    /// When the person is to be forgotten, in milliseconds since 1970 (UTC).
    #[serde(default)]
    #[schema(minimum = 0, maximum = 253402300799999i64)]
    pub(super) expires_ms: Option<i64>,
}

/// Bytes of metadata.
const MOST_METADATA: usize = 16 << 10;

/// The end of the year 9999.
const LATEST_MS: i64 = 253_402_300_799_999;

impl PersonIn {
    pub(super) fn checked(self) -> Result<NewPerson> {
        let plain = |what: &str, text: &str, least: usize| {
            let length = text.chars().count();
            match (least..=200).contains(&length) && !text.chars().any(char::is_control) {
                true => Ok(()),
                false => Err(invalid(format!(
                    "{what}: expected {least} to 200 characters, none of them a control character, found {length} characters"
                ))),
            }
        };
        plain("external_id", &self.external_id, 1)?;
        plain("name", self.name.as_deref().unwrap_or_default(), 0)?;
        let bytes = serde_json::to_vec(&self.metadata).map_or(usize::MAX, |bytes| bytes.len());
        if bytes > MOST_METADATA {
            return Err(invalid(format!(
                "metadata: expected at most {MOST_METADATA} bytes as JSON, found {bytes}"
            )));
        }
        if self
            .expires_ms
            .is_some_and(|expires| !(0..=LATEST_MS).contains(&expires))
        {
            return Err(invalid(format!("expires_ms: expected 0 to {LATEST_MS}")));
        }
        Ok(NewPerson {
            external_id: self.external_id,
            name: self.name,
            metadata: self.metadata,
            expires_ms: self.expires_ms,
        })
    }
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonOut {
    /// Number within the gallery, never used again.
    number: u64,
    /// A UUID of version 7.
    uuid: Uuid,
    /// The caller's own name for the person.
    external_id: String,
    /// What people call the person.
    name: Option<String>,
    /// Whatever else is kept.
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// When the person is forgotten, in milliseconds since 1970 (UTC).
    expires_ms: Option<i64>,
    /// When the person was added, in milliseconds since 1970 (UTC).
    created_ms: i64,
}

impl From<Person> for PersonOut {
    fn from(person: Person) -> Self {
        Self {
            number: person.number,
            uuid: person.uuid,
            external_id: person.given.external_id,
            name: person.given.name,
            metadata: person.given.metadata,
            expires_ms: person.given.expires_ms,
            created_ms: person.created_ms,
        }
    }
}

/// The person of this number.
pub(super) fn person(gallery: &Served, number: u64) -> Result<Person> {
    let person = gallery.person(number).cloned();
    person.ok_or_else(|| Problem::not_found(&format!("person {number}")))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PersonsAsked {
    /// How many at most; 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// The person with this external id alone.
    external_id: Option<String>,
}

/// A page of people.
#[derive(Debug, Serialize, ToSchema)]
struct Persons {
    /// In order of their numbers.
    persons: Vec<PersonOut>,
    /// For the next page; absent on the last.
    next_cursor: Option<String>,
}

/// Lists people
#[utoipa::path(get, path = "/v1/galleries/{gallery}/persons", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), PersonsAsked),
    responses((status = 200, body = Persons),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    Asked(asked): Asked<PersonsAsked>,
) -> Result<Json<Persons>> {
    let shelf = app.shelf(&caller, &name, Scope::Read)?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(invalid(format!("limit is {limit}, expected 1 to 1000")));
    }
    let key = shelf.key().clone();
    let after = asked
        .cursor
        .map(|cursor| cursor::checked(&key, &cursor))
        .transpose()?;
    if let Some(external_id) = asked.external_id {
        let found =
            shelf.work(move |gallery| Ok(gallery.store().person_by_external_id(&external_id)?));
        return Ok(Json(Persons {
            persons: found.await?.into_iter().map(PersonOut::from).collect(),
            next_cursor: None,
        }));
    }
    let limit = limit as usize;
    let mut people: Vec<Person> = shelf
        .work(move |gallery| {
            let people = gallery
                .people_after(after.unwrap_or(0), limit + 1)
                .into_iter();
            Ok(people.cloned().collect())
        })
        .await?;
    let more = people.len() > limit;
    people.truncate(limit);
    let last = people.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::signed(&key, last.number));
    let persons = people.into_iter().map(PersonOut::from).collect();
    Ok(Json(Persons {
        persons,
        next_cursor,
    }))
}

/// Adds a person without pictures
#[utoipa::path(post, path = "/v1/galleries/{gallery}/persons", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery")),
    request_body = PersonIn,
    responses((status = 201, body = PersonOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    headers: HeaderMap,
    Document(given): Document<PersonIn>,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Enrol)?;
    let given = given.checked()?;
    let added = shelf
        .work(move |gallery| Ok(gallery.add_person(&given, now_ms())?))
        .await?;
    let place = format!("/v1/galleries/{name}/persons/{}", added.number);
    let mut response = tagged(StatusCode::CREATED, &PersonOut::from(added), &headers);
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// Shows a person
#[utoipa::path(get, path = "/v1/galleries/{gallery}/persons/{person}", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), ("person" = u64, Path, description = "Number of the person")),
    responses((status = 200, body = PersonOut), (status = 304, description = "It is as If-None-Match says"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn one(
    State(app): State<App>,
    caller: Caller,
    At((name, number)): At<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Read)?;
    let found = shelf.work(move |gallery| person(gallery, number)).await?;
    Ok(tagged(StatusCode::OK, &PersonOut::from(found), &headers))
}

/// Replaces all that is given of a person
///
/// With If-Match, only what it names is replaced.
#[utoipa::path(put, path = "/v1/galleries/{gallery}/persons/{person}", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), ("person" = u64, Path, description = "Number of the person")),
    request_body = PersonIn,
    responses((status = 200, body = PersonOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn replace(
    State(app): State<App>,
    caller: Caller,
    At((name, number)): At<(String, u64)>,
    headers: HeaderMap,
    Document(given): Document<PersonIn>,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Enrol)?;
    let given = given.checked()?;
    let condition = IfMatch::of(&headers);
    let changed = shelf
        .work(move |gallery| {
            condition.check(&PersonOut::from(person(gallery, number)?))?;
            gallery
                .store_mut()
                .change_person(number, &given, now_ms())?;
            gallery.refresh()?;
            person(gallery, number)
        })
        .await?;
    Ok(tagged(StatusCode::OK, &PersonOut::from(changed), &headers))
}

/// Forgets a person
///
/// Templates, kept pictures and exclusions go too, and no byte of them stays in the gallery's files.
#[utoipa::path(delete, path = "/v1/galleries/{gallery}/persons/{person}", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), ("person" = u64, Path, description = "Number of the person")),
    responses((status = 204, description = "The person is gone"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn forget(
    State(app): State<App>,
    caller: Caller,
    At((name, number)): At<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Enrol)?;
    let condition = IfMatch::of(&headers);
    shelf
        .work(move |gallery| {
            condition.check(&PersonOut::from(person(gallery, number)?))?;
            Ok(gallery.forget(number, now_ms())?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// All that a gallery holds of a person.
#[derive(Debug, Serialize, ToSchema)]
struct Exported {
    person: PersonOut,
    templates: Vec<ExportedTemplate>,
    /// Digests of pictures of which somebody said that they do not show the person.
    excluded_pictures: Vec<String>,
    /// Pictures that could not be enrolled for the person.
    rejected_pictures: Vec<RejectedPicture>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RejectedPicture {
    /// Digest of the picture's pixels.
    picture: String,
    /// Why it could not.
    reason: String,
    /// When, in milliseconds since 1970 (UTC).
    at_ms: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct ExportedTemplate {
    #[serde(flatten)]
    template: TemplateOut,
    /// Digest of weights, preprocessing and metric of the model that made it: the gallery's own, or an earlier one.
    contract: String,
    /// The embedding.
    vector: Vec<f32>,
    /// The picture in base64, if it was kept.
    picture_data: Option<String>,
}

/// Exports all that is kept of a person, for whoever asks what is known of them
#[utoipa::path(get, path = "/v1/galleries/{gallery}/persons/{person}/export", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), ("person" = u64, Path, description = "Number of the person")),
    responses((status = 200, body = Exported),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn export(
    State(app): State<App>,
    caller: Caller,
    At((name, number)): At<(String, u64)>,
) -> Result<Json<Exported>> {
    let shelf = app.shelf(&caller, &name, Scope::Enrol)?;
    let exported = shelf.work(move |gallery| {
        let person = person(gallery, number)?;
        let store = gallery.store();
        let mut templates = Vec::new();
        for generation in store.generations()? {
            for template in store.templates_of(number, generation.number)? {
                let kept = store.kept_picture(number, &template.given.picture)?;
                templates.push(ExportedTemplate {
                    contract: generation.made_for.contract.clone(),
                    vector: template.given.vector.clone(),
                    template: TemplateOut::new(template, kept.is_some()),
                    picture_data: kept.map(|bytes| STANDARD.encode(bytes)),
                });
            }
        }
        let rejections = store.rejections()?.into_iter();
        let rejected_pictures = rejections
            .filter(|rejection| rejection.person == Some(number))
            .map(|rejection| RejectedPicture {
                picture: rejection.picture.to_string(),
                reason: rejection.reason,
                at_ms: rejection.at_ms,
            })
            .collect();
        let exclusions = store.exclusions()?.into_iter();
        let excluded_pictures = exclusions
            .filter(|exclusion| exclusion.person == number)
            .map(|exclusion| exclusion.picture.to_string())
            .collect();
        Ok(Exported {
            person: person.into(),
            templates,
            excluded_pictures,
            rejected_pictures,
        })
    });
    Ok(Json(exported.await?))
}
