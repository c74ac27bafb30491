//! Moving a gallery to a new model.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gallery::{NewTemplate, PictureDigest, Store};
use rayon::prelude::*;
use siamese_net::Recipe;

use crate::embedder::Embedder;
use crate::enrol::Entry;
use crate::error::Result;
use crate::picture::{Fault, PictureReader, Prepared, QualityLimits};

/// How a gallery is moved to a new model.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Reembedding {
    /// Images to look for the pictures in that the gallery did not keep. They are known again by their pixels, whatever they
    /// are called and whomever their entries name.
    pub images: Vec<Entry>,
    /// Whether the move is made though pictures are missing: their templates stay behind.
    pub leave_out: bool,
    /// Whether all generations but the active one are deleted at the end, and what only they need.
    pub prune: bool,
    /// Whether the new templates are only made, and the old ones go on being searched: a later move, which finds them, is short.
    pub prepare_only: bool,
    /// Set to true by another thread, it breaks the move off after the pictures that are being embedded.
    pub stop: Arc<AtomicBool>,
}

/// What became of a move.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Reembedded {
    /// Templates that were made.
    pub made: usize,
    /// Templates of the new model that were there already, from a move that was broken off or from before.
    pub known: usize,
    /// Templates of the old model of whose pictures none could be made.
    pub missing: Vec<Missing>,
    /// External ids of the people who have no template of the new model.
    pub without: Vec<String>,
    /// Whether the new model's templates are the ones that are searched.
    pub active: bool,
    /// Whether the new generation has a calibration.
    pub calibrated: bool,
    /// Generations that were deleted.
    pub pruned: Vec<u64>,
}

/// A template of the old model that has none of the new one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Missing {
    /// Number of the old template.
    pub template: u64,
    /// External id of its person.
    pub person: String,
    /// What is wrong with its picture; nothing where no picture was found.
    pub fault: Option<Fault>,
}

/// A template that is to be made anew.
struct Wanted {
    template: u64,
    person: u64,
    picture: PictureDigest,
}

/// Pictures that are read and embedded at a time.
const AT_ONCE: usize = 64;

impl Reembedding {
    /// Makes templates of `new` from the pictures of all templates in use, beside these, and then swaps them in at once: a
    /// search finds either the old or the new ones. A move that is broken off goes on where it was. With a model that the
    /// gallery had before, only what came since is made; with the same model under another fusion, templates are copied.
    ///
    /// `old` is the recipe of the model in use, by which pictures were read.
    ///
    /// # Errors
    /// [`Error::Gallery`](crate::Error::Gallery) where the gallery cannot be written. What is wrong with single pictures is
    /// in [`Reembedded::missing`].
    pub fn run<S: Store>(
        &self,
        store: &mut S,
        old: &Recipe,
        new: &Embedder,
        now_ms: i64,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Reembedded> {
        let mut found = Reembedded::default();
        let from = store.active_generation()?;
        let to = begin(store, new, now_ms)?;
        if from.number != to && from.made_for.contract == new.contract().digest {
            if self.prepare_only {
                return Ok(found);
            }
            found.made = copy(store, from.number, to, now_ms)?;
            store.activate_generation(to, now_ms)?;
        } else if from.number != to {
            let wanted = self.wanted(store, from.number, to, &mut found)?;
            let files = self.files(store, old, &wanted)?;
            let all = wanted.len();
            for (at, batch) in wanted.chunks(AT_ONCE).enumerate() {
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(found);
                }
                make(store, new, (batch, to), &files, now_ms, &mut found)?;
                progress(at * AT_ONCE + batch.len(), all);
            }
            found.without = without(store, to)?;
            if self.prepare_only {
                return Ok(found);
            }
            if found.missing.is_empty() || self.leave_out {
                store.activate_generation(to, now_ms)?;
            }
        }
        let active = store.active_generation()?;
        found.active = active.number == to;
        found.calibrated = active.calibration.is_some();
        if self.prune && found.active {
            for generation in store.generations()? {
                if generation.number != to {
                    store.prune_generation(generation.number, now_ms)?;
                    found.pruned.push(generation.number);
                }
            }
        }
        Ok(found)
    }

    /// The old templates that have no new one yet.
    fn wanted<S: Store>(
        &self,
        store: &S,
        from: u64,
        to: u64,
        found: &mut Reembedded,
    ) -> Result<Vec<Wanted>> {
        let mut there = HashSet::new();
        store.each_template(to, &mut |template| {
            there.insert((template.given.person, template.given.picture));
            Ok(())
        })?;
        let mut wanted = Vec::new();
        store.each_template(from, &mut |template| {
            let (person, picture) = (template.given.person, template.given.picture);
            match there.contains(&(person, picture)) {
                true => found.known += 1,
                false => wanted.push(Wanted {
                    template: template.id,
                    person,
                    picture,
                }),
            }
            Ok(())
        })?;
        Ok(wanted)
    }

