//! The templates of a person.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use gallery::{Store, Template};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::persons::person;
use crate::access::Caller;
use crate::app::App;
use crate::clock::now_ms;
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::shelf::Served;
use crate::upload::At;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(delete))
        .routes(routes!(picture))
}

/// A template: what a model made of a picture.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateOut {
    /// Its number, never used again.
    template: u64,
    /// Digest of the picture's pixels, by a key of this gallery's own.
    picture: String,
    /// Figures of the picture's quality.
    quality: BTreeMap<String, f64>,
    /// When it was added, in milliseconds since 1970 (UTC).
    created_ms: i64,
    /// Whether its picture was kept.
    kept: bool,
}

impl TemplateOut {
    pub(super) fn new(template: Template, kept: bool) -> Self {
        Self {
            template: template.id,
            picture: template.given.picture.to_string(),
            quality: template.given.quality,
            created_ms: template.created_ms,
            kept,
        }
    }
}

/// The template of a person.
fn template(gallery: &Served, number: u64, id: u64) -> Result<Template> {
    let unknown = || Problem::not_found(&format!("template {id} of person {number}"));
    if i64::try_from(id).is_err() {
        return Err(unknown());
    }
    let found = gallery.store().template(id)?;
    found
        .filter(|found| found.given.person == number)
        .ok_or_else(unknown)
}

/// Templates of a person.
#[derive(Debug, Serialize, ToSchema)]
struct Templates {
    /// In order of their numbers.
    templates: Vec<TemplateOut>,
}

/// Lists the templates of a person
#[utoipa::path(get, path = "/v1/galleries/{gallery}/persons/{person}/templates", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), ("person" = u64, Path, description = "Number of the person")),
    responses((status = 200, body = Templates),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    At((name, number)): At<(String, u64)>,
) -> Result<Json<Templates>> {
    let shelf = app.shelf(&caller, &name, Scope::Read)?;
    let found = shelf.work(move |gallery| {
        person(gallery, number)?;
        let store = gallery.store();
        let all = store.templates_of(number, gallery.generation().number)?;
        let shown = all.into_iter().map(|template| {
            let kept = store.kept_picture(number, &template.given.picture)?;
            Ok(TemplateOut::new(template, kept.is_some()))
        });
        shown.collect()
    });
    let templates = found.await?;
    Ok(Json(Templates { templates }))
}

/// Deletes a template, with its picture if it was kept
#[utoipa::path(delete, path = "/v1/galleries/{gallery}/persons/{person}/templates/{template}", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), ("person" = u64, Path, description = "Number of the person"),
           ("template" = u64, Path, description = "Number of the template")),
    responses((status = 204, description = "It is gone"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    At((name, number, id)): At<(String, u64, u64)>,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Enrol)?;
    shelf
        .work(move |gallery| {
            let found = template(gallery, number, id)?;
            Ok(gallery.delete_template(found.id, now_ms())?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Gives the picture of a template, if it was kept
#[utoipa::path(get, path = "/v1/galleries/{gallery}/persons/{person}/templates/{template}/picture", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), ("person" = u64, Path, description = "Number of the person"),
           ("template" = u64, Path, description = "Number of the template")),
    responses((status = 200, description = "An image file", content_type = "image/*"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn picture(
    State(app): State<App>,
    caller: Caller,
    At((name, number, id)): At<(String, u64, u64)>,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Read)?;
    let kept = shelf.work(move |gallery| {
        let found = template(gallery, number, id)?;
        Ok(gallery.store().kept_picture(number, &found.given.picture)?)
    });
    let bytes = kept
        .await?
        .ok_or_else(|| Problem::not_found("picture: it was not kept"))?;
    Ok(([(header::CONTENT_TYPE, media_type(&bytes))], bytes).into_response())
}

/// The media type of an image file.
pub(super) fn media_type(bytes: &[u8]) -> &'static str {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    match () {
        () if begins(b"\x89PNG") => "image/png",
        () if begins(b"\xff\xd8") => "image/jpeg",
        () if begins(b"RIFF") => "image/webp",
        () if begins(b"BM") => "image/bmp",
        () if begins(b"P") => "image/x-portable-anymap",
        () => "image/tiff",
    }
}
