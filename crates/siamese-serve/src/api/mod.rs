//! The resources, a file each.

mod answers;
mod batch;
mod calibrations;
mod compare;
mod compreface;
mod enrol;
mod enrollments;
mod exclusions;
mod galleries;
mod health;
mod identify;
mod jobs;
mod page;
mod persons;
mod reembed;
mod session;
mod templates;
mod verify;

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::problem::Problem;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "siamese",
        description = "Who is in a picture: galleries of people, and decisions at error rates that somebody measured.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Keys),
    security((), ("key" = []))
)]
struct Api;

/// How a caller is known.
struct Keys;

impl utoipa::Modify for Keys {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        if let Some(components) = &mut api.components {
            components.add_security_scheme("key", SecurityScheme::Http(scheme));
        }
    }
}

/// All routes, and what `/openapi.json` says of them.
pub(crate) fn routes() -> (axum::Router<App>, utoipa::openapi::OpenApi) {
    let (router, api) = OpenApiRouter::with_openapi(Api::openapi())
        .merge(compare::routes())
        .merge(galleries::routes())
        .merge(persons::routes())
        .merge(templates::routes())
        .merge(enrollments::routes())
        .merge(verify::routes())
        .merge(identify::routes())
        .merge(exclusions::routes())
        .merge(calibrations::routes())
        .merge(reembed::routes())
        .merge(jobs::routes())
        .merge(session::routes())
        .merge(health::routes())
        .split_for_parts();
    let more = compreface::routes().merge(page::routes());
    (router.merge(more), api)
}
