//! The galleries.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Caller;
use crate::app::App;
use crate::conditional::{IfMatch, tagged};
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::shelf::{Health, Shelf};
use crate::upload::{At, Document};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, delete))
}

/// A gallery.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GalleryOut {
    /// Its file's name without the ending.
    name: String,
    /// People, those without templates too.
    people: usize,
    /// Templates that are searched.
    templates: usize,
    /// Digest of weights, preprocessing and metric of its model.
    contract: String,
    /// Name of the distance in answers.
    metric: &'static str,
    /// Rows and columns that the model takes pictures in; larger ones are made smaller.
    picture_size: [usize; 2],
    /// Id of its calibration; without one there are scores and no decisions.
    calibration: Option<String>,
    /// Grows with each change.
    revision: u64,
    /// Whether its vectors are searched in memory. If not, they have no room there, and its database searches them.
    in_memory: bool,
    /// Whether it lies in the server's folder, so that it can be deleted here.
    can_be_deleted: bool,
}

/// Galleries that the caller may look at.
#[derive(Debug, Serialize, ToSchema)]
struct Galleries {
    galleries: Vec<GalleryOut>,
    /// Names of the models that galleries can be made with and moved to.
    models: Vec<String>,
    /// Whether the server has a folder in which galleries can be made.
    can_be_made: bool,
}

/// Lists the galleries
#[utoipa::path(get, path = "/v1/galleries", tag = "galleries",
    responses((status = 200, body = Galleries),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Galleries>> {
    let mut galleries = Vec::new();
    for shelf in app.shelves_of(&caller) {
        match shown(&app, &shelf).await {
            // It was deleted meanwhile.
            Err(_) if shelf.is_deleted() => {}
            shown => galleries.push(shown?),
        }
    }
    Ok(Json(Galleries {
        galleries,
        models: app.settings.models.keys().cloned().collect(),
        can_be_made: app.settings.galleries_folder.is_some(),
    }))
}

/// Shows a gallery
#[utoipa::path(get, path = "/v1/galleries/{gallery}", tag = "galleries",
    params(("gallery" = String, Path, description = "Name of the gallery")),
    responses((status = 200, body = GalleryOut), (status = 304, description = "It is as If-None-Match says"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn one(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Read)?;
    let shown = shown(&app, &shelf).await?;
    Ok(tagged(StatusCode::OK, &shown, &headers))
}

/// A gallery to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GalleryIn {
    /// Its name: letters, digits, `-`, `_` and `.`, not beginning with a dot.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]*$"
    )]
    name: String,
    /// Name of a model that the server was started with; its own unless said.
    #[serde(default)]
    model: Option<String>,
}

/// Makes an empty gallery
///
/// It lies in the folder that the server was started with, and is served again when it is started anew.
#[utoipa::path(post, path = "/v1/galleries", tag = "galleries", request_body = GalleryIn,
    responses((status = 201, body = GalleryOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Document(GalleryIn { name, model }): Document<GalleryIn>,
) -> Result<Response> {
    caller.may(Scope::Admin, Some(&name))?;
    let model = app.model(model.as_deref())?;
    let place = format!("/v1/galleries/{name}");
    let shelves = app.clone();
    let making = tokio::task::spawn_blocking(move || shelves.shelves.make(&name, &model));
    let made = shown(&app, &*making.await??).await?;
    let mut response = tagged(StatusCode::CREATED, &made, &headers);
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// Deletes a gallery with all that is in it
///
/// It must be in the folder that the server was started with, and If-Match must name it as it is.
#[utoipa::path(delete, path = "/v1/galleries/{gallery}", tag = "galleries",
    params(("gallery" = String, Path, description = "Name of the gallery"),
           ("If-Match" = String, Header, description = "The gallery's ETag")),
    responses((status = 204, description = "The gallery is gone"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Admin)?;
    app.shelves.may_delete(&shelf)?;
    let condition = IfMatch::of(&headers).required()?;
    let (same, shelves) = (shelf.clone(), app.clone());
    // It goes on though whoever asked has gone: a gallery that has ended must not be served.
    let deleting = app.background.spawn(async move {
        let check = move |health: &Health| condition.check(&GalleryOut::new(&same, health, true));
        let deleted = shelf.delete(check).await;
        if shelf.is_deleted() {
            shelves.shelves.remove(&name);
        }
        deleted
    });
    deleting.await??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn shown(app: &App, shelf: &Shelf) -> Result<GalleryOut> {
    let deletable = app.shelves.may_delete(shelf).is_ok();
    Ok(GalleryOut::new(shelf, &shelf.health().await?, deletable))
}

impl GalleryOut {
    fn new(shelf: &Shelf, health: &Health, can_be_deleted: bool) -> Self {
        let engine = shelf.engine();
        let embedder = engine.embedder();
        let [_, height, width] = embedder.recipe().images();
        Self {
            name: shelf.name().to_owned(),
            people: health.people,
            templates: health.templates,
            contract: embedder.contract().digest.clone(),
            metric: embedder.units().name(),
            picture_size: [height, width],
            calibration: health.calibration.clone(),
            revision: health.revision,
            in_memory: health.in_memory,
            can_be_deleted,
        }
    }
}
