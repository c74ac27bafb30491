//! Which images show the same picture.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::alignment::WORTH_ALIGNING;
use crate::duplicate::{Duplicate, DuplicatesError, Likeness};
use crate::fingerprint::Fingerprint;
use crate::hamming_index::{HammingIndex, LARGEST_RADIUS};

/// Finds images that are one picture: stored anew, resized, made brighter or darker, or trimmed by
/// a pixel or two.
///
/// Candidates are pairs whose [`Fingerprint::distance`] is within a radius, looked up in an index
/// rather than compared one by one; of them those count whose [`Fingerprint::correlation`] is high
/// enough, and that have [like colours](Fingerprint::has_like_colours). Pairs with [equal pixels](Fingerprint::has_same_pixels) always count. A
/// [featureless](Fingerprint::is_featureless) image is never more than equal to another.
///
/// Copies with equal pixels are compared once: of the set that is searched only the first of them
/// is named. So a set of `n` equal images makes `n - 1` pairs, not `n * (n - 1) / 2`.
///
/// # The defaults
/// They were set on the AT&T Database of Faces, a hard case: ten photos a person of 92 x 112 pixels,
/// some taken within seconds of each other. All 400 photos were changed and looked for:
///
/// | change | found | most signs changed |
/// |---|---|---|
/// | JPEG of quality 25, 50 and 80; half the size and 1.7 times; contrast x 0.7 and x 1.3 | 100 % | 8 |
/// | 1 pixel off one side or off all; 2 off two sides or off all | 100 % | 16 |
/// | trimmed, enlarged, darker and a JPEG of quality 60, all at once | 100 % | 14 |
/// | 28 x 34 pixels, a third of the side | 99 % | 10 |
/// | 30 levels brighter, with what is above white lost | 97 % | 5 |
///
/// So the radius is two signs more than any of these changed. Of the 1,800 pairs of photos of one
/// person 3 count as near-duplicates; to the eye they are one photo with a hair's breadth between
/// them. The next pair, at 0.99797 just below the default, differs in that the eyes are shut in one.
/// The most alike of the 78,000 pairs of two people reach 0.951.
///
/// ```
/// use near_duplicates::{Fingerprint, Likeness, NearDuplicates, Picture, PictureError};
///
/// let fingerprint = |lines: usize| {
///     let pixels: Vec<u8> = (0..1600).map(|k| (k / 40 * lines % 37 * 4 + k % 40) as u8).collect();
///     Ok(Fingerprint::of(Picture::grey(40, 40, &pixels[..])?))
/// };
/// let images: Vec<Fingerprint> = [1, 3, 1].map(fingerprint).into_iter().collect::<Result<_, PictureError>>()?;
/// let found = NearDuplicates::default().within(&images)?;
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].first, found[0].second, found[0].likeness), (0, 2, Likeness::Equal));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct NearDuplicates {
    /// How many of the 128 gradient signs may differ, at most 31 (default 18).
    pub radius: u32,
    /// The least correlation, from 0.9 to 1 (default 0.998).
    pub correlation: f64,
    /// How many pairs may be found before the search gives up (default 1,000,000).
    pub max_pairs: usize,
}

impl Default for NearDuplicates {
    fn default() -> Self {
        Self {
            radius: 18,
            correlation: 0.998,
            max_pairs: 1_000_000,
        }
    }
}

impl NearDuplicates {
    /// The same with another [`radius`](Self::radius).
    #[must_use]
    pub fn with_radius(self, radius: u32) -> Self {
        Self { radius, ..self }
    }

    /// The same with another least [`correlation`](Self::correlation).
    #[must_use]
    pub fn with_correlation(self, correlation: f64) -> Self {
        Self {
            correlation,
            ..self
        }
    }

    /// The same with another [`max_pairs`](Self::max_pairs).
    #[must_use]
    pub fn with_max_pairs(self, max_pairs: usize) -> Self {
        Self { max_pairs, ..self }
    }

    /// Pairs within one set, by ascending places. Of images with equal pixels each is paired with
    /// the first of them, and that one alone with images that are merely near.
    ///
    /// # Errors
    /// [`DuplicatesError`] for settings out of range, and for more pairs than
    /// [`Self::max_pairs`].
    pub fn within(&self, images: &[Fingerprint]) -> Result<Vec<Duplicate>, DuplicatesError> {
        self.pairs_within(images, |_, _| true)
    }

    /// As [`within`](Self::within), but only pairs of images of different groups: `groups[i]` is that of image `i`, such
    /// as the person it shows. Images of one group are not compared, so this is the quicker the more alike they are.
    ///
    /// # Errors
    /// As for [`Self::within`].
    ///
    /// # Panics
    /// As slices do, where there are fewer groups than images.
    pub fn across(
        &self,
        images: &[Fingerprint],
        groups: &[u32],
    ) -> Result<Vec<Duplicate>, DuplicatesError> {
        self.pairs_within(images, |first, second| groups[first] != groups[second])
    }

