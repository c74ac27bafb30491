//! One fold of a protocol: which subjects are on which side, what is compared, and who is left out.

use super::subjects::SubjectSplit;
use super::trials::Trials;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::pairs::PairSet;

/// One fold of a [`Protocol`](crate::Protocol): a split of the subjects, and what its test compares.
///
/// Only a protocol makes one, so that the test pairs are pairs of the split's test subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    split: SubjectSplit,
    test_pairs: Option<PairSet>,
    left_out: Vec<u32>,
    label: Option<String>,
    trials: Option<Trials>,
}

impl Fold {
    pub(crate) fn new(catalog: &Catalog, split: SubjectSplit) -> Self {
        let mut named = vec![false; catalog.subjects() as usize];
        for part in [split.train(), split.validation(), split.test()] {
            part.iter()
                .for_each(|&subject| named[subject as usize] = true);
        }
        let left_out = (0..catalog.subjects())
            .filter(|&subject| !named[subject as usize])
            .collect();
        Self {
            split,
            test_pairs: None,
            left_out,
            label: None,
            trials: None,
        }
    }

    pub(crate) fn with_label(mut self, label: String) -> Self {
        self.label = Some(label);
        self
    }

    /// The same fold judged by these pairs, which must all be of its test subjects.
    pub(crate) fn with_test_pairs(mut self, pairs: PairSet) -> Self {
        self.test_pairs = Some(pairs);
        self
    }

    /// The same fold whose test pairs are these trials'.
    pub(crate) fn with_trials(mut self, trials: Trials) -> Self {
        self.trials = Some(trials);
        self
    }

    /// The subjects that train, validate and test.
    #[must_use]
    pub fn split(&self) -> &SubjectSplit {
        &self.split
    }

    /// The pairs that the protocol lists for the test; `None` means every pair of the test subjects.
    #[must_use]
    pub fn test_pairs(&self) -> Option<&PairSet> {
        self.test_pairs.as_ref()
    }

    /// The trials that the [test pairs](Self::test_pairs) are, where the protocol is a one-shot test.
    #[must_use]
    pub fn trials(&self) -> Option<&Trials> {
        self.trials.as_ref()
    }

    /// The subjects that the protocol's list does not name, in catalogue order: they are in no part.
    ///
    /// Empty for the protocols that divide a whole catalogue. Report their number beside a figure.
    #[must_use]
    pub fn left_out(&self) -> &[u32] {
        &self.left_out
    }

    /// The name of this fold in the protocol's list, if that list names its folds; of `k-fold-groups`, the groups that test.
    ///
    /// Folds are counted from 0 in natural order of these names, so that a list that counts its folds
    /// from 1 calls fold 0 `1`.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The same fold with `subjects` random training subjects moved to validation.
    ///
    /// # Errors
    /// As [`SubjectSplit::with_validation`].
    pub fn with_validation(mut self, subjects: usize, seed: u64) -> Result<Self, Error> {
        self.split = self.split.with_validation(subjects, seed)?;
        Ok(self)
    }

    /// The same fold with random groups of training subjects moved to validation.
    ///
    /// # Errors
    /// As [`SubjectSplit::with_validation_groups`].
    pub fn with_validation_groups(
        mut self,
        catalog: &Catalog,
        groups: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        self.split = self.split.with_validation_groups(catalog, groups, seed)?;
        Ok(self)
    }
}
