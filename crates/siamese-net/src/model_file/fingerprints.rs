//! Which images a model has learnt from.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::pixels::ImageStack;

/// Bytes of a fingerprint.
const LENGTH: usize = 16;

/// How many images have their fingerprints in a model file; with more there are none. They are text in its header, of
/// which a reader takes 100 MB.
const MOST: usize = 1_000_000;

/// Images hashed at a time.
const AT_ONCE: usize = 256;

/// Fingerprints of the images that a model has learnt from: of each the first 16 bytes of the SHA-256 of its pixels
/// `[c, h, w]` as the model sees them, decoded and resized.
///
/// They tell whether an image is one of these, and nothing else: not whom it shows, and not what the others look like.
/// Another file of the same picture, or the picture moved by a pixel, has another fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprints {
    /// Ascending, each once.
    sorted: Vec<[u8; LENGTH]>,
}

impl Fingerprints {
    /// Those of the images of these numbers; `None` for more than a million, which are too many for a model file.
    ///
    /// # Errors
    /// As [`ImageStack::bytes`].
    pub fn of_images(images: &ImageStack, numbers: &[u32]) -> Result<Option<Self>, Error> {
        if numbers.len() > MOST {
            return Ok(None);
        }
        let size: usize = images.shape().iter().product();
        let images = images.ahead(|| numbers.iter().copied());
        let mut all = Vec::with_capacity(numbers.len());
        for numbers in numbers.chunks(AT_ONCE) {
            let numbers: Vec<i64> = numbers.iter().copied().map(i64::from).collect();
            let bytes = images.bytes(&numbers)?;
            all.extend(bytes.chunks_exact(size).map(fingerprint));
        }
        Ok(Some(Self::sorted(all)))
    }

    /// These and others together; `None` where they are too many for a model file.
    #[must_use]
    pub fn with(self, others: &Self) -> Option<Self> {
        let both = Self::sorted([self.sorted, others.sorted.clone()].concat());
        (both.len() <= MOST).then_some(both)
    }

    fn sorted(mut all: Vec<[u8; LENGTH]>) -> Self {
        all.sort_unstable();
        all.dedup();
        Self { sorted: all }
    }

    /// How many different images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Whether an image with these pixels `[c, h, w]` is among them.
    #[must_use]
    pub fn holds(&self, pixels: &[u8]) -> bool {
        self.sorted.binary_search(&fingerprint(pixels)).is_ok()
    }
}

fn fingerprint(pixels: &[u8]) -> [u8; LENGTH] {
    let hash = Sha256::digest(pixels);
    std::array::from_fn(|i| hash[i])
}

/// As one text of 32 hexadecimal digits for each.
impl Serialize for Fingerprints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.sorted.iter().flatten();
        let text: String = bytes.map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Fingerprints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom("fingerprints of images are 32 hexadecimal digits each");
        let (each, rest) = text.as_bytes().as_chunks::<{ 2 * LENGTH }>();
        if !rest.is_empty() {
            return Err(wrong());
        }
        let of = |digits: &[u8; 2 * LENGTH]| -> Option<[u8; LENGTH]> {
            let digit = |at: usize| char::from(digits[at]).to_digit(16);
            let mut bytes = [0; LENGTH];
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = (16 * digit(2 * at)? + digit(2 * at + 1)?) as u8;
            }
            Some(bytes)
        };
        let all: Option<Vec<_>> = each.iter().map(of).collect();
        Ok(Self::sorted(all.ok_or_else(wrong)?))
    }
}
