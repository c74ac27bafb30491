//! What is asked with pictures: `recognize` and `verify`.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;
use uuid::Uuid;

use super::answers::{BoxOut, Decided, FileIn, PairIn, Wanted, similarity};
use super::collection::Collection;
use super::faces::template;
use crate::api::compare::no_key;
use crate::app::{App, HowRead, Probed};
use crate::problem::{Code, Problem, Result};
use crate::upload::{Asked, At, Body};

/// The rates that `decision` is made at.
const FPIR: f64 = 0.01;
const FMR: f64 = 0.001;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/recognition/recognize", post(recognize))
        .route(
            "/api/v1/recognition/faces/{image_id}/verify",
            post(verify_example),
        )
        .route("/api/v1/verification/verify", post(verify))
}

/// What is said of each face in a picture; of one, as there is no detector.
#[derive(Debug, Serialize)]
struct Answer<T> {
    result: [T; 1],
}

#[derive(Debug, Serialize)]
struct Recognized {
    #[serde(rename = "box")]
    region: BoxOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<Vec<f32>>,
    subjects: Vec<Similar>,
    #[serde(flatten)]
    decided: Decided,
}

#[derive(Debug, Serialize)]
struct Similar {
    subject: String,
    similarity: f64,
}

async fn recognize(
    collection: Collection,
    Asked(wanted): Asked<Wanted>,
    Body(FileIn { file }): Body<FileIn>,
) -> Result<Json<Answer<Recognized>>> {
    let subjects = wanted.subjects()?;
    let Collection { app, shelf, .. } = collection;
    let Probed {
        engine,
        picture,
        sought,
    } = app.probe(&shelf, file).await?;
    let units = engine.embedder().units();
    let embedding = wanted.embedding(&sought.vector);
    let found = shelf.identify(sought, subjects.max(2), FPIR).await?;
    let answer = found.answer;
    let threshold = answer.point.map(|point| point.threshold);
    let similar = answer.candidates.into_iter().take(subjects);
    Ok(Json(Answer {
        result: [Recognized {
            region: BoxOut::of(&picture),
            embedding,
            decided: Decided::of_search(answer.decision, units, threshold),
            subjects: similar
                .map(|candidate| Similar {
                    similarity: similarity(units, candidate.score),
                    subject: candidate.external_id,
                })
                .collect(),
        }],
    }))
}

#[derive(Debug, Serialize)]
struct Face {
    #[serde(rename = "box")]
    region: BoxOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<Vec<f32>>,
}

#[derive(Debug, Serialize)]
struct Matched {
    #[serde(flatten)]
    face: Face,
    similarity: f64,
    #[serde(flatten)]
    decided: Decided,
}

/// Compares with one example of a subject.
async fn verify_example(
    collection: Collection,
    At(image): At<Uuid>,
    Asked(wanted): Asked<Wanted>,
    Body(FileIn { file }): Body<FileIn>,
) -> Result<Json<Answer<Matched>>> {
    let Collection { app, shelf, .. } = collection;
    let Probed {
        engine,
        picture,
        sought,
    } = app.probe(&shelf, file).await?;
    let embedding = wanted.embedding(&sought.vector);
    let probe = sought.vector;
    let compared = shelf.work_with_vectors(sought.contract, move |gallery| {
        let example = template(gallery, image)?.given.vector;
        let generation = gallery.generation();
        let score = generation.made_for.metric.score(&probe, &example)?;
        let calibration = generation.calibration.as_ref();
        Ok((score, calibration.and_then(|of| of.decide(score, FMR))))
    });
    let (score, decided) = compared.await?;
    let units = engine.embedder().units();
    Ok(Json(Answer {
        result: [Matched {
            face: Face {
                region: BoxOut::of(&picture),
                embedding,
            },
            similarity: similarity(units, score),
            decided: Decided::of_comparison(decided, units),
        }],
    }))
}

#[derive(Debug, Serialize)]
struct Verified {
    source_image_face: Face,
    face_matches: [Matched; 1],
}

/// Compares two pictures by the server's model.
async fn verify(
    State(app): State<App>,
    Asked(wanted): Asked<Wanted>,
    Body(PairIn {
        source_image,
        target_image,
    }): Body<PairIn>,
) -> Result<Json<Answer<Verified>>> {
    let engine = app.engine()?;
    let pictures = vec![source_image, target_image];
    let read = app
        .embed_all(&engine, &no_key(), HowRead::probes(), pictures)
        .await?;
    let read: [_; 2] = read
        .try_into()
        .map_err(|_| Problem::new(Code::Internal, "a picture was lost"))?;
    let [source, target] = read;
    let ((source, a), (target, b)) = (source?, target?);
    let embedder = engine.embedder();
    let units = embedder.units();
    let score = units.metric().score(&a, &b)?;
    let decided = embedder
        .calibration()
        .and_then(|calibration| calibration.decide(score, FMR));
    Ok(Json(Answer {
        result: [Verified {
            source_image_face: Face {
                region: BoxOut::of(&source),
                embedding: wanted.embedding(&a),
            },
            face_matches: [Matched {
                face: Face {
                    region: BoxOut::of(&target),
                    embedding: wanted.embedding(&b),
                },
                similarity: similarity(units, score),
                decided: Decided::of_comparison(decided, units),
            }],
        }],
    }))
}
