//! Enrolling pictures: read, judge, embed, look for duplicates, keep.

mod duplicates;
mod list;
mod notes;
mod people;
mod prepared;

use std::path::{Path, PathBuf};

use gallery::{
    Enrolled, Gallery, KeptPicture, NEW_PERSON, NewPerson, NewTemplate, Store, number_of_added,
};
use image_stack::Region;
use near_duplicates::{DuplicatesError, Fingerprint, NearDuplicates};
use rayon::prelude::*;

pub use duplicates::OnDuplicate;
pub use list::{Boxes, entries_of_folder, entries_of_images, entries_of_list, expiry, time_text};
pub(crate) use list::{begins_as_image, sorted};
pub use prepared::{EnrolledPicture, enrol_prepared};

use crate::embedder::Embedder;
use crate::error::Result;
use crate::picture::{Fault, PictureReader, Prepared, QualityLimits, Remark};
use duplicates::Others;
use notes::Notes;

/// A picture that is to be enrolled for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Who. What is given beyond the external id replaces what was given before.
    pub person: NewPerson,
    /// An image file.
    pub path: PathBuf,
    /// The part of the image that shows the person, where it is not the whole.
    pub region: Option<Region>,
}

/// How pictures are enrolled.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct EnrolSettings {
    /// Which pictures are too poor.
    pub limits: QualityLimits,
    /// What becomes of a face that somebody else has already.
    pub on_duplicate: OnDuplicate,
    /// Whether the pictures are kept, so that a new model can be given them.
    pub keep_pictures: bool,
    /// Pictures that are read, embedded and kept at a time.
    pub at_once: usize,
}

impl EnrolSettings {
    /// With these limits; duplicates are refused, no pictures kept, 64 read at a time.
    #[must_use]
    pub fn new(limits: QualityLimits) -> Self {
        Self {
            limits,
            on_duplicate: OnDuplicate::Refuse,
            keep_pictures: false,
            at_once: 64,
        }
    }
}

/// What became of pictures that were to be enrolled.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Enrolment {
    /// Templates that came.
    pub templates: usize,
    /// Pictures that their person had a template of already.
    pub known: usize,
    /// People who came.
    pub people: usize,
    /// People of whom something else changed: name, metadata or expiry.
    pub changed: usize,
    /// Pictures that were not enrolled, and why.
    pub rejected: Vec<Rejected>,
    /// What a user should be told.
    pub said: Vec<Said>,
}

/// A picture that was not enrolled.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejected {
    /// The file.
    pub path: PathBuf,
    /// External id of the person.
    pub person: String,
    /// Why not.
    pub fault: Fault,
}

/// Something that a user should be told of an enrolment.
#[derive(Debug)]
#[non_exhaustive]
pub enum Said {
    /// A picture is odd.
    Odd {
        /// The file.
        path: PathBuf,
        /// How.
        remark: Remark,
    },
    /// A face that somebody else has already was enrolled all the same.
    Duplicate {
        /// The file.
        path: PathBuf,
        /// External id of its person.
        person: String,
        /// What it would have been rejected for.
        fault: Fault,
    },
    /// Two pictures are nearly equal.
    NearlyEqual {
        /// Files and external ids.
        pictures: [(PathBuf, String); 2],
    },
    /// More pictures are nearly equal than can be named.
    TooManyNearlyEqual,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Odd { path, remark } => write!(f, "{}: {remark}", path.display()),
            Self::Duplicate {
                path,
                person,
                fault,
            } => write!(
                f,
                "{}: enrolled for {person:?}, though {fault}",
                path.display()
            ),
            Self::TooManyNearlyEqual => f.write_str(
                "more than a million pairs of pictures are nearly the same: is this a film? Enrol a few pictures of each person",
            ),
            Self::NearlyEqual {
                pictures: [(first, one), (second, other)],
            } => {
                let (first, second) = (first.display(), second.display());
                write!(f, "{first} and {second} are nearly the same picture, ")?;
                match one == other {
                    true => write!(f, "so one of them adds nothing for {one:?}"),
                    false => write!(
                        f,
                        "but stand under two people, {one:?} and {other:?}: look at them"
                    ),
                }
            }
        }
    }
}

