//! The protocol of LFW's `pairs.txt`: each set of pairs tests, the subjects of the other sets train.

use std::path::Path;

use super::fold::Fold;
use super::folds::Folds;
use super::subjects::SubjectSplit;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::lfw::{self, LfwImages};
use crate::pairs::PairSet;

/// One fold for each set of the list at `path`.
pub(super) fn folds<'a>(catalog: &'a Catalog, path: &Path) -> Result<Folds<'a>, Error> {
    let list = lfw::read(path)?;
    if list.sets.len() < 2 {
        return Err(Error::TooFewFolds {
            path: path.to_owned(),
            found: list.sets.len(),
            instead: "one set leaves no subject to train on, so use it as a list of test pairs for a trained model",
        });
    }
    let mut images = LfwImages::new(catalog);
    // The set that names a subject, and on which line first.
    let mut named: Vec<Option<(usize, u64)>> = vec![None; catalog.subjects() as usize];
    let mut tests = Vec::with_capacity(list.sets.len());
    for (set, pairs) in list.sets.iter().enumerate() {
        let mut samples = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let (a, b) = images.pair(path, pair)?;
            for sample in [a, b] {
                let subject = catalog.subject_of(sample);
                let (first_set, first_line) =
                    *named[subject as usize].get_or_insert((set, pair.line));
                if first_set != set {
                    let expected = format!("in set {} subjects that no other set names", set + 1);
                    let found = format!(
                        "`{}`, which is in set {} on line {first_line}",
                        catalog.subject_name(subject),
                        first_set + 1
                    );
                    return Err(Error::line(path, pair.line, &expected, &found));
                }
            }
            samples.push((a, b));
        }
        tests.push(PairSet::from_samples(catalog, samples)?);
    }
    Ok(Folds::new(tests.len(), move |fold| {
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for (subject, named) in (0..).zip(&named) {
            match named {
                Some((set, _)) if *set == fold => test.push(subject),
                Some(_) => train.push(subject),
                None => {}
            }
        }
        let split = SubjectSplit::from_subjects(catalog, train, Vec::new(), test)?;
        Ok(Fold::new(catalog, split).with_test_pairs(tests[fold].clone()))
    }))
}
