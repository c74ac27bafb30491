//! The classic recipe's split: of pairs, so subjects and images are on both sides. It leaks.

use std::collections::HashSet;

use crate::error::Error;
use crate::pairs::PairSet;
use crate::random::stream;

/// A random split of **pairs**. It leaks, and exists to reproduce figures that were made this way.
///
/// Both images of a test pair, and often the very pair, also occur in training, so a figure on this
/// test part says how well the network remembers these subjects, not how well it recognises others.
/// Use [`SubjectSplit`](crate::SubjectSplit) for that. This is a type of its own so that neither
/// can be taken for the other; [`leakage`](Self::leakage) says how much a given split leaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairSplit {
    /// Pair numbers to fit, in random order.
    pub fit: Vec<u32>,
    /// Pair numbers to validate with, in random order.
    pub validation: Vec<u32>,
    /// Pair numbers to test with, in random order.
    pub test: Vec<u32>,
    pairs: usize,
}

/// How much of a test part a network has seen while it was fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leakage {
    /// Genuine pairs in the test part.
    pub test_genuine: usize,
    /// Those of them that occur among the fit pairs too, in either order.
    pub test_genuine_in_fit: usize,
    /// Different images in the test part.
    pub test_images: usize,
    /// Those of them that are in no fit pair.
    pub test_images_unseen: usize,
}

impl Leakage {
    /// The share of test genuine pairs that were also fitted, 0 to 1; `None` without genuine test pairs.
    #[must_use]
    pub fn genuine_share(&self) -> Option<f64> {
        (self.test_genuine > 0).then(|| self.test_genuine_in_fit as f64 / self.test_genuine as f64)
    }
}

impl PairSplit {
    /// Splits as the classic recipe does: scikit-learn's `train_test_split`, then Keras's `validation_split`.
    ///
    /// All pairs are shuffled; the first `test_fraction` (rounded up) are the test part; of the rest
    /// the last `validation_fraction` validate (the fitted part is rounded down). With 20,000 pairs
    /// and 0.25 twice: 5,000 test, 3,750 validate, 11,250 fit.
    ///
    /// # Errors
    /// [`Error::Fraction`] where the test fraction is not between 0 and 1 or the validation fraction
    /// not from 0 to below 1; [`Error::EmptyPart`] where nothing is left to fit or test;
    /// [`Error::TooManySamples`] with 2^32 pairs or more.
    pub fn seed_pairs(
        pairs: &PairSet,
        test_fraction: f64,
        validation_fraction: f64,
        seed: u64,
    ) -> Result<Self, Error> {
        fraction("the test fraction", test_fraction, test_fraction > 0.0)?;
        fraction("the validation fraction", validation_fraction, true)?;
        let total = pairs.len();
        let mut order: Vec<u32> = match u32::try_from(total) {
            Ok(total) => (0..total).collect(),
            Err(_) => return Err(Error::TooManySamples { found: total }),
        };
        stream(seed, "split/seed-pairs", 0).shuffle(&mut order);

        let tested = ((total as f64 * test_fraction).ceil() as usize).min(total);
        let mut fit = order.split_off(tested);
        let fitted = (fit.len() as f64 * (1.0 - validation_fraction)).floor() as usize;
        let validation = fit.split_off(fitted);
        for (part, numbers) in [("fit", &fit), ("test", &order)] {
            if numbers.is_empty() {
                return Err(Error::EmptyPart {
                    part,
                    reason: format!("there are {total} pairs; draw more"),
                });
            }
        }
        Ok(Self {
            fit,
            validation,
            test: order,
            pairs: total,
        })
    }

    /// Counts what of the test part also occurs in the fit part. `pairs` is the set that was split.
    ///
    /// # Errors
    /// [`Error::OtherPairSet`] where `pairs` has another size than the set that was split.
    pub fn leakage(&self, pairs: &PairSet) -> Result<Leakage, Error> {
        if pairs.len() != self.pairs {
            return Err(Error::OtherPairSet {
                expected: self.pairs,
                found: pairs.len(),
            });
        }
        let part = |numbers: &[u32]| {
            let mut genuine = Vec::new();
            let mut images = HashSet::new();
            for &number in numbers {
                let pair = pairs.get(number as usize);
                images.extend([pair.a, pair.b]);
                if pair.kind.is_genuine() {
                    genuine.push(pair.unordered());
                }
            }
            (genuine, images)
        };
        let (fit_genuine, fit_images) = part(&self.fit);
        let (test_genuine, test_images) = part(&self.test);
        let fit_genuine: HashSet<_> = fit_genuine.into_iter().collect();
        Ok(Leakage {
            test_genuine: test_genuine.len(),
            test_genuine_in_fit: test_genuine
                .iter()
                .filter(|p| fit_genuine.contains(p))
                .count(),
            test_images: test_images.len(),
            test_images_unseen: test_images.difference(&fit_images).count(),
        })
    }
}

fn fraction(name: &'static str, found: f64, allowed: bool) -> Result<(), Error> {
    if allowed && (0.0..1.0).contains(&found) {
        return Ok(());
    }
    Err(Error::Fraction {
        name,
        expected: "at least 0 and below 1 (and above 0 for the test part)",
        found,
    })
}