/// Enrols pictures, some at a time, and tells `progress` after each time how many are done. What was told is kept, however
/// the process ends; a second call with the same pictures changes nothing.
///
/// # Errors
/// [`Error::Gallery`](crate::Error::Gallery) where the gallery cannot be written, or has moved to another model meanwhile.
/// What is wrong with single pictures is in the [`Enrolment`].
pub fn enrol<S: Store>(
    gallery: &mut Gallery<S>,
    embedder: &Embedder,
    entries: &[Entry],
    settings: &EnrolSettings,
    now_ms: i64,
    progress: &mut dyn FnMut(usize),
) -> Result<Enrolment> {
    let key = gallery.store().digest_key().clone();
    let reader = PictureReader::new(embedder.recipe(), &key, settings.limits)
        .knowing(embedder.domain())
        .keeping(settings.keep_pictures);
    let mut found = Enrolment::default();
    let mut notes = Notes::of(gallery)?;
    let mut seen: Vec<(Fingerprint, usize)> = Vec::new();
    for (at, batch) in entries.chunks(settings.at_once.max(1)).enumerate() {
        let first = at * settings.at_once.max(1);
        let pictures: Vec<Result<Prepared, Fault>> = batch
            .par_iter()
            .map(|entry| reader.of_file(&entry.path, entry.region))
            .collect();
        let planes = pictures.iter().flatten().map(|picture| &picture.planes);
        let vectors = embedder.embed(&planes.collect::<Vec<_>>())?;
        gallery.refresh()?;
        let mut rejected = Vec::new();
        let mut step = Step {
            contract: &embedder.contract().digest,
            others: Others::new(embedder.units(), settings.on_duplicate),
            now_ms,
            people: Vec::new(),
            new: Vec::new(),
            kept: Vec::new(),
        };
        let mut vectors = vectors.into_iter();
        for (number, (entry, picture)) in (first..).zip(batch.iter().zip(pictures)) {
            let taken = match picture {
                Ok(picture) => {
                    let (fingerprint, digest) = (picture.fingerprint.clone(), picture.digest);
                    let vector = vectors.next().unwrap_or_default();
                    let taken = step.take(gallery, entry, picture, vector, &mut found)?;
                    if taken.is_ok() {
                        notes.enrolled(gallery, digest, &entry.person.external_id)?;
                    }
                    taken.map(|()| seen.push((fingerprint, number)))
                }
                Err(fault) => Err(fault),
            };
            if let Err(fault) = taken {
                rejected.push((entry, fault));
            }
        }
        let enrolled = step.keep(gallery)?;
        // Afterwards, when the people are there.
        for (entry, fault) in rejected {
            notes.note(gallery, &reader, entry, &fault, now_ms)?;
            found.rejected.push(Rejected {
                path: entry.path.clone(),
                person: entry.person.external_id.clone(),
                fault,
            });
        }
        found.templates += enrolled.iter().filter(|one| one.new).count();
        found.known += enrolled.iter().filter(|one| !one.new).count();
        progress(first + batch.len());
    }
    found.said.extend(nearly_equal(entries, &seen)?);
    Ok(found)
}

/// What is made of the pictures that are read at a time.
struct Step<'a> {
    /// Of the model that made the vectors.
    contract: &'a str,
    others: Others,
    now_ms: i64,
    /// Who is not there yet.
    people: Vec<NewPerson>,
    new: Vec<NewTemplate>,
    kept: Vec<KeptPicture>,
}

impl Step<'_> {
    /// Makes a template of a picture, or says why not.
    fn take<S: Store>(
        &mut self,
        gallery: &mut Gallery<S>,
        entry: &Entry,
        picture: Prepared,
        vector: Vec<f32>,
        found: &mut Enrolment,
    ) -> Result<Result<(), Fault>> {
        gallery.check_contract(self.contract)?;
        let metric = gallery.generation().made_for.metric;
        if let Err(error) = metric.score(&vector, &vector) {
            return Ok(Err(Fault::Embedding(error)));
        }
        let duplicate = self.others.find(gallery, entry, picture.digest, &vector)?;
        if let Some((fault, refused)) = duplicate {
            if refused {
                return Ok(Err(fault));
            }
            found.said.push(Said::Duplicate {
                path: entry.path.clone(),
                person: entry.person.external_id.clone(),
                fault,
            });
        }
        let person = people::number(gallery, &entry.person, &mut self.people, self.now_ms, found)?;
        self.others
            .add(&entry.person.external_id, picture.digest, &vector);
        let quality = picture.quality_by_name();
        if let Some(bytes) = picture.file
            && (person >= NEW_PERSON
                || gallery
                    .store()
                    .kept_picture(person, &picture.digest)?
                    .is_none())
        {
            self.kept.push(KeptPicture {
                person,
                picture: picture.digest,
                bytes,
            });
        }
        self.new.push(NewTemplate {
            person,
            generation: gallery.generation().number,
            vector,
            picture: picture.digest,
            quality,
        });
        let odd = picture.remarks.into_iter();
        found.said.extend(odd.map(|remark| Said::Odd {
            path: entry.path.clone(),
            remark,
        }));
        Ok(Ok(()))
    }

    /// Keeps the templates in the generation that is active now, if it is still one of the same model. Gives one for each picture
    /// that was taken, in their order.
    fn keep<S: Store>(mut self, gallery: &mut Gallery<S>) -> Result<Vec<Enrolled>> {
        gallery.refresh()?;
        gallery.check_contract(self.contract)?;
        let generation = gallery.generation().number;
        for new in &mut self.new {
            new.generation = generation;
        }
        let (added, enrolled) = gallery.enrol_with(&self.people, self.new, self.now_ms)?;
        for kept in &mut self.kept {
            kept.person = number_of_added(kept.person, &added);
        }
        if !self.kept.is_empty() {
            gallery.store_mut().keep_pictures(&self.kept)?;
        }
        Ok(enrolled)
    }
}

/// Pictures of this enrolment that are nearly equal, where they are not the very same file twice.
fn nearly_equal(entries: &[Entry], seen: &[(Fingerprint, usize)]) -> Result<Vec<Said>> {
    let fingerprints: Vec<Fingerprint> = seen.iter().map(|(print, _)| print.clone()).collect();
    let pairs = match NearDuplicates::default().within(&fingerprints) {
        Err(DuplicatesError::TooManyPairs { .. }) => return Ok(vec![Said::TooManyNearlyEqual]),
        pairs => pairs?,
    };
    let of = |place: usize| {
        let entry = &entries[seen[place].1];
        (entry.path.clone(), entry.person.external_id.clone())
    };
    Ok(pairs
        .into_iter()
        .map(|pair| [of(pair.first), of(pair.second)])
        .filter(|[first, second]| first != second)
        .map(|pictures| Said::NearlyEqual { pictures })
        .collect())
}

/// The name of a folder or file, as text.
fn name_of(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}
