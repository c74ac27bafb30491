//! The calibration of a gallery.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use siamese_use::Units;
use siamese_use::gallery::Calibration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Caller;
use crate::app::App;
use crate::clock::now_ms;
use crate::conditional::{IfMatch, tagged};
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::shelf::{Served, calibration_id};
use crate::upload::{At, Document};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(one, set))
}

/// By which thresholds decisions are made.
#[derive(Debug, Serialize, ToSchema)]
struct CalibrationOut {
    /// Whether there is one. Without it there are scores and no decisions.
    calibrated: bool,
    /// Its id.
    calibration: Option<String>,
    /// How it was made.
    made: Option<String>,
    /// On how many subjects.
    subjects: Option<u64>,
    /// Thresholds for comparisons with one person.
    comparisons: Vec<AtFmr>,
    /// Thresholds for searches.
    searches: Vec<AtFpir>,
}

/// A threshold for comparisons.
#[derive(Debug, Serialize, ToSchema)]
struct AtFmr {
    /// The share of strangers who are taken for the person.
    fmr: f64,
    /// A distance below it is a match.
    distance: f64,
    /// The share of comparisons of one subject with itself that are rejected, where it was measured.
    fnmr: Option<f64>,
    /// Whether so few subjects were measured that the rate is an indication.
    weak: bool,
}

/// A threshold for searches.
#[derive(Debug, Serialize, ToSchema)]
struct AtFpir {
    /// How many subjects were searched.
    gallery_size: u64,
    /// The share of strangers for whom somebody is found.
    fpir: f64,
    /// A distance below it is a match.
    distance: f64,
    /// The share of searches for a subject of the gallery that do not find it, where it was measured.
    fnir: Option<f64>,
    /// Whether so few subjects were measured that the rate is an indication.
    weak: bool,
}

impl CalibrationOut {
    fn of(units: Units, gallery: &Served) -> Self {
        let calibration = gallery.generation().calibration.as_ref();
        let comparisons = calibration.iter().flat_map(|of| &of.comparisons);
        let searches = calibration.iter().flat_map(|of| &of.searches);
        Self {
            calibrated: calibration.is_some(),
            calibration: calibration_id(gallery),
            made: calibration.map(|of| of.made.how.clone()),
            subjects: calibration.map(|of| of.made.subjects),
            comparisons: comparisons
                .map(|point| AtFmr {
                    fmr: point.fmr,
                    distance: units.distance(point.threshold),
                    fnmr: point.fnmr,
                    weak: point.weak,
                })
                .collect(),
            searches: searches
                .map(|point| AtFpir {
                    gallery_size: point.gallery_size,
                    fpir: point.fpir,
                    distance: units.distance(point.threshold),
                    fnir: point.fnir,
                    weak: point.weak,
                })
                .collect(),
        }
    }
}

/// Shows by which thresholds decisions are made
#[utoipa::path(get, path = "/v1/galleries/{gallery}/calibrations", tag = "galleries",
    params(("gallery" = String, Path, description = "Name of the gallery")),
    responses((status = 200, body = CalibrationOut), (status = 304, description = "It is as If-None-Match says"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn one(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Read)?;
    let units = shelf.engine().embedder().units();
    let shown = shelf.work(move |gallery| Ok(CalibrationOut::of(units, gallery)));
    Ok(tagged(StatusCode::OK, &shown.await?, &headers))
}

/// Sets the calibration
///
/// The document is a calibration of the model's distances, as `siamese calibrate` measures it. With If-Match, only what it names
/// is replaced.
#[utoipa::path(put, path = "/v1/galleries/{gallery}/calibrations", tag = "galleries",
    params(("gallery" = String, Path, description = "Name of the gallery")),
    request_body(content = Object),
    responses((status = 200, body = CalibrationOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn set(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    headers: HeaderMap,
    Document(given): Document<Calibration>,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &name, Scope::Admin)?;
    let engine = shelf.engine();
    let units = engine.embedder().units();
    let calibration = units.for_gallery(given)?;
    let condition = IfMatch::of(&headers);
    let contract = engine.embedder().contract().digest.clone();
    let set = shelf.work_with_vectors(contract, move |gallery| {
        condition.check(&CalibrationOut::of(units, gallery))?;
        gallery.set_calibration(Some(&calibration), now_ms())?;
        Ok(CalibrationOut::of(units, gallery))
    });
    Ok(tagged(StatusCode::OK, &set.await?, &headers))
}
