//! How a file's bytes become its pixels.

use serde::{Deserialize, Serialize};

/// What shines through the pixels of an image that are not opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "WrittenBackground", into = "WrittenBackground")]
pub enum BackgroundSpec {
    /// Nothing: opacity is left out, and the colour stored under a transparent pixel counts as it is. This is what
    /// recipes mean that do not speak of it.
    #[default]
    Ignore,
    /// This colour: red, green and blue from 0 to 255.
    Colour([u8; 3]),
}

impl BackgroundSpec {
    /// White paper.
    pub const WHITE: Self = Self::Colour([255; 3]);

    /// Whether it is what recipes mean that do not speak of it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// A background as a recipe writes it.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"white\", \"ignore\" or [red, green, blue], each from 0 to 255"
)]
enum WrittenBackground {
    Named(NamedBackground),
    Colour([u8; 3]),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NamedBackground {
    White,
    Ignore,
}

impl From<WrittenBackground> for BackgroundSpec {
    fn from(written: WrittenBackground) -> Self {
        match written {
            WrittenBackground::Named(NamedBackground::White) => Self::WHITE,
            WrittenBackground::Named(NamedBackground::Ignore) => Self::Ignore,
            WrittenBackground::Colour(colour) => Self::Colour(colour),
        }
    }
}

impl From<BackgroundSpec> for WrittenBackground {
    fn from(spec: BackgroundSpec) -> Self {
        match spec {
            BackgroundSpec::WHITE => Self::Named(NamedBackground::White),
            BackgroundSpec::Ignore => Self::Named(NamedBackground::Ignore),
            BackgroundSpec::Colour(colour) => Self::Colour(colour),
        }
    }
}

/// How exactly an image is decoded that is made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecodingSpec {
    /// Every pixel of the file is decoded. This is what recipes mean that do not speak of it.
    #[default]
    Exact,
    /// A JPEG is decoded at a part of its size, no smaller than `resize` asks for. Its pixels differ a little.
    Fast,
}

impl DecodingSpec {
    /// Whether it is what recipes mean that do not speak of it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What is done to ink on paper, such as signatures and writing. What is ink and what is paper is told from each image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InkSpec {
    /// Only the box around the ink is kept.
    pub crop: bool,
    /// Paper becomes white, whatever its grain and its shadows; black under lighter ink.
    pub clean: bool,
}
