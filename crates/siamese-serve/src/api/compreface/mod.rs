//! CompreFace's interface for crops of faces, so that its clients can move here: `/api/v1/recognition` and
//! `/api/v1/verification`.
//!
//! A subject is a person, by external id; an image id stands for a template. The collection is the one gallery that the key is
//! for. The paths, parameters and answers are those of CompreFace 1.2, `docs/Rest-API-description.md` there.

mod answers;
mod collection;
mod faces;
mod pictures;
mod subjects;

use axum::Router;

use crate::app::App;

/// Its routes. `/openapi.json` leaves them out: they are described elsewhere.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(subjects::routes())
        .merge(faces::routes())
        .merge(pictures::routes())
}
