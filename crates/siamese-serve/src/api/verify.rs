//! Whether a picture shows one person.

use axum::Json;
use axum::extract::State;
use gallery::Store;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{CompareThreshold, Word};
use super::identify::remarks;
use crate::access::Caller;
use crate::app::{App, HowRead};
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::shelf::Sought;
use crate::upload::{Asked, At, Body, Form, Parted, PictureIn, invalid};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(verify))
}

/// How strict a comparison is.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FmrAsked {
    /// The false match rate to decide at: the share of strangers who are taken for the person. 0.001 unless said.
    #[param(exclusive_minimum = 0.0, exclusive_maximum = 1.0)]
    fmr: Option<f64>,
}

impl FmrAsked {
    pub(super) fn fmr(&self) -> Result<f64> {
        rate("fmr", self.fmr.unwrap_or(0.001))
    }
}

/// A rate between 0 and 1.
pub(super) fn rate(name: &str, rate: f64) -> Result<f64> {
    match rate > 0.0 && rate < 1.0 {
        true => Ok(rate),
        false => Err(invalid(format!(
            "{name} is {rate}, expected between 0 and 1, both excluded"
        ))),
    }
}

/// A picture, and whom it is said to show: one of `person` and `external_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyIn {
    /// Number of the person.
    #[serde(default)]
    person: Option<u64>,
    /// External id of the person.
    #[serde(default)]
    external_id: Option<String>,
    /// The picture.
    picture: PictureIn,
}

impl Form for VerifyIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        Ok(Self {
            person: parts.json("person")?,
            external_id: parts.text("external_id"),
            picture: parts.picture("picture")?,
        })
    }
}

/// Whether a picture shows a person.
#[derive(Debug, Serialize, ToSchema)]
struct VerifyOut {
    /// What the threshold says.
    decision: Word,
    /// Number of the person.
    person: u64,
    /// Small for alike, in units of `metric`, of the person's templates together.
    distance: f64,
    /// Large for alike.
    similarity: f64,
    /// Name of the distance.
    metric: &'static str,
    /// Absent without a calibration.
    threshold: Option<CompareThreshold>,
    /// The share of strangers who are at least as alike, where it was measured.
    fmr_at_score: Option<f64>,
    /// Whether somebody said that this very picture does not show the person.
    excluded: bool,
    /// Digest of the picture's pixels, by a key of this gallery's own; for exclusions.
    picture: String,
    /// What is odd about the picture.
    remarks: Vec<String>,
}

/// Says whether a picture shows a person
///
/// Form parts: `person` or `external_id`, `picture`, and `box` before it.
#[utoipa::path(post, path = "/v1/galleries/{gallery}/verify", tag = "pictures",
    params(("gallery" = String, Path, description = "Name of the gallery"), FmrAsked),
    request_body(content((VerifyIn = "application/json"), (VerifyIn = "multipart/form-data"))),
    responses((status = 200, body = VerifyOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn verify(
    State(app): State<App>,
    caller: Caller,
    At(gallery): At<String>,
    Asked(asked): Asked<FmrAsked>,
    Body(given): Body<VerifyIn>,
) -> Result<Json<VerifyOut>> {
    let shelf = app.shelf(&caller, &gallery, Scope::Read)?;
    let target = asked.fmr()?;
    let person = match (given.person, given.external_id) {
        (Some(person), None) => person,
        (None, Some(external_id)) => {
            let find = shelf
                .work(move |gallery| Ok(gallery.store().person_by_external_id(&external_id)?));
            let found = find.await?;
            found
                .ok_or_else(|| Problem::not_found("person with this external id"))?
                .number
        }
        _ => return Err(invalid("expected one of person and external_id".to_owned())),
    };
    let engine = shelf.engine();
    let (prepared, vector) = app
        .embed(&engine, shelf.key(), HowRead::probes(), given.picture)
        .await?;
    let embedder = engine.embedder();
    let picture = prepared.digest;
    let contract = embedder.contract().digest.clone();
    let verified = shelf
        .verify(
            Sought {
                contract,
                vector,
                picture,
            },
            person,
            target,
        )
        .await?;
    let (answer, units) = (verified.answer, embedder.units());
    Ok(Json(VerifyOut {
        decision: Word::of(answer.decision).0,
        person,
        distance: units.distance(answer.score),
        similarity: units.similarity(answer.score),
        metric: units.name(),
        threshold: answer
            .point
            .map(|point| CompareThreshold::new(units, &point, target, verified.calibration)),
        fmr_at_score: answer.fmr_at_score,
        excluded: answer.excluded,
        picture: picture.to_string(),
        remarks: remarks(&prepared, embedder),
    }))
}
