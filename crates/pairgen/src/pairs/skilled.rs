//! Pairs of a genuine sample and a forgery of it.

use super::by_subject::deal;
use super::set::PairSet;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::pair::{Pair, PairKind};

/// Tells the random streams apart from those of genuine and of impostor pairs.
const STREAM: u64 = 2;

impl PairSet {
    /// `count` different pairs of a genuine sample of one of `subjects` with a forgery of the same subject, dealt in rounds as
    /// those of [`by_subject`](Self::by_subject): every subject of whom there are forgeries is in as many as any other.
    ///
    /// # Errors
    /// [`Error::NotEnoughPairs`] where there are fewer, [`Error::UnknownSubject`], [`Error::SubjectTwice`].
    pub fn skilled(
        catalog: &Catalog,
        subjects: &[u32],
        count: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        catalog.check_subjects(subjects)?;
        let size = |place: u64| {
            let subject = subjects[place as usize];
            (catalog.samples_of(subject).len() * catalog.forgeries_of(subject).len()) as u64
        };
        let exist = (0..subjects.len() as u64).map(size).sum();
        if count as u64 > exist {
            return Err(Error::NotEnoughPairs {
                kind: PairKind::Impostor,
                asked: count as u64,
                exist,
            });
        }
        let mut set = Self::default();
        let groups = subjects.len() as u64;
        deal(groups, size, count, seed, STREAM, |place, within| {
            let subject = subjects[place as usize];
            let forged = catalog.forgeries_of(subject);
            let columns = forged.len() as u64;
            set.push(Pair {
                a: catalog.samples_of(subject).start + (within / columns) as u32,
                b: forged.start + (within % columns) as u32,
                kind: PairKind::Impostor,
            });
        });
        Ok(set)
    }

    /// Every genuine sample of `subjects` with every forgery of the same subject, subject after subject.
    ///
    /// # Errors
    /// [`Error::UnknownSubject`], [`Error::SubjectTwice`].
    pub fn every_skilled(catalog: &Catalog, subjects: &[u32]) -> Result<Self, Error> {
        catalog.check_subjects(subjects)?;
        let mut set = Self::default();
        for &subject in subjects {
            for a in catalog.samples_of(subject) {
                for b in catalog.forgeries_of(subject) {
                    let kind = PairKind::Impostor;
                    set.push(Pair { a, b, kind });
                }
            }
        }
        Ok(set)
    }
}
