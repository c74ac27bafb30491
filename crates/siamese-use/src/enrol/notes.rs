//! What a gallery notes of pictures that could not be enrolled.

use std::collections::HashMap;

use gallery::{Gallery, PictureDigest, Rejection, Store};

use super::Entry;
use crate::error::Result;
use crate::picture::{Fault, PictureReader};

/// The notes of a gallery, and for whom those of this enrolment are that name nobody yet.
pub(super) struct Notes {
    noted: HashMap<PictureDigest, Rejection>,
    waiting: HashMap<String, Vec<PictureDigest>>,
}

impl Notes {
    pub(super) fn of<S: Store>(gallery: &Gallery<S>) -> Result<Self> {
        let all = gallery.store().rejections()?.into_iter();
        Ok(Self {
            noted: all.map(|note| (note.picture, note)).collect(),
            waiting: HashMap::new(),
        })
    }

    /// Notes that a picture could not be enrolled, unless it is noted. One that cannot be read is known by its bytes.
    pub(super) fn note<S: Store>(
        &mut self,
        gallery: &mut Gallery<S>,
        reader: &PictureReader<'_>,
        entry: &Entry,
        fault: &Fault,
        at_ms: i64,
    ) -> Result<()> {
        let picture = match reader.digest_of_file(&entry.path, entry.region) {
            Ok(picture) => picture,
            Err(_) => match std::fs::read(&entry.path) {
                Ok(bytes) => gallery.digest(&bytes),
                Err(_) => return Ok(()),
            },
        };
        let id = &entry.person.external_id;
        let person = gallery.store().person_by_external_id(id)?;
        let person = person.map(|person| person.number);
        if person.is_none() {
            self.waiting.entry(id.clone()).or_default().push(picture);
        }
        let reason = fault.noted();
        let known = self.noted.get(&picture).is_some_and(|note| {
            note.reason == reason && (note.person.is_some() || person.is_none())
        });
        if known {
            return Ok(());
        }
        self.keep(
            gallery,
            Rejection {
                person,
                picture,
                reason,
                at_ms,
            },
        )
    }

    /// A picture of a person is enrolled: it is noted no more, and earlier notes for the person name the person from now on,
    /// so that they are forgotten together.
    pub(super) fn enrolled<S: Store>(
        &mut self,
        gallery: &mut Gallery<S>,
        picture: PictureDigest,
        external_id: &str,
    ) -> Result<()> {
        self.noted.remove(&picture);
        let Some(waiting) = self.waiting.remove(external_id) else {
            return Ok(());
        };
        let person = gallery.store().person_by_external_id(external_id)?;
        let person = person.map(|person| person.number);
        for picture in waiting {
            let unnamed = self.noted.get(&picture);
            if let Some(note) = unnamed.filter(|note| note.person.is_none()) {
                let note = Rejection {
                    person,
                    ..note.clone()
                };
                self.keep(gallery, note)?;
            }
        }
        Ok(())
    }

    fn keep<S: Store>(&mut self, gallery: &mut Gallery<S>, note: Rejection) -> Result<()> {
        gallery.store_mut().reject(&note)?;
        self.noted.insert(note.picture, note);
        Ok(())
    }
}
