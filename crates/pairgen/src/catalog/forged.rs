//! Forgeries of a catalogue's subjects: numbered after all genuine samples.

use std::ops::Range;
use std::path::PathBuf;

use super::kind::SampleKind;
use super::numbering::Catalog;
use crate::pair::PairKind;

impl Catalog {
    /// Numbers the forgeries of each subject, in order of subjects.
    pub(super) fn add_forgeries(&mut self, of: Vec<Vec<PathBuf>>) {
        if of.iter().all(Vec::is_empty) {
            return;
        }
        self.forgery_starts.push(self.paths.len() as u32);
        for (subject, forgeries) in (0..).zip(of) {
            self.paths.extend(forgeries);
            self.subject_of.resize(self.paths.len(), subject);
            self.forgery_starts.push(self.paths.len() as u32);
        }
    }

    /// A sample as [`from_kinds`](Self::from_kinds) takes it.
    pub(crate) fn entry(&self, sample: u32) -> (String, PathBuf, SampleKind) {
        let name = self.subject_name(self.subject_of(sample));
        let path = self.path(sample).to_owned();
        (name.to_owned(), path, self.kind_of(sample))
    }

    /// The forgeries of `subject`: imitations of it, by others. Empty for most sets.
    ///
    /// # Panics
    /// As slices do, where there are forgeries and `subject >= subjects()`.
    #[must_use]
    pub fn forgeries_of(&self, subject: u32) -> Range<u32> {
        match self.forgery_starts.is_empty() {
            true => 0..0,
            false => {
                self.forgery_starts[subject as usize]..self.forgery_starts[subject as usize + 1]
            }
        }
    }

    /// How many samples are forgeries.
    #[must_use]
    pub fn forgeries(&self) -> usize {
        self.len() - self.genuine()
    }

    /// How many samples are genuine: those with the numbers below.
    #[must_use]
    pub fn genuine(&self) -> usize {
        let first = self.forgery_starts.first();
        first.map_or(self.len(), |&first| first as usize)
    }

    /// Whether a sample is genuine or a forgery.
    #[must_use]
    pub fn kind_of(&self, sample: u32) -> SampleKind {
        match (sample as usize) < self.genuine() {
            true => SampleKind::Genuine,
            false => SampleKind::Forgery,
        }
    }

    /// What a pair of these samples is: genuine if both are genuine samples of one subject.
    ///
    /// ```
    /// # use pairgen::{Catalog, Error, PairKind, SampleKind::{Forgery, Genuine}};
    /// let entry = |name: &str, kind| ("w1".to_owned(), name.into(), kind);
    /// let signatures = [entry("1.png", Genuine), entry("2.png", Genuine), entry("a.png", Forgery), entry("b.png", Forgery)];
    /// let catalog = Catalog::from_kinds("", signatures)?;
    /// assert_eq!((catalog.samples_of(0), catalog.forgeries_of(0)), (0..2, 2..4));
    /// assert_eq!(catalog.pair_kind(0, 1), PairKind::Genuine);
    /// assert_eq!(catalog.pair_kind(0, 2), PairKind::Impostor);
    /// // Two forgeries of one signature are no genuine pair.
    /// assert_eq!(catalog.pair_kind(2, 3), PairKind::Impostor);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Panics
    /// As slices do, where a sample is `len()` or more.
    #[must_use]
    pub fn pair_kind(&self, a: u32, b: u32) -> PairKind {
        let own = self.subject_of(a) == self.subject_of(b);
        let forged = a.max(b) as usize >= self.genuine();
        match own && !forged {
            true => PairKind::Genuine,
            false => PairKind::Impostor,
        }
    }

    /// Whether a pair compares a genuine sample with a forgery of the same subject: a *skilled* impostor.
    ///
    /// # Panics
    /// As slices do, where a sample is `len()` or more.
    #[must_use]
    pub fn is_skilled(&self, a: u32, b: u32) -> bool {
        self.subject_of(a) == self.subject_of(b) && self.kind_of(a) != self.kind_of(b)
    }
}
