//! What is kept of images to find those that show one picture.

use std::collections::HashMap;

use near_duplicates::{Fingerprint, Picture, PictureError};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use siamese_net::ImageStack;

use crate::error::{Error, Result};

/// Sets of more images are searched for equal pixels only: the time of a search for near-duplicates grows with the
/// square of their number. For 20,000 small images it is some seconds on two cores.
const MOST_SEARCHED: usize = 50_000;
/// Images that are looked at together.
const PART: usize = 1024;

/// What is kept of the images of a set, in their order.
pub(super) struct Looks {
    digests: Vec<[u8; 32]>,
    /// Absent where there are too many images to search.
    pub(super) prints: Option<Vec<Fingerprint>>,
}

impl Looks {
    /// Of all images; where they are streamed, they are decoded once more for it.
    pub(super) fn at(stack: &ImageStack) -> Result<Self> {
        let shape = stack.shape();
        let images = stack.len();
        let wanted = stack.ahead(|| 0..images as u32);
        let mut digests = Vec::with_capacity(images);
        let mut prints = (images <= MOST_SEARCHED).then(Vec::new);
        for first in (0..images).step_by(PART) {
            let numbers: Vec<i64> = (first..images.min(first + PART))
                .map(|number| number as i64)
                .collect();
            let bytes = wanted.bytes(&numbers)?;
            let part = || bytes.par_chunks_exact(shape.iter().product());
            digests.par_extend(part().map(|image| <[u8; 32]>::from(Sha256::digest(image))));
            if let Some(prints) = &mut prints {
                let of_part: Result<Vec<_>, PictureError> =
                    part().map(|image| fingerprint(image, shape)).collect();
                prints.extend(of_part.map_err(|error| Error::build("fingerprint", error))?);
            }
        }
        Ok(Self { digests, prints })
    }

    /// Every image that is equal to an earlier one, with the first that it is equal to.
    pub(super) fn equal(&self) -> Vec<[usize; 2]> {
        let mut first_of = HashMap::with_capacity(self.digests.len());
        let mut pairs = Vec::new();
        for (second, digest) in self.digests.iter().enumerate() {
            let first = *first_of.entry(digest).or_insert(second);
            if first < second {
                pairs.push([first, second]);
            }
        }
        pairs
    }
}

/// Of one image `[channels, height, width]`.
fn fingerprint(
    image: &[u8],
    [channels, height, width]: [usize; 3],
) -> Result<Fingerprint, PictureError> {
    if channels == 1 {
        return Ok(Fingerprint::of(Picture::grey(width, height, image)?));
    }
    let plane = height * width;
    let beside: Vec<u8> = (0..plane)
        .flat_map(|pixel| (0..channels).map(move |channel| image[channel * plane + pixel]))
        .collect();
    Ok(Fingerprint::of(Picture::rgb(width, height, &beside[..])?))
}
