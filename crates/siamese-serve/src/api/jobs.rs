//! What takes longer than a request.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::Caller;
use crate::app::App;
use crate::jobs::{Job, JobOut};
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::upload::At;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, cancel))
}

/// Jobs in the galleries that the caller may look at.
#[derive(Debug, Serialize, ToSchema)]
struct JobsOut {
    /// Oldest first, without their rejections, which `/v1/jobs/{job}` gives. Those that have ended are kept for a day, the latest
    /// 256 of them.
    jobs: Vec<JobOut>,
}

/// Lists the jobs
#[utoipa::path(get, path = "/v1/jobs", tag = "jobs",
    responses((status = 200, body = JobsOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>, caller: Caller) -> Json<JobsOut> {
    let all = app.jobs.list().into_iter();
    let seen = all.filter(|job| caller.may(Scope::Read, Some(&job.gallery)).is_ok());
    Json(JobsOut {
        jobs: seen.map(|job| job.summary()).collect(),
    })
}

/// Says how far a job is
#[utoipa::path(get, path = "/v1/jobs/{job}", tag = "jobs",
    params(("job" = Uuid, Path, description = "Id of the job")),
    responses((status = 200, body = JobOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn one(State(app): State<App>, caller: Caller, At(id): At<Uuid>) -> Result<Json<JobOut>> {
    Ok(Json(find(&app, &caller, id)?.out()))
}

/// Cancels a job, or forgets one that has ended
///
/// A job that is being done ends with the person, or the pictures, that it is at. What was done until then stays.
#[utoipa::path(delete, path = "/v1/jobs/{job}", tag = "jobs",
    params(("job" = Uuid, Path, description = "Id of the job")),
    responses((status = 202, body = JobOut, description = "It is told to end"),
              (status = 204, description = "It had ended, and is forgotten"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn cancel(State(app): State<App>, caller: Caller, At(id): At<Uuid>) -> Result<Response> {
    let job = find(&app, &caller, id)?;
    caller.may(job.scope, Some(&job.gallery))?;
    Ok(match app.jobs.cancel(&job) {
        Some(out) => (StatusCode::ACCEPTED, Json(out)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// A job, for whoever may look at its gallery; others do not learn whether there is one.
fn find(app: &App, caller: &Caller, id: Uuid) -> Result<std::sync::Arc<Job>> {
    let found = app.jobs.find(id);
    let seen = found.filter(|job| caller.may(Scope::Read, Some(&job.gallery)).is_ok());
    seen.ok_or_else(|| Problem::not_found("such job"))
}

/// The answer to whoever asked for a job.
pub(super) fn accepted(job: JobOut) -> Response {
    let place = format!("/v1/jobs/{}", job.job);
    let location = [(axum::http::header::LOCATION, place)];
    (StatusCode::ACCEPTED, location, Json(job)).into_response()
}
