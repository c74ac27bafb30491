//! Which subjects, images and pairs two listings share: a leak, where one trains and the other tests.

use std::collections::{HashMap, HashSet};

use super::contents::{Listing, ListingCounts};

/// What two [`Listing`]s have in common, by name.
///
/// Names are compared in Unicode's form NFC, case included. Two subjects can share a name, and one
/// subject can have two: this finds the leaks that names can show. What one side does not name is not
/// compared; it is `None` rather than empty.
///
/// ```
/// # use pairgen::{Catalog, Error, Listing, Overlap};
/// let train = Listing::from_catalog(&Catalog::from_counts([("ann", 3), ("bo", 2)])?);
/// let test = Listing::from_catalog(&Catalog::from_counts([("bo", 1), ("cy", 4)])?);
/// let overlap = Overlap::between(&train, &test);
/// assert_eq!(overlap.subjects, ["bo"]);
/// assert_eq!(overlap.images.as_deref(), Some(&["bo/1".to_owned()][..]));
/// assert_eq!(overlap.pairs, None);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overlap {
    /// The subjects that both name, in natural order.
    pub subjects: Vec<String>,
    /// The images that both name, in natural order; `None` where a side names subjects only.
    pub images: Option<Vec<String>>,
    /// The pairs of images that both list, in either order, in natural order; `None` where a side lists none.
    pub pairs: Option<Vec<[String; 2]>>,
    /// How much each side names.
    pub counts: [ListingCounts; 2],
}

impl Overlap {
    /// What `a` and `b` share. The other way round it is the same, except for the order of the
    /// counts.
    #[must_use]
    pub fn between(a: &Listing, b: &Listing) -> Self {
        let known: HashSet<&String> = b.subjects.iter().collect();
        let both = a.subjects.iter().filter(|name| known.contains(name));
        let subjects = both.cloned().collect();

        let mut overlap = Self {
            subjects,
            images: None,
            pairs: None,
            counts: [a.counts(), b.counts()],
        };
        let (Some(images), Some(others)) = (&a.images, &b.images) else {
            return overlap;
        };
        let place_of: HashMap<&str, u32> = (0..)
            .zip(images)
            .map(|(place, image)| (image.name.as_str(), place))
            .collect();
        // Where each image of `b` is in `a`, if it is.
        let in_a: Vec<Option<u32>> = others
            .iter()
            .map(|image| place_of.get(image.name.as_str()).copied())
            .collect();
        let name = |place: u32| images[place as usize].name.clone();
        overlap.images = Some(in_a.iter().flatten().map(|&place| name(place)).collect());

        if let (Some(pairs), Some(others)) = (&a.pairs, &b.pairs) {
            // Both sides have their images in the one natural order, so the smaller stays the first.
            let listed: HashSet<(u32, u32)> = others
                .iter()
                .filter_map(|&(x, y)| Some((in_a[x as usize]?, in_a[y as usize]?)))
                .collect();
            let both = pairs.iter().filter(|pair| listed.contains(pair));
            overlap.pairs = Some(both.map(|&(x, y)| [name(x), name(y)]).collect());
        }
        overlap
    }

    /// Whether nothing that was compared is shared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
            && self.images.as_ref().is_none_or(Vec::is_empty)
            && self.pairs.as_ref().is_none_or(Vec::is_empty)
    }
}
