//! What a gallery holds.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;
use verification_figures::{Calibration, Fusion};

use crate::metric::Metric;

/// A template of the n-th, from 0, of the people who are added with it has this number plus n as its person.
pub const NEW_PERSON: u64 = 1 << 62;

/// The number of a person: of one of these, who have just been added, where it is [`NEW_PERSON`] and more; else itself.
#[must_use]
pub fn number_of_added(person: u64, added: &[Person]) -> u64 {
    let place = person.checked_sub(NEW_PERSON);
    let place = place.and_then(|place| usize::try_from(place).ok());
    place
        .and_then(|place| added.get(place))
        .map_or(person, |added| added.number)
}

/// What a new gallery, or a new generation of its templates, is made for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewGeneration {
    /// What names the model and all it does to an image, for example a digest. Vectors of two contracts are never compared.
    pub contract: String,
    /// Values in each vector.
    pub dimension: usize,
    /// How vectors are compared.
    pub metric: Metric,
    /// How the templates of a person become one score.
    pub fusion: Fusion,
}

/// Templates that one model made. One generation is active; others are being built, or are kept to go back to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// Its number, from 1. Never used again.
    pub number: u64,
    /// What it was made for.
    #[serde(flatten)]
    pub made_for: NewGeneration,
    /// The thresholds that decisions are made by, if there are any.
    pub calibration: Option<Calibration>,
}

/// Metadata of a person: names and values, kept as they are.
pub type Metadata = serde_json::Map<String, serde_json::Value>;

/// A person to be added.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NewPerson {
    /// The caller's own name for the person; no other person of the gallery has it.
    pub external_id: String,
    /// What people call the person. Others may be called the same.
    #[serde(default)]
    pub name: Option<String>,
    /// Whatever else the caller wants to keep.
    #[serde(default)]
    pub metadata: Metadata,
    /// When the person is to be forgotten, in milliseconds since 1970 (UTC).
    #[serde(default)]
    pub expires_ms: Option<i64>,
}

/// A person of a gallery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Number within this gallery, in order of enrolment. Never used again; ties are broken by it.
    pub number: u64,
    /// A UUID of version 7.
    pub uuid: Uuid,
    /// What was given.
    #[serde(flatten)]
    pub given: NewPerson,
    /// When the person was added, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
}

/// Figures of a picture's quality, by name.
pub type Quality = BTreeMap<String, f64>;

/// A template to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTemplate {
    /// Number of the person.
    pub person: u64,
    /// Number of the generation.
    pub generation: u64,
    /// The embedding, as the model gave it.
    pub vector: Vec<f32>,
    /// Which picture it was made from. The same picture of the same person again is the same template.
    pub picture: PictureDigest,
    /// Figures of the picture's quality.
    pub quality: Quality,
}

/// A template of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its number, never used again.
    pub id: u64,
    /// What was given.
    pub given: NewTemplate,
    /// When it was added, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
}

/// What became of a template that was to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// Number of the template.
    pub id: u64,
    /// Whether it is new; if not, the person had one from this picture already.
    pub new: bool,
}

/// A picture that was kept, because somebody asked for it: for a new model, which needs pictures to make templates from.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptPicture {
    /// Number of the person.
    pub person: u64,
    /// Its digest, as in the templates that were made from it.
    pub picture: PictureDigest,
    /// The bytes of an image file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for KeptPicture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("KeptPicture")
            .field("person", &self.person)
            .field("picture", &self.picture)
            .finish_non_exhaustive()
    }
}

/// The largest number that was ever given to a thing of each kind, deleted ones included; 0 where none was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastNumbers {
    /// To a person.
    pub person: u64,
    /// To a template.
    pub template: u64,
    /// To a generation.
    pub generation: u64,
}

/// A picture that could not be enrolled, so that it is not tried for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Number of the person it was to be enrolled for, where that person is in the gallery.
    pub person: Option<u64>,
    /// The picture.
    pub picture: PictureDigest,
    /// Why it could not.
    pub reason: String,
    /// When, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
}

/// Somebody looked at a picture and said: this is not that person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Number of the person.
    pub person: u64,
    /// The picture.
    pub picture: PictureDigest,
    /// When, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
}

/// That something changed, and never what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Place in the log; later changes have larger numbers.
    pub sequence: u64,
    /// What kind of thing happened.
    pub kind: ChangeKind,
    /// Number of what it happened to: a person, a template or a generation.
    pub subject: u64,
    /// When, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
}

/// What can happen in a gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// A person came.
    PersonAdded,
    /// Name, metadata or expiry of a person changed.
    PersonChanged,
    /// A person was forgotten, with all templates.
    PersonForgotten,
    /// A template came.
    TemplateAdded,
    /// A template was deleted.
    TemplateDeleted,
    /// A generation was begun.
    GenerationAdded,
    /// A generation became the active one.
    GenerationActivated,
    /// A generation was deleted with its templates.
    GenerationPruned,
    /// A generation got a calibration, or lost it.
    Calibrated,
    /// A picture was rejected, or a person excluded for one.
    Noted,
}

/// Stands for the pixels of a picture, within one gallery.
///
/// It is keyed (HMAC-SHA-256, RFC 2104): nobody can find out from another gallery, or from a list of pictures, what was
/// enrolled here unless they have this gallery's key too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PictureDigest(pub [u8; 32]);

/// Stands for a request that a server has done, within one gallery; keyed as a [`PictureDigest`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestDigest(pub [u8; 32]);

/// The key of a gallery's [`PictureDigest`]s and [`RequestDigest`]s.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestKey(pub(crate) [u8; 32]);

impl std::fmt::Debug for DigestKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DigestKey(..)")
    }
}

impl DigestKey {
    /// A key for digests that belong to no gallery.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The digest of a picture's pixels, or of a file that is no picture.
    #[must_use]
    pub fn digest(&self, pixels: &[u8]) -> PictureDigest {
        PictureDigest(self.keyed(&[pixels]))
    }

    /// The digest of what tells a request from others.
    #[must_use]
    pub fn request(&self, name: &[u8; 32]) -> RequestDigest {
        // No picture has so few pixels.
        RequestDigest(self.keyed(&[b"request", name]))
    }

    fn keyed(&self, parts: &[&[u8]]) -> [u8; 32] {
        // RFC 2104 fills a short key up with zeros.
        let mut key = [0; 64];
        key[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&key.into());
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Display for PictureDigest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl Serialize for PictureDigest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PictureDigest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        bytes_of_hex(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("expected 64 hexadecimal digits"))
    }
}

/// 32 bytes from 64 hexadecimal digits.
pub(crate) fn bytes_of_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..][..2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_what_other_programs_compute() {
        // python3 -c "import hmac; print(hmac.new(bytes(range(32)), b'pixels', 'sha256').hexdigest())"
        let digest = DigestKey(std::array::from_fn(|place| place as u8)).digest(b"pixels");
        assert_eq!(
            digest.to_string(),
            "f713a29cf7058523d7cfd8700e4295e1fe827ebe0ac63c5b450a2a99afe58e3e"
        );
        assert_eq!(bytes_of_hex(&digest.to_string()), Some(digest.0));
        assert_eq!(bytes_of_hex("+1"), None);
    }
}
