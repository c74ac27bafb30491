//! What is remarkable about the images of a set.

use std::collections::BTreeMap;
use std::path::Path;

use image_stack::{Background, Findings};

use super::how_read::HowRead;
use crate::error::BadImage;
use crate::note::{Named, Note};

/// How many files a note names.
const NAMED: usize = 3;

/// What is remarkable about the images of a set, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    of: BTreeMap<usize, Remark>,
    bad: BTreeMap<usize, BadImage>,
}

/// What is remarkable about an image.
#[derive(Debug, Default, PartialEq, Eq)]
struct Remark {
    findings: Findings,
    /// It is read in colour and holds none.
    grey: bool,
}

impl Remarks {
    /// Takes note of an image. An image that comes again changes nothing.
    pub(crate) fn add(&mut self, number: usize, findings: Findings, grey: bool) {
        let remark = Remark { findings, grey };
        if remark != Remark::default() {
            self.of.insert(number, remark);
        }
    }

    /// Takes note of an image that cannot be read.
    pub(super) fn add_bad(&mut self, number: usize, bad: BadImage) {
        self.bad.insert(number, bad);
    }

    /// All images that could not be read, in order.
    pub(super) fn take_bad(&mut self) -> Vec<BadImage> {
        std::mem::take(&mut self.bad).into_values().collect()
    }

    /// The remarks as a user reads them.
    pub(crate) fn notes(&self, paths: &[impl AsRef<Path>], how: &HowRead) -> Vec<Note> {
        let images = paths.len();
        let mut notes = Vec::new();
        let grey = self.of.values().filter(|remark| remark.grey).count();
        if grey > 0 {
            notes.push(Note::Grey { grey, images });
        }
        let named = |holds: fn(&Findings) -> bool| {
            let found = self.of.iter().filter(|(_, remark)| holds(&remark.findings));
            let found: Vec<&Path> = found
                .filter_map(|(&i, _)| Some(paths.get(i)?.as_ref()))
                .collect();
            (!found.is_empty()).then(|| Named {
                count: found.len(),
                examples: found.into_iter().take(NAMED).map(Into::into).collect(),
            })
        };
        let ignored = how.reading.background == Background::Ignored;
        if let Some(which) = named(|found| found.transparent).filter(|_| ignored) {
            notes.push(Note::OpacityIgnored { which, images });
        }
        if let Some(which) = named(|found| found.foreign_profile) {
            notes.push(Note::ForeignProfile { which });
        }
        if let Some(which) = named(|found| found.unread_orientation) {
            notes.push(Note::UnreadOrientation { which });
        }
        if let Some(which) = named(|found| found.flat) {
            notes.push(Note::Flat { which, images });
        }
        if let Some(which) = named(|found| found.more_images > 0) {
            let more = self.of.values().map(|remark| remark.findings.more_images);
            let more = more.sum();
            notes.push(Note::MoreImages { which, more });
        }
        notes
    }
}
