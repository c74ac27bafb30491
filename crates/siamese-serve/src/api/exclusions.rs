//! Pictures of which somebody said that they do not show a person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gallery::{Exclusion, PictureDigest, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::persons::person;
use crate::access::Caller;
use crate::app::App;
use crate::clock::now_ms;
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::upload::{At, Document};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add))
}

/// Somebody looked at a picture and said: this is not that person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExclusionIn {
    /// Number of the person.
    person: u64,
    /// The picture's digest, as `identify` gave it.
    #[schema(value_type = String, pattern = "^[0-9a-fA-F]{64}$")]
    picture: PictureDigest,
}

/// An exclusion.
#[derive(Debug, Serialize, ToSchema)]
struct ExclusionOut {
    /// Number of the person.
    person: u64,
    /// The picture's digest.
    picture: String,
    /// When it was said, in milliseconds since 1970 (UTC).
    at_ms: i64,
}

impl From<Exclusion> for ExclusionOut {
    fn from(exclusion: Exclusion) -> Self {
        Self {
            person: exclusion.person,
            picture: exclusion.picture.to_string(),
            at_ms: exclusion.at_ms,
        }
    }
}

/// All exclusions.
#[derive(Debug, Serialize, ToSchema)]
struct Exclusions {
    /// Oldest first.
    exclusions: Vec<ExclusionOut>,
}

/// Lists exclusions
#[utoipa::path(get, path = "/v1/galleries/{gallery}/exclusions", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery")),
    responses((status = 200, body = Exclusions),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
) -> Result<Json<Exclusions>> {
    let shelf = app.shelf(&caller, &name, Scope::Read)?;
    let all = shelf
        .work(|gallery| Ok(gallery.store().exclusions()?))
        .await?;
    let exclusions = all.into_iter().map(ExclusionOut::from).collect();
    Ok(Json(Exclusions { exclusions }))
}

/// Notes that a picture does not show a person: a search with that picture leaves the person out
#[utoipa::path(post, path = "/v1/galleries/{gallery}/exclusions", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery")),
    request_body = ExclusionIn,
    responses((status = 201, body = ExclusionOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    Document(given): Document<ExclusionIn>,
) -> Result<(StatusCode, Json<ExclusionOut>)> {
    let shelf = app.shelf(&caller, &name, Scope::Enrol)?;
    let at_ms = now_ms();
    let ExclusionIn {
        person: number,
        picture,
    } = given;
    shelf
        .work(move |gallery| {
            person(gallery, number)?;
            Ok(gallery.exclude(picture, number, at_ms)?)
        })
        .await?;
    let noted = Exclusion {
        person: number,
        picture,
        at_ms,
    };
    Ok((StatusCode::CREATED, Json(noted.into())))
}
