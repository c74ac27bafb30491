//! Folds that are made one at a time: many folds of many subjects would not fit in memory together.

use super::fold::Fold;
use super::subjects::SubjectSplit;
use crate::catalog::Catalog;
use crate::error::Error;

/// The folds of a protocol on a catalogue.
pub(super) struct Folds<'a> {
    pub(super) count: usize,
    make: Box<dyn Fn(usize) -> Result<Fold, Error> + 'a>,
}

impl<'a> Folds<'a> {
    /// So many folds, numbered from 0.
    pub(super) fn new(count: usize, make: impl Fn(usize) -> Result<Fold, Error> + 'a) -> Self {
        let make = Box::new(make);
        Self { count, make }
    }

    /// Folds of these splits, which divide a whole catalogue.
    pub(super) fn of_splits(catalog: &'a Catalog, splits: Vec<SubjectSplit>) -> Self {
        Self::new(splits.len(), move |fold| {
            Ok(Fold::new(catalog, splits[fold].clone()))
        })
    }

    /// This fold; `None` past the last.
    pub(super) fn get(&self, fold: usize) -> Result<Option<Fold>, Error> {
        (fold < self.count).then(|| (self.make)(fold)).transpose()
    }

    /// All of them in order, each made when it is its turn.
    pub(super) fn iter(&self) -> impl Iterator<Item = Result<Fold, Error>> {
        (0..self.count).map(&self.make)
    }
}
