//! Enrolling pictures.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gallery::{Metadata, Store};
use serde::{Deserialize, Serialize};
use siamese_use::{
    EnrolSettings, EnrolledPicture, OnDuplicate, QualityLimits, Said, enrol_prepared,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers;
use super::persons::PersonIn;
use crate::access::Caller;
use crate::app::{App, Embedded, HowRead};
use crate::clock::now_ms;
use crate::keys::Scope;
use crate::problem::{Code, Problem, Result};
use crate::shelf::Served;
use crate::upload::{Asked, At, Body, Form, Parted, PictureIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(enrol))
}

/// A person with pictures. What is given beyond the external id replaces what was given before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnrolIn {
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

impl Form for EnrolIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        let missing = || crate::upload::invalid("expected a part \"external_id\"".to_owned());
        Ok(Self {
            external_id: parts.text("external_id").ok_or_else(missing)?,
            name: parts.text("name"),
            metadata: parts.json("metadata")?.unwrap_or_default(),
            expires_ms: parts.json("expires_ms")?,
            pictures: parts.pictures_of("picture"),
        })
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

#[derive(Debug, Serialize, ToSchema)]
struct PictureOut {
    /// Number of its template; absent where it was refused.
    template: Option<u64>,
    /// Whether the template is new; if not, the person had one of the very same picture.
    new: bool,
    /// What is odd about it.
    remarks: Vec<String>,
    /// Why it was refused.
    problem: Option<Problem>,
}

/// Enrols pictures of one person
///
/// The answer is 201 if a template came, 200 if all were there before; pictures that were refused are in it, too. If all were
/// refused, the first one's problem is the answer. Form parts: `external_id`, `name`, `metadata`, `expires_ms`, `picture` as
/// often as wanted, and `box` before a picture.
#[utoipa::path(post, path = "/v1/galleries/{gallery}/enrollments", tag = "people",
    params(("gallery" = String, Path, description = "Name of the gallery"), EnrolAsked),
    request_body(content((EnrolIn = "application/json"), (EnrolIn = "multipart/form-data"))),
    responses((status = 200, body = EnrolOut), (status = 201, body = EnrolOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn enrol(
    State(app): State<App>,
    caller: Caller,
    At(gallery): At<String>,
    Asked(asked): Asked<EnrolAsked>,
    Body(given): Body<EnrolIn>,
) -> Result<(StatusCode, Json<EnrolOut>)> {
    let shelf = app.shelf(&caller, &gallery, Scope::Enrol)?;
    let EnrolIn {
        external_id,
        name,
        metadata,
        expires_ms,
        pictures,
    } = given;
    let person = PersonIn {
        external_id,
        name,
        metadata,
        expires_ms,
    }
    .checked()?;
    let engine = shelf.engine();
    let embedder = engine.embedder().clone();
    let limits = QualityLimits::of_recipe(embedder.recipe());
    let mut settings = EnrolSettings::new(limits);
    settings.on_duplicate = match asked.on_duplicate {
        None | Some(Duplicates::Refuse) => OnDuplicate::Refuse,
        Some(Duplicates::Warn) => OnDuplicate::Warn,
        Some(Duplicates::Allow) => OnDuplicate::Allow,
    };
    settings.keep_pictures = asked.keep_pictures.unwrap_or(app.settings.keep_pictures);

    let how = HowRead {
        limits,
        keeps: settings.keep_pictures,
    };
    let read = app.embed_all(&engine, shelf.key(), how, pictures).await?;
    let mut faults: Vec<Option<Problem>> = Vec::with_capacity(read.len());
    let mut usable: Vec<Embedded> = Vec::new();
    for picture in read {
        match picture {
            Ok(embedded) => {
                usable.push(embedded);
                faults.push(None);
            }
            Err(fault) => faults.push(Some(fault.into())),
        }
    }
    let contract = embedder.contract().digest.clone();
    let enrolled = shelf
        .work_with_vectors(contract, move |gallery| {
            let find =
                |gallery: &Served| gallery.store().person_by_external_id(&person.external_id);
            let new = find(gallery)?.is_none();
            let enrolled =
                enrol_prepared(gallery, &embedder, &person, usable, &settings, now_ms())?;
            let number = find(gallery)?.map(|found| found.number);
            Ok((number, new, person.external_id, enrolled))
        })
        .await?;
    let (number, new, external_id, enrolled) = enrolled;
    let pictures = merged(faults, enrolled);
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
    Ok((
        status,
        Json(EnrolOut {
            person,
            external_id,
            new,
            pictures,
        }),
    ))
}

/// What became of all pictures, in their order: those that could not be read, and the others.
fn merged(faults: Vec<Option<Problem>>, enrolled: Vec<EnrolledPicture>) -> Vec<PictureOut> {
    let mut enrolled = enrolled.into_iter();
    let refused = |problem| PictureOut {
        template: None,
        new: false,
        remarks: Vec::new(),
        problem: Some(problem),
    };
    let one = |fault| match fault {
        Some(problem) => refused(problem),
        None => match enrolled.next() {
            Some(Ok((enrolled, said))) => PictureOut {
                template: Some(enrolled.id),
                new: enrolled.new,
                remarks: said.iter().map(remark).collect(),
                problem: None,
            },
            Some(Err(fault)) => refused(fault.into()),
            None => refused(Problem::new(Code::Internal, "the picture was lost")),
        },
    };
    faults.into_iter().map(one).collect()
}

/// Without the picture's number, which its place says.
fn remark(said: &Said) -> String {
    match said {
        Said::Odd { remark, .. } => answers::remark(remark),
        Said::Duplicate { fault, .. } => Problem::from(fault).detail().to_owned(),
        other => other.to_string(),
    }
}
