//! What belongs to no gallery: comparing two pictures, and embedding some.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{self, CompareThreshold, Word};
use super::verify::FmrAsked;
use crate::app::{App, HowRead};
use crate::problem::{Problem, Result};
use crate::upload::{Asked, Body, Form, Parted, PictureIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(compare))
        .routes(routes!(embed))
}

/// Two pictures.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompareIn {
    /// One of them.
    probe: PictureIn,
    /// The other.
    reference: PictureIn,
}

impl Form for CompareIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        Ok(Self {
            probe: parts.picture("probe")?,
            reference: parts.picture("reference")?,
        })
    }
}

/// How alike two pictures are.
#[derive(Debug, Serialize, ToSchema)]
struct Compared {
    /// What the threshold says.
    decision: Word,
    /// Small for alike, in units of `metric`.
    distance: f64,
    /// Large for alike.
    similarity: f64,
    /// Name of the distance.
    metric: &'static str,
    /// Absent without a calibration.
    threshold: Option<CompareThreshold>,
    /// The share of strangers who are at least as alike, where it was measured.
    fmr_at_score: Option<f64>,
    /// What is odd about the pictures.
    remarks: Vec<String>,
    /// Digest of weights, preprocessing and metric.
    contract: String,
}

/// Compares two pictures
///
/// The model is the server's, and the decision is made by the calibration in its file. Form parts: `probe` and `reference`.
#[utoipa::path(post, path = "/v1/compare", tag = "pictures", params(FmrAsked),
    request_body(content((CompareIn = "application/json"), (CompareIn = "multipart/form-data"))),
    responses((status = 200, body = Compared),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn compare(
    State(app): State<App>,
    Asked(asked): Asked<FmrAsked>,
    Body(CompareIn { probe, reference }): Body<CompareIn>,
) -> Result<Json<Compared>> {
    let target = asked.fmr()?;
    let engine = app.engine()?;
    let mut all = app
        .embed_all(
            &engine,
            &no_key(),
            HowRead::probes(),
            vec![probe, reference],
        )
        .await?
        .into_iter();
    let (Some(probe), Some(reference)) = (all.next(), all.next()) else {
        return Err(Problem::not_found("picture"));
    };
    let ((probe, a), (reference, b)) = (probe?, reference?);
    let embedder = engine.embedder();
    let units = embedder.units();
    let score = units.metric().score(&a, &b)?;
    let calibration = embedder.calibration();
    let decided = calibration.and_then(|calibration| calibration.decide(score, target));
    let odd = probe
        .remarks
        .iter()
        .map(|remark| format!("probe: {}", answers::remark(remark)));
    let odd = odd.chain(
        reference
            .remarks
            .iter()
            .map(|remark| format!("reference: {}", answers::remark(remark))),
    );
    Ok(Json(Compared {
        decision: Word::of_outcome(decided.map(|decided| decided.outcome)),
        distance: units.distance(score),
        similarity: units.similarity(score),
        metric: units.name(),
        threshold: decided
            .map(|decided| CompareThreshold::new(units, &decided.point, target, None)),
        fmr_at_score: decided.and_then(|decided| decided.fmr_at_score),
        remarks: odd.collect(),
        contract: embedder.contract().digest.clone(),
    }))
}

/// A key for digests that nobody sees.
pub(super) fn no_key() -> gallery::DigestKey {
    gallery::DigestKey::new([0; 32])
}

/// Pictures to be embedded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmbedIn {
    /// 1 to 64 of them.
    #[schema(min_items = 1, max_items = 64)]
    pictures: Vec<PictureIn>,
}

impl Form for EmbedIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        Ok(Self {
            pictures: parts.pictures_of("picture"),
        })
    }
}

/// Vectors of pictures.
#[derive(Debug, Serialize, ToSchema)]
struct Vectors {
    /// One for each picture, in their order.
    embeddings: Vec<VectorOf>,
    /// Name of the distance by which they are compared.
    metric: &'static str,
    /// Vectors of two contracts cannot be compared.
    contract: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct VectorOf {
    /// Absent where the picture failed.
    embedding: Option<Vec<f32>>,
    /// Why it failed.
    problem: Option<Problem>,
}

/// Embeds pictures
///
/// A vector says as much of a face as a picture: treat it as one. Form parts: `picture`, as often as there are pictures.
#[utoipa::path(post, path = "/v1/embeddings", tag = "pictures",
    request_body(content((EmbedIn = "application/json"), (EmbedIn = "multipart/form-data"))),
    responses((status = 200, body = Vectors),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn embed(
    State(app): State<App>,
    Body(EmbedIn { pictures }): Body<EmbedIn>,
) -> Result<Json<Vectors>> {
    let engine = app.engine()?;
    let all = app
        .embed_all(&engine, &no_key(), HowRead::probes(), pictures)
        .await?;
    let embeddings = all.into_iter().map(|one| match one {
        Ok((_, vector)) => VectorOf {
            embedding: Some(vector),
            problem: None,
        },
        Err(fault) => VectorOf {
            embedding: None,
            problem: Some(fault.into()),
        },
    });
    Ok(Json(Vectors {
        embeddings: embeddings.collect(),
        metric: engine.embedder().units().name(),
        contract: engine.embedder().contract().digest.clone(),
    }))
}