    fn pairs_within(
        &self,
        images: &[Fingerprint],
        wanted: impl Fn(usize, usize) -> bool + Sync,
    ) -> Result<Vec<Duplicate>, DuplicatesError> {
        let searched = self.searched(images)?;
        let of_image = |place: usize, found: &mut Vec<u32>| {
            let original = searched.first_equal(&images[place])?;
            if original < place {
                return wanted(original, place).then(|| {
                    vec![Duplicate {
                        first: original,
                        second: place,
                        likeness: Likeness::Equal,
                    }]
                });
            }
            // Each pair is met from both sides, and compared from the first.
            let later = |second: usize| second > place && wanted(place, second);
            Some(searched.near(self.correlation, place, &images[place], later, found))
        };
        let mut pairs = self.collect(images.len(), |place, found| {
            of_image(place, found).unwrap_or_default()
        })?;
        pairs.sort_unstable_by_key(|pair| (pair.first, pair.second));
        Ok(pairs)
    }

    /// Pairs of an image of the first set with one of the second, by ascending places. Every image
    /// of the first set is looked for; of images of the second set with equal pixels only the first
    /// is named.
    ///
    /// # Errors
    /// As for [`Self::within`].
    pub fn between(
        &self,
        first: &[Fingerprint],
        second: &[Fingerprint],
    ) -> Result<Vec<Duplicate>, DuplicatesError> {
        let searched = self.searched(second)?;
        self.collect(first.len(), |place, found| {
            let image = &first[place];
            let mut pairs = searched.near(self.correlation, place, image, |_| true, found);
            if let Some(equal) = searched.first_equal(image) {
                pairs.retain(|pair| pair.second != equal);
                pairs.push(Duplicate {
                    first: place,
                    second: equal,
                    likeness: Likeness::Equal,
                });
                pairs.sort_unstable_by_key(|pair| pair.second);
            }
            pairs
        })
    }

    /// Checks the settings and indexes a set.
    fn searched<'a>(&self, images: &'a [Fingerprint]) -> Result<Searched<'a>, DuplicatesError> {
        if self.radius > LARGEST_RADIUS {
            return Err(DuplicatesError::Radius {
                largest: LARGEST_RADIUS,
                found: self.radius,
            });
        }
        if !(WORTH_ALIGNING..=1.0).contains(&self.correlation) {
            return Err(DuplicatesError::Correlation {
                found: self.correlation,
            });
        }
        Ok(Searched::new(images, self.radius))
    }

    /// The pairs of all `count` images, in their order, computed in parallel.
    fn collect(
        &self,
        count: usize,
        pairs_of: impl Fn(usize, &mut Vec<u32>) -> Vec<Duplicate> + Sync,
    ) -> Result<Vec<Duplicate>, DuplicatesError> {
        let total = AtomicUsize::new(0);
        let pairs: Option<Vec<Vec<Duplicate>>> = (0..count)
            .into_par_iter()
            .map_init(Vec::new, |found, place| {
                let pairs = pairs_of(place, found);
                let before = total.fetch_add(pairs.len(), Ordering::Relaxed);
                (before + pairs.len() <= self.max_pairs).then_some(pairs)
            })
            .collect();
        let limit = self.max_pairs;
        Ok(pairs
            .ok_or(DuplicatesError::TooManyPairs { limit })?
            .concat())
    }
}

/// A set of images that others are looked for in.
struct Searched<'a> {
    images: &'a [Fingerprint],
    /// The first image of each digest.
    first_of: HashMap<&'a [u8; 32], usize>,
    /// Places of the first images that have features, in the order of the index.
    places: Vec<usize>,
    index: HammingIndex,
}

impl<'a> Searched<'a> {
    fn new(images: &'a [Fingerprint], radius: u32) -> Self {
        let mut first_of = HashMap::with_capacity(images.len());
        let mut places = Vec::new();
        for (place, image) in images.iter().enumerate() {
            let first = *first_of.entry(image.digest()).or_insert(place);
            if first == place && !image.is_featureless() {
                places.push(place);
            }
        }
        let signs = places.iter().map(|&place| images[place].signs()).collect();
        Self {
            images,
            first_of,
            places,
            index: HammingIndex::new(signs, radius),
        }
    }

    fn first_equal(&self, image: &Fingerprint) -> Option<usize> {
        self.first_of.get(image.digest()).copied()
    }

    /// Images near to one that stands in place `first` of its own set, of those that are `wanted` by their places, by
    /// ascending places.
    fn near(
        &self,
        least: f64,
        first: usize,
        image: &Fingerprint,
        wanted: impl Fn(usize) -> bool,
        found: &mut Vec<u32>,
    ) -> Vec<Duplicate> {
        if image.is_featureless() {
            return Vec::new();
        }
        self.index.search(image.signs(), found);
        let places = found.iter().map(|&place| self.places[place as usize]);
        places
            .filter(|&second| wanted(second) && image.has_like_colours(&self.images[second]))
            .filter_map(|second| {
                let other = &self.images[second];
                let correlation = image.correlation(other).filter(|&found| found >= least)?;
                Some(Duplicate {
                    first,
                    second,
                    likeness: Likeness::Near {
                        correlation,
                        distance: image.distance(other),
                    },
                })
            })
            .collect()
    }
}
