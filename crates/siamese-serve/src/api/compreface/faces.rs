//! `/api/v1/recognition/faces`: the examples of subjects.

use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use gallery::{Store, Template};
use serde::{Deserialize, Serialize};
use siamese_use::OnDuplicate;
use uuid::Uuid;

use super::answers::{FileIn, image_id, template_of};
use super::collection::{Collection, number, subject};
use super::subjects::{Deleted, person};
use crate::api::enrol::Enrol;
use crate::api::templates::media_type;
use crate::app::App;
use crate::clock::now_ms;
use crate::problem::{Code, Problem, Result};
use crate::shelf::Served;
use crate::upload::{Asked, At, Body, invalid};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/api/v1/recognition/faces",
            get(list).post(add).delete(delete_of),
        )
        .route("/api/v1/recognition/faces/delete", post(delete_several))
        .route("/api/v1/recognition/faces/{image_id}", delete(delete_one))
        .route("/api/v1/recognition/faces/{image_id}/img", get(picture))
}

#[derive(Debug, Deserialize)]
struct OfSubject {
    subject: String,
}

#[derive(Debug, Deserialize)]
struct PageAsked {
    #[serde(default)]
    page: usize,
    #[serde(default)]
    size: Option<usize>,
    #[serde(default)]
    subject: Option<String>,
}

/// An example of a subject.
#[derive(Debug, Serialize)]
struct Face {
    image_id: Uuid,
    subject: String,
}

#[derive(Debug, Serialize)]
struct Faces {
    faces: Vec<Face>,
    page_number: usize,
    page_size: usize,
    total_pages: usize,
    total_elements: usize,
}

/// Template and person of all examples, or of those of a subject, in order of the templates.
fn all(gallery: &Served, subject: Option<&str>) -> Result<Vec<(u64, u64)>> {
    let Some(subject) = subject else {
        let mut all = gallery.searched()?;
        all.sort_unstable();
        return Ok(all);
    };
    let person = number(gallery, subject)?;
    let generation = gallery.generation().number;
    let own = gallery.store().templates_of(person, generation)?;
    Ok(own.iter().map(|template| (template.id, person)).collect())
}

async fn list(collection: Collection, Asked(asked): Asked<PageAsked>) -> Result<Json<Faces>> {
    let size = asked.size.unwrap_or(20);
    if !(1..=1000).contains(&size) {
        return Err(invalid(format!("size is {size}, expected 1 to 1000")));
    }
    let listed = collection.shelf.work(move |gallery| {
        let all = all(gallery, asked.subject.as_deref())?;
        let page = all.iter().skip(asked.page.saturating_mul(size)).take(size);
        let faces = page.map(|&(template, person)| Face {
            image_id: image_id(template),
            subject: subject(gallery, person),
        });
        Ok(Faces {
            faces: faces.collect(),
            page_number: asked.page,
            page_size: size,
            total_pages: all.len().div_ceil(size),
            total_elements: all.len(),
        })
    });
    Ok(Json(listed.await?))
}

/// Adds an example. As with CompreFace, the same face may be enrolled for several subjects.
async fn add(
    collection: Collection,
    Asked(OfSubject { subject }): Asked<OfSubject>,
    Body(FileIn { file }): Body<FileIn>,
) -> Result<(StatusCode, Json<Face>)> {
    let Collection { app, shelf, .. } = collection.for_change()?;
    let enrol = Enrol {
        keep_pictures: app.settings.keep_pictures,
        app,
        shelf,
        on_duplicate: OnDuplicate::Allow,
        patient: false,
    };
    let enrolled = enrol.person(person(subject.clone())?, vec![file]).await?;
    let picture = enrolled.pictures.into_iter().next();
    let lost = || Problem::new(Code::Internal, "the picture was lost");
    let picture = picture.ok_or_else(lost)?;
    let template = picture
        .template
        .ok_or_else(|| picture.problem.unwrap_or_else(lost))?;
    let face = Face {
        image_id: image_id(template),
        subject,
    };
    Ok((StatusCode::CREATED, Json(face)))
}

/// The template of an image id.
pub(super) fn template(gallery: &Served, image: Uuid) -> Result<Template> {
    let found = gallery.store().template(template_of(image)?)?;
    let now = gallery.generation().number;
    let found = found.filter(|found| found.given.generation == now);
    found.ok_or_else(|| Problem::not_found(&format!("image {image}")))
}

fn deleted(gallery: &mut Served, image: Uuid) -> Result<Face> {
    let found = template(gallery, image)?;
    gallery.delete_template(found.id, now_ms())?;
    Ok(Face {
        image_id: image,
        subject: subject(gallery, found.given.person),
    })
}

async fn delete_one(collection: Collection, At(image): At<Uuid>) -> Result<Json<Face>> {
    let collection = collection.for_change()?;
    let deleted = collection
        .shelf
        .work(move |gallery| deleted(gallery, image));
    Ok(Json(deleted.await?))
}

/// Deletes several examples, and gives those that were there.
async fn delete_several(
    collection: Collection,
    images: Result<Json<Vec<Uuid>>, JsonRejection>,
) -> Result<Json<Vec<Face>>> {
    let Json(images) = images.map_err(|error| invalid(error.body_text()))?;
    let collection = collection.for_change()?;
    let mut gone = Vec::new();
    // One by one, so that others are answered meanwhile.
    for image in images {
        let one = collection
            .shelf
            .work(move |gallery| deleted(gallery, image));
        match one.await {
            Err(problem) if problem.code == Code::NotFound => {}
            one => gone.push(one?),
        }
    }
    Ok(Json(gone))
}

/// Deletes the examples of a subject, or of all.
async fn delete_of(
    collection: Collection,
    Asked(asked): Asked<PageAsked>,
) -> Result<Json<Deleted>> {
    let collection = collection.for_change()?;
    let found = collection
        .shelf
        .work(move |gallery| all(gallery, asked.subject.as_deref()));
    let mut count = 0;
    for (template, _) in found.await? {
        let one = collection.shelf.work(move |gallery| {
            match gallery.delete_template(template, now_ms()) {
                Err(gallery::Error::Unknown { .. }) => Ok(0),
                done => Ok(done.map(|()| 1)?),
            }
        });
        count += one.await?;
    }
    Ok(Json(Deleted { deleted: count }))
}

/// The picture of an example, if it was kept.
async fn picture(collection: Collection, At(image): At<Uuid>) -> Result<Response> {
    let kept = collection.shelf.work(move |gallery| {
        let found = template(gallery, image)?;
        let store = gallery.store();
        Ok(store.kept_picture(found.given.person, &found.given.picture)?)
    });
    let bytes = kept
        .await?
        .ok_or_else(|| Problem::not_found("picture: it was not kept"))?;
    Ok(([(header::CONTENT_TYPE, media_type(&bytes))], bytes).into_response())
}
