//! What several answers have, and what all requests with pictures say.

use gallery::Decision;
use serde::{Deserialize, Deserializer, Serialize};
use siamese_use::{Prepared, Units};
use uuid::Uuid;

use crate::api::answers::Word;
use crate::problem::{Problem, Result};
use crate::upload::{BytesIn, Form, Parted, PictureIn, invalid};

/// The id of a template as an image id, which clients expect to be a UUID: version 8, with the number in its last 48 bits.
pub(super) fn image_id(template: u64) -> Uuid {
    let [_, _, number @ ..] = template.to_be_bytes();
    let mut bytes = [0; 16];
    bytes[10..].copy_from_slice(&number);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The template that an image id stands for.
pub(super) fn template_of(image: Uuid) -> Result<u64> {
    let mut bytes = [0; 8];
    bytes[2..].copy_from_slice(&image.as_bytes()[10..]);
    let template = u64::from_be_bytes(bytes);
    match image_id(template) == image {
        true => Ok(template),
        false => Err(Problem::not_found("such image")),
    }
}

/// The whole picture, as there is no detector.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct BoxOut {
    probability: f64,
    x_min: usize,
    y_min: usize,
    x_max: usize,
    y_max: usize,
}

impl BoxOut {
    pub(super) fn of(picture: &Prepared) -> Self {
        Self {
            probability: 1.0,
            x_min: 0,
            y_min: 0,
            x_max: picture.quality.width,
            y_max: picture.quality.height,
        }
    }
}

/// How alike two faces are, 0 to 1. The scale is this model's: no threshold of CompreFace's fits it.
pub(super) fn similarity(units: Units, score: f64) -> f64 {
    units.similarity(score).clamp(0.0, 1.0)
}

/// What a calibrated threshold says, which CompreFace's answers lack. Clients pass over it.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Decided {
    decision: Word,
    /// A similarity above it is a match; absent where nobody calibrated.
    threshold: Option<f64>,
}

impl Decided {
    pub(super) fn of_search(decision: Decision, units: Units, threshold: Option<f64>) -> Self {
        Self {
            decision: Word::of(decision).0,
            threshold: threshold.map(|threshold| similarity(units, threshold)),
        }
    }

    pub(super) fn of_comparison(
        decided: Option<verification_figures::Decided>,
        units: Units,
    ) -> Self {
        Self {
            decision: Word::of_outcome(decided.map(|decided| decided.outcome)),
            threshold: decided.map(|decided| similarity(units, decided.point.threshold)),
        }
    }
}

/// What a request may ask for. What only a detector or a plugin could answer is passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    prediction_count: Option<u64>,
    #[serde(default)]
    face_plugins: Option<String>,
}

impl Wanted {
    /// How many subjects are named.
    pub(super) fn subjects(&self) -> Result<usize> {
        match self.prediction_count.unwrap_or(1) {
            count @ 1..=100 => Ok(count as usize),
            count => Err(invalid(format!(
                "prediction_count is {count}, expected 1 to 100"
            ))),
        }
    }

    /// The vector, where the plugin `calculator` is asked for.
    pub(super) fn embedding(&self, vector: &[f32]) -> Option<Vec<f32>> {
        let plugins = self.face_plugins.as_deref().unwrap_or_default();
        let wanted = plugins.split(',').any(|one| one.trim() == "calculator");
        wanted.then(|| vector.to_vec())
    }
}

/// A picture: a part `file` of a form, or base64 in JSON.
#[derive(Debug, Deserialize)]
pub(super) struct FileIn {
    #[serde(deserialize_with = "picture")]
    pub(super) file: PictureIn,
}

impl Form for FileIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        let file = parts.picture("file")?;
        Ok(Self { file })
    }
}

/// Two pictures.
#[derive(Debug, Deserialize)]
pub(super) struct PairIn {
    #[serde(deserialize_with = "picture")]
    pub(super) source_image: PictureIn,
    #[serde(deserialize_with = "picture")]
    pub(super) target_image: PictureIn,
}

impl Form for PairIn {
    fn of_parts(parts: &mut Parted) -> Result<Self> {
        Ok(Self {
            source_image: parts.picture("source_image")?,
            target_image: parts.picture("target_image")?,
        })
    }
}

fn picture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PictureIn, D::Error> {
    let BytesIn(data) = BytesIn::deserialize(deserializer)?;
    Ok(PictureIn { data, region: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_id_is_a_uuid_that_leads_back_to_its_template() {
        for template in [0, 1, 255, 1 << 40] {
            assert_eq!(template_of(image_id(template)).unwrap(), template);
        }
        assert_ne!(image_id(1), image_id(256));
        assert!(template_of(Uuid::now_v7()).is_err());
    }
}
