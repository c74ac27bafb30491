//! The galleries.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Caller;
use crate::app::App;
use crate::conditional::tagged;
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::shelf::Shelf;
use crate::upload::At;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
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
}

/// Galleries that the caller may look at.
#[derive(Debug, Serialize, ToSchema)]
struct Galleries {
    galleries: Vec<GalleryOut>,
}

/// Lists the galleries
#[utoipa::path(get, path = "/v1/galleries", tag = "galleries",
    responses((status = 200, body = Galleries),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Galleries>> {
    let mut galleries = Vec::new();
    for shelf in app.shelves(&caller) {
        galleries.push(shown(&shelf).await?);
    }
    Ok(Json(Galleries { galleries }))
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
    Ok(tagged(
        axum::http::StatusCode::OK,
        &shown(&shelf).await?,
        &headers,
    ))
}

async fn shown(shelf: &Shelf) -> Result<GalleryOut> {
    let health = shelf.health().await?;
    let engine = shelf.engine();
    let embedder = engine.embedder();
    let [_, height, width] = embedder.recipe().images();
    Ok(GalleryOut {
        name: shelf.name().to_owned(),
        people: health.people,
        templates: health.templates,
        contract: embedder.contract().digest.clone(),
        metric: embedder.units().name(),
        picture_size: [height, width],
        calibration: shelf.calibration_id().await?,
        revision: health.revision,
    })
}
