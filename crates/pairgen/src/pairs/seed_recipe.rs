//! The pairs of the classic recipe, defects included.

use std::cmp::Reverse;
use std::ops::Range;

use super::set::PairSet;
use crate::catalog::Catalog;
use crate::error::Error;

impl PairSet {
    /// The pairs of the classic Siamese recipe: `per_kind` genuine, then `per_kind` impostor.
    ///
    /// On the 40 x 10 images of ORL with `per_kind` 10,000 these are exactly the recipe's draws:
    /// - **genuine**: for each subject in turn `per_kind / subjects` (250) draws of two different
    ///   images of that subject. Draws are independent, so pairs repeat.
    /// - **impostor**: `per_kind / images` (1,000) rounds; in each, for every image number 1..=10,
    ///   two different random subjects and the image of that same number of both.
    ///
    /// The recipe does not say what to do for other shapes. Here counts are always exact, and no
    /// image is left out without need:
    /// - where `per_kind` does not divide, the first subjects get one genuine pair more, and the
    ///   last impostor round stops early;
    /// - subjects with one image get no genuine pairs, and the others share theirs;
    /// - where subjects have different numbers of images, an image number is drawn among the
    ///   subjects that have it, and a round ends at the last number that two subjects have.
    ///
    /// The recipe's known defect is kept: impostors share the image number, so on ORL 7,800 of the
    /// 78,000 possible ones can occur. [`PairSet::balanced`] has no such restriction.
    ///
    /// # Errors
    /// [`Error::TooFewSubjects`] with fewer than two, [`Error::NoGenuinePairs`] where no subject has two
    /// images, [`Error::UnknownSubject`], [`Error::SubjectTwice`].
    pub fn seed_recipe(
        catalog: &Catalog,
        subjects: &[u32],
        per_kind: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        catalog.check_subjects(subjects)?;
        if subjects.len() < 2 {
            return Err(Error::TooFewSubjects {
                purpose: "drawing impostor pairs",
                needed: 2,
                found: subjects.len(),
            });
        }
        let mut samples: Vec<Range<u32>> = subjects
            .iter()
            .map(|&subject| catalog.samples_of(subject))
            .collect();
        let paired: Vec<Range<u32>> = samples
            .iter()
            .filter(|samples| samples.len() >= 2)
            .cloned()
            .collect();
        if paired.is_empty() {
            return Err(Error::NoGenuinePairs {
                subjects: subjects.len(),
            });
        }
        // With the largest first (a stable sort), those who have image number j come before those who do not.
        samples.sort_by_key(|samples| Reverse(samples.len()));
        let having: Vec<u32> = (1..=samples[1].len())
            .map(|number| samples.partition_point(|samples| samples.len() >= number) as u32)
            .collect();

        let shares = Shares::new(per_kind, paired.len());
        Ok(Self::draw(
            (per_kind, |rng, i| {
                let samples = &paired[shares.owner(i)];
                let (a, b) = rng.two_below(samples.len() as u32);
                (samples.start + a, samples.start + b)
            }),
            (per_kind, |rng, i| {
                let number = i % having.len();
                let (a, b) = rng.two_below(having[number]);
                let image = |of: u32| samples[of as usize].start + number as u32;
                (image(a), image(b))
            }),
            seed,
            "pairs/seed-recipe",
        ))
    }
}

/// A number of things dealt out in consecutive, nearly equal runs: the first owners get one more.
struct Shares {
    each: usize,
    /// Things in the longer runs.
    in_longer: usize,
    longer: usize,
}

impl Shares {
    fn new(things: usize, owners: usize) -> Self {
        let (each, longer) = (things / owners, things % owners);
        Self {
            each,
            in_longer: longer * (each + 1),
            longer,
        }
    }

    /// Who owns thing number `i`.
    fn owner(&self, i: usize) -> usize {
        if i < self.in_longer {
            i / (self.each + 1)
        } else {
            self.longer + (i - self.in_longer) / self.each
        }
    }
}
