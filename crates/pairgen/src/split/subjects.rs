//! Splits of subjects: each is in one part only, by construction.

use crate::catalog::Catalog;
use crate::error::Error;
use crate::random::stream;

/// Subjects to train on, to validate with and to test on: no subject is in two of them.
///
/// The fields are private and every constructor checks, so a value of this type cannot leak a subject.
/// `train` and `test` are never empty; `validation` may be. Each part is in catalogue order.
/// Subjects that a list leaves out are in no part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectSplit {
    train: Vec<u32>,
    validation: Vec<u32>,
    test: Vec<u32>,
}

/// In which order the subjects are dealt into folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FoldOrder {
    /// As in the catalogue: the last fold holds the last subjects.
    Natural,
    /// Shuffled with this seed.
    Shuffled(u64),
}

impl SubjectSplit {
    /// The split with these parts, as subject numbers.
    ///
    /// # Errors
    /// [`Error::UnknownSubject`]; [`Error::SubjectTwice`], also across parts; [`Error::EmptyPart`]
    /// where `train` or `test` is empty.
    pub fn from_subjects(
        catalog: &Catalog,
        mut train: Vec<u32>,
        mut validation: Vec<u32>,
        mut test: Vec<u32>,
    ) -> Result<Self, Error> {
        catalog.check_subjects(train.iter().chain(&validation).chain(&test))?;
        for (part, subjects) in [("train", &train), ("test", &test)] {
            if subjects.is_empty() {
                return Err(Error::EmptyPart {
                    part,
                    reason: "name at least one subject for it".to_owned(),
                });
            }
        }
        for part in [&mut train, &mut validation, &mut test] {
            part.sort_unstable();
        }
        Ok(Self {
            train,
            validation,
            test,
        })
    }

    /// The split with these parts, as subject names.
    ///
    /// # Errors
    /// [`Error::UnknownName`], and as [`from_subjects`](Self::from_subjects).
    pub fn from_names<S: AsRef<str>>(
        catalog: &Catalog,
        train: &[S],
        validation: &[S],
        test: &[S],
    ) -> Result<Self, Error> {
        let numbers = |names: &[S]| -> Result<Vec<u32>, Error> {
            names
                .iter()
                .map(|name| catalog.find(name.as_ref()))
                .collect()
        };
        Self::from_subjects(
            catalog,
            numbers(train)?,
            numbers(validation)?,
            numbers(test)?,
        )
    }

    /// A random split: these fractions of all subjects test and validate, the rest trains.
    ///
    /// Both counts are rounded to the nearest whole number of subjects.
    ///
    /// # Errors
    /// [`Error::Fraction`] where a fraction is not from 0 to below 1; [`Error::EmptyPart`] where a
    /// fraction above 0 (or the test part) rounds to no subject, or none is left to train on.
    pub fn by_fractions(
        catalog: &Catalog,
        test_fraction: f64,
        validation_fraction: f64,
        seed: u64,
    ) -> Result<Self, Error> {
        let subjects = catalog.subjects();
        let count = |part, name, fraction: f64, wanted| {
            if !(0.0..1.0).contains(&fraction) {
                return Err(Error::Fraction {
                    name,
                    expected: "at least 0 and below 1",
                    found: fraction,
                });
            }
            let count = (f64::from(subjects) * fraction).round() as usize;
            if count == 0 && wanted {
                let reason =
                    format!("{fraction} of {subjects} subjects rounds to none; ask for more");
                return Err(Error::EmptyPart { part, reason });
            }
            Ok(count)
        };
        let tested = count("test", "the test fraction", test_fraction, true)?;
        let validated = count(
            "validation",
            "the validation fraction",
            validation_fraction,
            validation_fraction > 0.0,
        )?;
        let mut train = shuffled(catalog.all_subjects(), "split/fractions", seed);
        if tested + validated >= train.len() {
            let reason = format!("of {subjects} subjects none is left; lower the other fractions");
            return Err(Error::EmptyPart {
                part: "train",
                reason,
            });
        }
        let mut held_out = train.split_off(train.len() - tested - validated);
        let validation = held_out.split_off(tested);
        Self::from_subjects(catalog, train, validation, held_out)
    }

    /// `folds` splits, in each of which another part of the subjects tests and all others train.
    ///
    /// Every subject tests exactly once. The folds' sizes differ by one at most, the larger first.
    ///
    /// # Errors
    /// [`Error::Folds`] where `folds` is below 2 or above the number of subjects.
    pub fn k_folds(catalog: &Catalog, folds: u32, order: FoldOrder) -> Result<Vec<Self>, Error> {
        let make = dealt(catalog, folds, order)?;
        Ok((0..folds).map(make).collect())
    }

    /// The same split with `subjects` random training subjects moved to validation.
    ///
    /// Subjects that already validate stay. The choice depends on the seed and on the training subjects.
    ///
    /// # Errors
    /// [`Error::EmptyPart`] where no subject would be left to train on.
    pub fn with_validation(mut self, subjects: usize, seed: u64) -> Result<Self, Error> {
        if subjects >= self.train.len() {
            let reason = format!(
                "{subjects} of the {} training subjects were asked for to validate; ask for fewer",
                self.train.len()
            );
            return Err(Error::EmptyPart {
                part: "train",
                reason,
            });
        }
        let mut train = shuffled(self.train, "split/validation", seed);
        self.validation
            .extend(train.split_off(train.len() - subjects));
        self.validation.sort_unstable();
        train.sort_unstable();
        self.train = train;
        Ok(self)
    }

    /// The subjects to train on.
    #[must_use]
    pub fn train(&self) -> &[u32] {
        &self.train
    }

    /// The subjects to validate with; may be empty.
    #[must_use]
    pub fn validation(&self) -> &[u32] {
        &self.validation
    }

    /// The subjects to test on.
    #[must_use]
    pub fn test(&self) -> &[u32] {
        &self.test
    }
}

fn shuffled(mut subjects: Vec<u32>, purpose: &str, seed: u64) -> Vec<u32> {
    stream(seed, purpose, 0).shuffle(&mut subjects);
    subjects
}

/// What makes each of the splits of [`SubjectSplit::k_folds`].
pub(super) fn dealt(
    catalog: &Catalog,
    folds: u32,
    order: FoldOrder,
) -> Result<impl Fn(u32) -> SubjectSplit, Error> {
    let subjects = catalog.subjects();
    if folds < 2 || folds > subjects {
        return Err(Error::Folds { folds, subjects });
    }
    let mut all = catalog.all_subjects();
    if let FoldOrder::Shuffled(seed) = order {
        all = shuffled(all, "split/folds", seed);
    }
    let (each, longer) = (subjects / folds, subjects % folds);
    Ok(move |fold: u32| {
        let start = (fold * each + fold.min(longer)) as usize;
        let end = start + (each + u32::from(fold < longer)) as usize;
        let mut test = all[start..end].to_vec();
        let mut train = [&all[..start], &all[end..]].concat();
        test.sort_unstable();
        train.sort_unstable();
        SubjectSplit {
            train,
            validation: Vec::new(),
            test,
        }
    })
}
