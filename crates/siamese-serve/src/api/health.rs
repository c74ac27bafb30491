//! How the server is.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Caller;
use crate::app::App;
use crate::problem::{Problem, Result};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
}

#[derive(Debug, Serialize, ToSchema)]
struct Alive {
    /// `ok`.
    status: &'static str,
}

/// Says that the server runs
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Alive)))]
async fn healthz() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// Whether all galleries can be used.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    ready: bool,
    galleries: Vec<ReadyGallery>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ReadyGallery {
    /// Whether its index has all that its file or database has.
    ready: bool,
    /// Place in its log of changes.
    revision: Option<u64>,
}

/// Says whether all galleries can be used
///
/// They are looked at once a second at most.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = Ready), (status = 503, body = Ready),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn readyz(State(app): State<App>) -> (StatusCode, Json<Ready>) {
    let revisions = app.ready.get(Instant::now(), revisions(&app)).await;
    let galleries: Vec<_> = revisions
        .into_iter()
        .map(|revision| ReadyGallery {
            ready: revision.is_some(),
            revision,
        })
        .collect();
    let ready = galleries.iter().all(|gallery| gallery.ready);
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(Ready { ready, galleries }))
}

/// Of each gallery its place in its log of changes, if it can be used.
async fn revisions(app: &App) -> Vec<Option<u64>> {
    let mut revisions = Vec::new();
    for shelf in app.shelves_of(&Caller::Anybody) {
        let health = shelf.health().await.ok();
        // One may be deleted meanwhile.
        if health.is_some() || !shelf.is_deleted() {
            revisions.push(health.map(|health| health.revision));
        }
    }
    revisions
}

/// Gives counts and times for Prometheus
///
/// They are of all galleries, so a key for some of them does not do.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, body = String, content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn metrics(State(app): State<App>, caller: Caller) -> Result<Response> {
    caller.may_look_at_all()?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response())
}
