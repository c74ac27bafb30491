//! Folds of whole groups of subjects.

use super::subjects::{FoldOrder, SubjectSplit};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::random::stream;

impl SubjectSplit {
    /// `folds` splits, in each of which the subjects of other groups test and all others train, with the names of the
    /// groups that test.
    ///
    /// Every group tests exactly once. The numbers of groups in the folds differ by one at most, the larger first.
    ///
    /// # Errors
    /// [`Error::ProtocolMismatch`] where the subjects are in no groups; [`Error::GroupFolds`] where `folds` is below 2 or
    /// above the number of groups.
    pub fn group_folds(
        catalog: &Catalog,
        folds: u32,
        order: FoldOrder,
    ) -> Result<Vec<(Self, String)>, Error> {
        let count = catalog.groups();
        if count == 0 {
            return Err(Error::ProtocolMismatch {
                protocol: "k-fold-groups",
                expected: "subjects in groups: folders in folders, read with a layout such as `{group}/{subject}/*`, or a \
                           list `path,subject,group`"
                    .to_owned(),
                found: "subjects without groups".to_owned(),
                instead: "use `k-fold:N`",
            });
        }
        if folds < 2 || folds > count {
            return Err(Error::GroupFolds {
                folds,
                groups: count,
            });
        }
        let mut groups: Vec<u32> = (0..count).collect();
        if let FoldOrder::Shuffled(seed) = order {
            stream(seed, "split/group-folds", 0).shuffle(&mut groups);
        }
        let mut fold_of = vec![0; count as usize];
        for (place, group) in groups.into_iter().enumerate() {
            fold_of[group as usize] = place as u32 % folds;
        }
        let split = |fold: u32| {
            let is_tested = |subject: &u32| {
                let group = catalog.group_of(*subject);
                group.is_some_and(|group| fold_of[group as usize] == fold)
            };
            let (test, train) = catalog.all_subjects().into_iter().partition(is_tested);
            let tested = (0..count).filter(|&group| fold_of[group as usize] == fold);
            let names: Vec<&str> = tested.map(|group| catalog.group_name(group)).collect();
            let split = Self::from_subjects(catalog, train, Vec::new(), test)?;
            Ok((split, names.join(", ")))
        };
        (0..folds).map(split).collect()
    }

    /// The same split with the training subjects of `groups` random groups moved to validation.
    ///
    /// Only groups of training subjects are drawn from. The choice depends on the seed and on these groups.
    ///
    /// # Errors
    /// [`Error::EmptyPart`] where no group would be left to train on, which is also so where there are no groups.
    pub fn with_validation_groups(
        self,
        catalog: &Catalog,
        groups: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        let of = |subject: &u32| catalog.group_of(*subject);
        let mut trained: Vec<u32> = self.train().iter().filter_map(of).collect();
        trained.sort_unstable();
        trained.dedup();
        if groups >= trained.len() {
            let reason = format!(
                "{groups} of the {} groups of training subjects were asked for to validate; ask for fewer",
                trained.len()
            );
            return Err(Error::EmptyPart {
                part: "train",
                reason,
            });
        }
        stream(seed, "split/validation-groups", 0).shuffle(&mut trained);
        trained.truncate(groups);
        let moves = |subject: &u32| of(subject).is_some_and(|group| trained.contains(&group));
        let (moved, train) = self.train().iter().copied().partition(moves);
        let validation = [self.validation().to_vec(), moved].concat();
        Self::from_subjects(catalog, train, validation, self.test().to_vec())
    }
}
