//! Faces that somebody else has already.

use std::collections::{BTreeMap, HashMap, HashSet};

use gallery::{Gallery, PictureDigest, Probe, Store};

use verification_figures::Outcome;

use super::Entry;
use crate::error::Result;
use crate::picture::Fault;
use crate::units::Units;

/// What becomes of a picture whose face somebody else has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDuplicate {
    /// It is not enrolled.
    #[default]
    Refuse,
    /// It is enrolled, and said.
    Warn,
    /// It is enrolled.
    Allow,
}

/// A face that is alike is a duplicate by itself where at most this share of searches for strangers finds somebody.
const STRICT_FPIR: f64 = 0.01;

/// Where the gallery's calibration shows no rate as small as that, but this one, it is said, and the picture enrolled. Where
/// it does not show this either, faces that are alike say nothing.
const LAX_FPIR: f64 = 0.1;

/// Looks for other people with the same picture or face, among those of the gallery and those of the same step.
pub(super) struct Others {
    units: Units,
    on_duplicate: OnDuplicate,
    pending: HashMap<PictureDigest, Vec<String>>,
    vectors: Vec<(String, Vec<f32>)>,
}

impl Others {
    pub(super) fn new(units: Units, on_duplicate: OnDuplicate) -> Self {
        Self {
            units,
            on_duplicate,
            pending: HashMap::new(),
            vectors: Vec::new(),
        }
    }

    /// Remembers what will be in the gallery at the end of the step.
    pub(super) fn add(&mut self, person: &str, picture: PictureDigest, vector: &[f32]) {
        if self.on_duplicate != OnDuplicate::Allow {
            self.pending
                .entry(picture)
                .or_default()
                .push(person.to_owned());
            self.vectors.push((person.to_owned(), vector.to_vec()));
        }
    }

    /// Who else has the picture or the face, and whether the picture is refused for it.
    pub(super) fn find<S: Store>(
        &self,
        gallery: &Gallery<S>,
        entry: &Entry,
        picture: PictureDigest,
        vector: &[f32],
    ) -> Result<Option<(Fault, bool)>> {
        let own = &entry.person.external_id;
        if self.on_duplicate == OnDuplicate::Allow {
            return Ok(None);
        }
        let refused = self.on_duplicate == OnDuplicate::Refuse;
        let generation = gallery.generation().number;
        let mut with_it = self.pending.get(&picture).cloned().unwrap_or_default();
        for number in gallery.store().people_with_picture(generation, &picture)? {
            let person = gallery.store().person(number)?;
            with_it.extend(person.map(|person| person.given.external_id));
        }
        if with_it.contains(own) {
            // It was enrolled for this person before; whatever there was to say was said then.
            return Ok(None);
        }
        if let Some(other) = with_it.into_iter().next() {
            return Ok(Some((Fault::SamePicture { other }, refused)));
        }
        Ok(self.same_face(gallery, own, vector)?.map(|(fault, fpir)| {
            let shown = fpir <= STRICT_FPIR;
            (fault, refused && shown)
        }))
    }

    /// Who else looks the same, more than this person's own templates do.
    fn same_face<S: Store>(
        &self,
        gallery: &Gallery<S>,
        own: &str,
        vector: &[f32],
    ) -> Result<Option<(Fault, f64)>> {
        let Some(calibration) = &gallery.generation().calibration else {
            return Ok(None);
        };
        let metric = gallery.generation().made_for.metric;
        let more_alike = |score: f64, than: f64| match metric.large_is_alike() {
            true => score > than,
            false => score < than,
        };
        let mut scores: BTreeMap<String, f64> = BTreeMap::new();
        let probe = [Probe::new(vector)];
        // The nearest other person and perhaps this one. Expired people are still in the gallery.
        let answers = gallery.identify_all(&probe, 2, STRICT_FPIR, i64::MIN, None)?;
        for candidate in &answers[0].candidates {
            scores.insert(candidate.external_id.clone(), candidate.score);
        }
        for (person, other) in &self.vectors {
            let score = metric.score(vector, other)?;
            let best = scores.entry(person.clone()).or_insert(score);
            if more_alike(score, *best) {
                *best = score;
            }
        }
        // Those who wait to be enrolled are searched, too.
        let waiting: HashSet<&String> = self.vectors.iter().map(|(person, _)| person).collect();
        let people = answers[0].gallery_size + waiting.len() as u64;
        let point = calibration.for_fpir(STRICT_FPIR, people);
        let Some(point) = point.filter(|point| point.fpir <= LAX_FPIR) else {
            return Ok(None);
        };
        let mut best: Option<(String, f64)> = None;
        for (person, score) in scores {
            let closer = |(_, least): &(String, f64)| more_alike(score, *least);
            if best.as_ref().is_none_or(closer) {
                best = Some((person, score));
            }
        }
        let interval = point.threshold_interval;
        let found = best.filter(|(person, score)| {
            let outcome = calibration.outcome(*score, point.threshold, interval);
            person != own && outcome == Some(Outcome::Match)
        });
        Ok(found.map(|(other, score)| {
            let distance = self.units.distance(score);
            let fpir = point.fpir;
            let fault = Fault::SameFace {
                other,
                distance,
                fpir,
            };
            (fault, fpir)
        }))
    }
}
