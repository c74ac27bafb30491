//! Who is in a picture.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use siamese_use::{Embedder, Prepared, QualityLimits};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{SearchThreshold, Word, remark};
use super::verify::rate;
use crate::access::Caller;
use crate::app::{App, HowRead};
use crate::keys::Scope;
use crate::problem::{Problem, Result};
use crate::shelf::Sought;
use crate::upload::{Asked, At, Body, Form, Parted, PictureIn, invalid};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(identify))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct IdentifyAsked {
    /// The false positive identification rate to decide at: the share of strangers for whom somebody is found. 0.01 unless
    /// said.
    #[param(exclusive_minimum = 0.0, exclusive_maximum = 1.0)]
    fpir: Option<f64>,
    /// How many candidates to give; 5 unless said.
    #[param(minimum = 1, maximum = 100)]
    top: Option<u64>,
}

/// A picture.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentifyIn {
    /// The picture.
    picture: PictureIn,
}

impl Form for IdentifyIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        Ok(Self {
            picture: parts.picture("picture")?,
        })
    }
}

/// Who is in a picture.
#[derive(Debug, Serialize, ToSchema)]
struct IdentifyOut {
    /// What the threshold says.
    decision: Word,
    /// Number of the person whom the decision names.
    person: Option<u64>,
    /// The people who are most alike, best first.
    candidates: Vec<CandidateOut>,
    /// Distance of the second candidate less that of the first. Small means that the two are easily confused.
    gap: Option<f64>,
    /// People who were searched.
    gallery_size: u64,
    /// Name of the distance.
    metric: &'static str,
    /// Absent without a calibration.
    threshold: Option<SearchThreshold>,
    /// Digest of the picture's pixels, by a key of this gallery's own; for exclusions.
    picture: String,
    /// What is odd about the picture.
    remarks: Vec<String>,
}

/// A person who may be the one.
#[derive(Debug, Serialize, ToSchema)]
struct CandidateOut {
    /// Number of the person.
    person: u64,
    /// The caller's own name for the person.
    external_id: String,
    /// What people call the person.
    name: Option<String>,
    /// Small for alike, in units of `metric`, of the person's templates together.
    distance: f64,
    /// Large for alike.
    similarity: f64,
    /// Whether the distance is below the threshold; absent without one.
    accepted: Option<bool>,
    /// The share of strangers who are at least as alike, where it was measured.
    fmr_at_score: Option<f64>,
}

/// Says who is in a picture
///
/// Form parts: `picture`, and `box` before it.
#[utoipa::path(post, path = "/v1/galleries/{gallery}/identify", tag = "pictures",
    params(("gallery" = String, Path, description = "Name of the gallery"), IdentifyAsked),
    request_body(content((IdentifyIn = "application/json"), (IdentifyIn = "multipart/form-data"))),
    responses((status = 200, body = IdentifyOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn identify(
    State(app): State<App>,
    caller: Caller,
    At(gallery): At<String>,
    Asked(asked): Asked<IdentifyAsked>,
    Body(IdentifyIn { picture }): Body<IdentifyIn>,
) -> Result<Json<IdentifyOut>> {
    let shelf = app.shelf(&caller, &gallery, Scope::Read)?;
    let target = rate("fpir", asked.fpir.unwrap_or(0.01))?;
    let top = asked.top.unwrap_or(5);
    if !(1..=100).contains(&top) {
        return Err(invalid(format!("top is {top}, expected 1 to 100")));
    }
    let engine = shelf.engine();
    let (prepared, vector) = app
        .embed(&engine, shelf.key(), HowRead::probes(), picture)
        .await?;
    let embedder = engine.embedder();
    let (units, picture) = (embedder.units(), prepared.digest);
    let contract = embedder.contract().digest.clone();
    let found = shelf
        .identify(
            Sought {
                contract,
                vector,
                picture,
            },
            top.max(2) as usize,
            target,
        )
        .await?;
    let mut names = found.names;
    let (answer, calibrated) = (found.answer, found.calibration);
    let (decision, person) = Word::of(answer.decision);
    let mut candidates: Vec<CandidateOut> = answer
        .candidates
        .into_iter()
        .map(|candidate| CandidateOut {
            person: candidate.person,
            name: names.remove(&candidate.person).flatten(),
            external_id: candidate.external_id,
            distance: units.distance(candidate.score),
            similarity: units.similarity(candidate.score),
            accepted: answer.point.map(|_| candidate.accepted),
            fmr_at_score: candidate.fmr_at_score,
        })
        .collect();
    let gap = match &candidates[..] {
        [first, second, ..] => Some(second.distance - first.distance),
        _ => None,
    };
    candidates.truncate(top as usize);
    Ok(Json(IdentifyOut {
        decision,
        person,
        gap,
        candidates,
        gallery_size: answer.gallery_size,
        metric: units.name(),
        threshold: answer
            .point
            .map(|point| SearchThreshold::new(units, &point, target, calibrated)),
        picture: picture.to_string(),
        remarks: remarks(&prepared, embedder),
    }))
}

/// What is odd about a picture; also that it is too poor to be enrolled.
pub(super) fn remarks(prepared: &Prepared, embedder: &Embedder) -> Vec<String> {
    let odd = prepared.remarks.iter().map(remark);
    let poor = QualityLimits::usual(embedder.recipe(), embedder.domain())
        .check(&prepared.quality)
        .err();
    let poor = poor.map(|fault| Problem::from(fault).detail().to_owned());
    odd.chain(poor).collect()
}
