//! Moving a gallery to another model: a job.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::response::Response;
use gallery::Place;
use serde::Deserialize;
use siamese_use::{Embedder, Missing, Reembedded, Reembedding, own_model};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::jobs::accepted;
use crate::access::Caller;
use crate::app::App;
use crate::clock::now_ms;
use crate::jobs::{Job, JobOut, Kind, NewJob, Rejection};
use crate::keys::Scope;
use crate::problem::{Code, Problem, Result};
use crate::shelf::Shelf;
use crate::upload::{At, Body, Form, Parted};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reembed))
}

/// To which model a gallery is moved, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReembedIn {
    /// Name of a model that the server was started with; its own unless said. In a form, `model` may be a model file instead.
    #[serde(default)]
    model: Option<String>,
    /// The bytes of a model file.
    #[serde(skip)]
    file: Option<Vec<u8>>,
    /// Whether templates whose pictures were not kept stay behind. Without it nothing moves if there are any.
    #[serde(default)]
    leave_out: bool,
    /// Whether the templates of earlier models are deleted at the end. Without it the gallery can be moved back.
    #[serde(default)]
    prune: bool,
}

impl Form for ReembedIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        let model = parts.text("model");
        let file = match model {
            Some(_) => None,
            None if parts.has_picture("model") => Some(parts.picture("model")?.data),
            None => None,
        };
        Ok(Self {
            model,
            file,
            leave_out: parts.json("leave_out")?.unwrap_or_default(),
            prune: parts.json("prune")?.unwrap_or_default(),
        })
    }
}

/// Moves a gallery to another model
///
/// The model makes templates from the pictures that were kept, beside the old ones; then it takes over at once, with the
/// calibration in its file. Until then the gallery answers by its old model. The answer names a job. A move that is cancelled or
/// broken off goes on where it was when it is asked for again. Form parts: `model` as a file of up to 64 MiB or a name,
/// `leave_out` and `prune` as `true` or `false`.
#[utoipa::path(post, path = "/v1/galleries/{gallery}/reembed", tag = "galleries",
    params(("gallery" = String, Path, description = "Name of the gallery")),
    request_body(content((ReembedIn = "application/json"), (ReembedIn = "multipart/form-data"))),
    responses((status = 202, body = JobOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn reembed(
    State(app): State<App>,
    caller: Caller,
    At(gallery): At<String>,
    Body(given): Body<ReembedIn>,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &gallery, Scope::Admin)?;
    let uploaded = given.file.as_ref().map_or(0, Vec::len);
    let named = match given.file {
        Some(_) => PathBuf::new(),
        None => app.model(given.model.as_deref())?,
    };
    let engines = app.engines.clone();
    let loading = tokio::task::spawn_blocking(move || -> Result<Embedder> {
        let read = match given.file {
            Some(bytes) => Embedder::of_bytes(bytes, Path::new("the model"))
                .map_err(|error| Problem::new(Code::ModelInvalid, error.to_string()))?,
            None => Embedder::load(&named)?,
        };
        Ok(engines.computed(read)?)
    });
    let new = loading.await??;
    let way = Way {
        leave_out: given.leave_out,
        prune: given.prune,
    };
    let job = NewJob {
        kind: Kind::Reembedding,
        of: shelf.health().await?.templates,
        gallery,
        scope: Scope::Admin,
        // What it is decoded to comes beside it.
        bytes: 2 * uploaded,
    };
    let (jobs, background) = (app.jobs.clone(), app.background.clone());
    let started = jobs.start(&background, job, move |job| {
        moved(app, shelf, new, way, job)
    })?;
    Ok(accepted(started))
}

/// What becomes of what cannot be moved, and of what was moved.
#[derive(Debug, Clone, Copy)]
struct Way {
    leave_out: bool,
    prune: bool,
}

impl Way {
    fn reembedding(self, prepare_only: bool, stop: &Arc<AtomicBool>) -> Reembedding {
        let mut way = Reembedding::default();
        way.leave_out = self.leave_out;
        way.prune = self.prune;
        way.prepare_only = prepare_only;
        way.stop = stop.clone();
        way
    }
}

/// Makes the new templates beside the gallery's thread, and then what came meanwhile on it, together with the change.
async fn moved(
    app: App,
    shelf: Arc<Shelf>,
    new: Embedder,
    way: Way,
    job: Arc<Job>,
) -> Result<bool> {
    if job.is_cancelled() {
        return Ok(false);
    }
    let new = Arc::new(new);
    let stop = Arc::new(AtomicBool::new(false));
    let preparing = {
        let (new, stop, job) = (new.clone(), stop.clone(), job.clone());
        let (place, pool) = (shelf.place().clone(), app.engines.jobs.clone());
        let way = way.reembedding(true, &stop);
        move || pool.install(|| prepared(&place, &new, &way, &job, &stop))
    };
    let first = tokio::task::spawn_blocking(preparing).await??;
    if job.is_cancelled() {
        return Ok(false);
    }
    if !way.leave_out && !first.missing.is_empty() {
        told(&job, &first, None);
        return Err(pictures_missing(&first));
    }
    let (way, pool) = (way.reembedding(false, &stop), app.engines.jobs.clone());
    let finished = shelf.work_when_free(move |gallery| {
        let old = own_model(gallery.store())?;
        let recipe = old.recipe();
        let store = gallery.store_mut();
        let done = pool.install(|| way.run(store, recipe, &new, now_ms(), &mut |_, _| {}));
        gallery.refresh()?;
        Ok(done?)
    });
    let second = finished.await?;
    told(&job, &first, Some(&second));
    match second.active {
        true => Ok(true),
        false => Err(pictures_missing(&second)),
    }
}

fn pictures_missing(of: &Reembedded) -> Problem {
    Problem::new(
        Code::PicturesMissing,
        format!(
            "{} templates have no kept picture that the model can use, so the gallery goes on with its old model; say \
             leave_out to leave them behind",
            of.missing.len()
        ),
    )
}

/// Makes templates by another connection to the gallery.
fn prepared(
    place: &Place,
    new: &Embedder,
    way: &Reembedding,
    job: &Job,
    stop: &AtomicBool,
) -> Result<Reembedded> {
    let mut store = place.open()?;
    let old = own_model(&store)?;
    let mut progress = |done, of| {
        job.note(|out| {
            out.done = done;
            out.of = of;
        });
        stop.store(job.is_cancelled(), Ordering::Relaxed);
    };
    Ok(way.run(&mut store, old.recipe(), new, now_ms(), &mut progress)?)
}

/// What was prepared, and what came of it where the change was tried.
fn told(job: &Job, first: &Reembedded, second: Option<&Reembedded>) {
    let rejection = |missing: &Missing| Rejection {
        person: None,
        picture: None,
        template: Some(missing.template),
        problem: match &missing.fault {
            Some(fault) => fault.into(),
            None => Problem::new(Code::PicturesMissing, "its picture was not kept"),
        },
    };
    job.note(|out| {
        out.done = out.of;
        out.templates = first.made + second.map_or(0, |second| second.made);
        // The change finds what was prepared.
        out.known = second.map_or(first.known, |second| {
            second.known.saturating_sub(first.made)
        });
        for missing in &second.unwrap_or(first).missing {
            out.reject(rejection(missing));
        }
    });
}