    /// Where the pictures are that the gallery did not keep. Images are looked at only if one is missing.
    fn files<S: Store>(
        &self,
        store: &S,
        old: &Recipe,
        wanted: &[Wanted],
    ) -> Result<HashMap<PictureDigest, &Entry>> {
        let mut all_kept = true;
        for one in wanted {
            all_kept &= store.kept_picture(one.person, &one.picture)?.is_some();
        }
        if all_kept {
            return Ok(HashMap::new());
        }
        let reader = PictureReader::new(old, store.digest_key(), QualityLimits::none());
        let digest = |entry: &'_ Entry| reader.digest_of_file(&entry.path, entry.region).ok();
        let digests: Vec<Option<PictureDigest>> = self.images.par_iter().map(digest).collect();
        let pairs = digests.into_iter().zip(&self.images);
        Ok(pairs
            .filter_map(|(digest, entry)| Some((digest?, entry)))
            .collect())
    }
}

/// The generation of the new model: one that is there, or a new one, with the model and, where its file holds one, its
/// calibration in place of an earlier one.
fn begin<S: Store>(store: &mut S, new: &Embedder, now_ms: i64) -> Result<u64> {
    let made_for = new.generation();
    let there = store
        .generations()?
        .into_iter()
        .rfind(|generation| generation.made_for == made_for);
    let (number, calibration) = match there {
        Some(there) => (there.number, there.calibration),
        None => (store.add_generation(&made_for, now_ms)?, None),
    };
    if store.model(&made_for.contract)?.is_none() {
        store.put_model(&made_for.contract, new.bytes())?;
    }
    if new.calibration().is_some() && calibration.as_ref() != new.calibration() {
        store.set_calibration(number, new.calibration(), now_ms)?;
    }
    Ok(number)
}

/// Copies the templates of a generation to another one of the same model, which only fuses them otherwise.
fn copy<S: Store>(store: &mut S, from: u64, to: u64, now_ms: i64) -> Result<usize> {
    let mut templates = Vec::new();
    store.each_template(from, &mut |template| {
        templates.push(NewTemplate {
            generation: to,
            ..template.given
        });
        Ok(())
    })?;
    Ok(store.enrol(&templates, now_ms)?.len())
}

/// Makes the templates of some pictures.
fn make<S: Store>(
    store: &mut S,
    new: &Embedder,
    (wanted, generation): (&[Wanted], u64),
    files: &HashMap<PictureDigest, &Entry>,
    now_ms: i64,
    found: &mut Reembedded,
) -> Result<()> {
    let reader = PictureReader::new(new.recipe(), store.digest_key(), QualityLimits::none());
    let mut kept = Vec::with_capacity(wanted.len());
    for one in wanted {
        kept.push(store.kept_picture(one.person, &one.picture)?);
    }
    let read = |(one, kept): (&Wanted, Option<Vec<u8>>)| -> Option<Result<Prepared, Fault>> {
        match (kept, files.get(&one.picture)) {
            (Some(bytes), _) => Some(reader.of_bytes(bytes, None)),
            (None, Some(entry)) => Some(reader.of_file(&entry.path, entry.region)),
            (None, None) => None,
        }
    };
    let pictures: Vec<_> = wanted.par_iter().zip(kept).map(read).collect();
    let planes = pictures
        .iter()
        .flatten()
        .flatten()
        .map(|picture| &picture.planes);
    let mut vectors = new.embed(&planes.collect::<Vec<_>>())?.into_iter();
    let metric = new.units().metric();
    let mut templates = Vec::new();
    for (one, picture) in wanted.iter().zip(pictures) {
        let fault = match picture {
            Some(Ok(picture)) => {
                let vector = vectors.next().unwrap_or_default();
                match metric.score(&vector, &vector) {
                    Ok(_) => {
                        templates.push(NewTemplate {
                            person: one.person,
                            generation,
                            vector,
                            picture: one.picture,
                            quality: picture.quality_by_name(),
                        });
                        continue;
                    }
                    Err(error) => Some(Fault::Embedding(error)),
                }
            }
            Some(Err(fault)) => Some(fault),
            None => None,
        };
        let person = store.person(one.person)?;
        found.missing.push(Missing {
            template: one.template,
            person: person.map_or_else(String::new, |person| person.given.external_id),
            fault,
        });
    }
    found.made += store.enrol(&templates, now_ms)?.len();
    Ok(())
}

/// People without a template of a generation.
fn without<S: Store>(store: &S, generation: u64) -> Result<Vec<String>> {
    let mut with = HashSet::new();
    store.each_template(generation, &mut |template| {
        with.insert(template.given.person);
        Ok(())
    })?;
    let people = store.people()?.into_iter();
    Ok(people
        .filter(|person| !with.contains(&person.number))
        .map(|person| person.given.external_id)
        .collect())
}

/// Images of a folder at any depth, for [`Reembedding::images`]; the name of the person in them says nothing.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io).
pub fn images_below(folder: &std::path::Path) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in crate::enrol::sorted(&folder)? {
            match path.is_dir() && !path.is_symlink() {
                true => folders.push(path),
                false if crate::enrol::begins_as_image(&path) => images.push(path),
                false => {}
            }
        }
    }
    Ok(images)
}
