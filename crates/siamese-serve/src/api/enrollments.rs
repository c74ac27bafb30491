//! Enrolling pictures.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gallery::{Metadata, NewPerson};
use serde::{Deserialize, Serialize};
use siamese_use::OnDuplicate;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::batch::{self, BatchIn};
use super::enrol::{Enrol, Enrolled, PictureOut};
use super::jobs::accepted;
use super::persons::PersonIn;
use crate::access::Caller;
use crate::app::App;
use crate::jobs::JobOut;
use crate::keys::Scope;
use crate::problem::{Code, Problem, Result};
use crate::upload::{Asked, At, Body, Form, Parted, PictureIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(enrol))
}

/// A person with pictures. What is given beyond the external id replaces what was given before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnrolIn {
    /// The caller's own name for the person, who is added unless there is one of that name.
    #[schema(min_length = 1, max_length = 200)]
    external_id: String,
    /// What people call the person.
    #[serde(default)]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Whatever else is to be kept: up to 16 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// When the person is to be forgotten, in milliseconds since 1970 (UTC).
    #[serde(default)]
    #[schema(minimum = 0, maximum = 253402300799999i64)]
    expires_ms: Option<i64>,
    /// 1 to 64 pictures of the person.
    #[schema(min_items = 1, max_items = 64)]
    pictures: Vec<PictureIn>,
}

impl EnrolIn {
    /// The person and the pictures, where both are fit.
    pub(super) fn checked(self) -> Result<(NewPerson, Vec<PictureIn>)> {
        let person = PersonIn {
            external_id: self.external_id,
            name: self.name,
            metadata: self.metadata,
            expires_ms: self.expires_ms,
        };
        Ok((person.checked()?, self.pictures))
    }
}

/// One person, or many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, try_from = "Either")]
enum EnrolBody {
    One(EnrolIn),
    Many(BatchIn),
}

/// What either may have, so that what is wrong with it can be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Either {
    external_id: Option<String>,
    name: Option<String>,
    metadata: Option<Metadata>,
    expires_ms: Option<i64>,
    pictures: Option<Vec<PictureIn>>,
    people: Option<Vec<EnrolIn>>,
}

impl TryFrom<Either> for EnrolBody {
    type Error = &'static str;

    fn try_from(given: Either) -> Result<Self, Self::Error> {
        match given {
            Either {
                external_id: None,
                name: None,
                metadata: None,
                expires_ms: None,
                pictures: None,
                people: Some(people),
            } => Ok(Self::Many(BatchIn { people })),
            Either {
                external_id: Some(external_id),
                pictures: Some(pictures),
                people: None,
                ..
            } => Ok(Self::One(EnrolIn {
                external_id,
                name: given.name,
                metadata: given.metadata.unwrap_or_default(),
                expires_ms: given.expires_ms,
                pictures,
            })),
            _ => Err("expected external_id and pictures of one person, or people alone"),
        }
    }
}

impl Form for EnrolBody {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        let missing = || crate::upload::invalid("expected a part \"external_id\"".to_owned());
        Ok(Self::One(EnrolIn {
            external_id: parts.text("external_id").ok_or_else(missing)?,
            name: parts.text("name"),
            metadata: parts.json("metadata")?.unwrap_or_default(),
            expires_ms: parts.json("expires_ms")?,
            pictures: parts.pictures_of("picture"),
        }))
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EnrolAsked {
    /// What becomes of a face that somebody else has already; `refuse` unless said.
    #[param(inline)]
    on_duplicate: Option<Duplicates>,
    /// Whether the pictures are kept for a later model; as the server was started, unless said.
    keep_pictures: Option<bool>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Duplicates {
    Refuse,
    Warn,
    Allow,
}

/// What became of the pictures.
#[derive(Debug, Serialize, ToSchema)]
struct EnrolOut {
    /// Number of the person.
    person: u64,
    /// External id of the person.
    external_id: String,
    /// Whether the person came with these pictures.
    new: bool,
    /// One for each picture, in their order.
    pictures: Vec<PictureOut>,
}

/// Enrols pictures of one person, or of many people
///
/// For one person the answer is 201 if a template came, 200 if all were there before; pictures that were refused are in it, too.
/// If all were refused, the first one's problem is the answer. Form parts: `external_id`, `name`, `metadata`, `expires_ms`,
/// `picture` as often as wanted, and `box` before a picture. Many people are enrolled as a job, which the answer 202 names.
#[utoipa::path(post, path = "/v1/galleries/{gallery}/enrollments", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), EnrolAsked),
    request_body(content((EnrolBody = "application/json"), (EnrolIn = "multipart/form-data"))),
    responses((status = 200, body = EnrolOut), (status = 201, body = EnrolOut), (status = 202, body = JobOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn enrol(
    State(app): State<App>,
    caller: Caller,
    At(gallery): At<String>,
    Asked(asked): Asked<EnrolAsked>,
    Body(given): Body<EnrolBody>,
) -> Result<Response> {
    let shelf = app.shelf(&caller, &gallery, Scope::Enrol)?;
    let mut enrol = Enrol {
        on_duplicate: match asked.on_duplicate {
            None | Some(Duplicates::Refuse) => OnDuplicate::Refuse,
            Some(Duplicates::Warn) => OnDuplicate::Warn,
            Some(Duplicates::Allow) => OnDuplicate::Allow,
        },
        keep_pictures: asked.keep_pictures.unwrap_or(app.settings.keep_pictures),
        app,
        shelf,
        patient: false,
    };
    let (person, pictures) = match given {
        EnrolBody::One(one) => one.checked()?,
        EnrolBody::Many(many) => {
            enrol.patient = true;
            return Ok(accepted(batch::start(enrol, many)?));
        }
    };
    let external_id = person.external_id.clone();
    let Enrolled {
        number,
        new,
        pictures,
    } = enrol.person(person, pictures).await?;
    let came = pictures.iter().any(|picture| picture.new);
    let usable = pictures.iter().any(|picture| picture.template.is_some());
    let (true, Some(person)) = (usable, number) else {
        let first = pictures.into_iter().find_map(|picture| picture.problem);
        return Err(first.unwrap_or_else(|| Problem::new(Code::Internal, "nothing was enrolled")));
    };
    let status = match came {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    let enrolled = EnrolOut {
        person,
        external_id,
        new,
        pictures,
    };
    Ok((status, Json(enrolled)).into_response())
}
