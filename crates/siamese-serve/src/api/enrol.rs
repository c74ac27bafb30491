//! Enrolling a person: read, embed, put into the gallery.

use std::sync::Arc;

use gallery::{NewPerson, Store};
use serde::Serialize;
use siamese_use::{
    EnrolSettings, EnrolledPicture, OnDuplicate, QualityLimits, Said, enrol_prepared,
};
use utoipa::ToSchema;

use super::answers;
use crate::app::{App, Embedded, HowRead};
use crate::clock::now_ms;
use crate::problem::{Code, Problem, Result};
use crate::shelf::{Served, Shelf};
use crate::upload::PictureIn;

/// Where and how people are enrolled.
pub(super) struct Enrol {
    pub(super) app: App,
    pub(super) shelf: Arc<Shelf>,
    pub(super) on_duplicate: OnDuplicate,
    pub(super) keep_pictures: bool,
    /// Whether it waits where there is much to embed.
    pub(super) patient: bool,
}

/// A person who was enrolled, if any picture was fit.
pub(super) struct Enrolled {
    /// Number of the person, who may have been there before.
    pub(super) number: Option<u64>,
    /// Whether the person came with these pictures.
    pub(super) new: bool,
    /// What became of the pictures, in their order.
    pub(super) pictures: Vec<PictureOut>,
}

/// What became of a picture.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PictureOut {
    /// Number of its template; absent where it was refused.
    pub(super) template: Option<u64>,
    /// Whether the template is new; if not, the person had one of the very same picture.
    pub(super) new: bool,
    /// What is odd about it.
    remarks: Vec<String>,
    /// Why it was refused.
    pub(super) problem: Option<Problem>,
}

impl Enrol {
    pub(super) async fn person(
        &self,
        person: NewPerson,
        pictures: Vec<PictureIn>,
    ) -> Result<Enrolled> {
        let engine = self.shelf.engine();
        let embedder = engine.embedder().clone();
        let limits = QualityLimits::usual(embedder.recipe(), embedder.domain());
        let mut settings = EnrolSettings::new(limits);
        settings.on_duplicate = self.on_duplicate;
        settings.keep_pictures = self.keep_pictures;
        let how = HowRead {
            limits,
            keeps: self.keep_pictures,
            patient: self.patient,
        };
        let read = self
            .app
            .embed_all(&engine, self.shelf.key(), how, pictures)
            .await?;
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
        let enrolled = self.shelf.work_with_vectors(contract, move |gallery| {
            let find =
                |gallery: &Served| gallery.store().person_by_external_id(&person.external_id);
            let new = find(gallery)?.is_none();
            let enrolled =
                enrol_prepared(gallery, &embedder, &person, usable, &settings, now_ms())?;
            let number = find(gallery)?.map(|found| found.number);
            Ok((number, new, enrolled))
        });
        let (number, new, enrolled) = enrolled.await?;
        Ok(Enrolled {
            number,
            new,
            pictures: merged(faults, enrolled),
        })
    }
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
