//! How the files of a recipe's images are read.

use image_stack::{Background, Channels, Decoding, Ink, Reading, Resize};

use crate::recipe::Recipe;
use crate::spec::{BackgroundSpec, DecodingSpec, FillSpec, InkSpec, ResizeSpec};

impl From<ResizeSpec> for Resize {
    fn from(resize: ResizeSpec) -> Self {
        match resize {
            ResizeSpec::None => Self::None,
            ResizeSpec::Stride(step) => Self::Stride(step),
            ResizeSpec::Area([height, width]) => Self::Area { height, width },
            ResizeSpec::Fit {
                size: [height, width],
                fill: FillSpec(fill),
                margin,
            } => Self::Fit {
                height,
                width,
                fill,
                margin,
            },
        }
    }
}

impl From<BackgroundSpec> for Background {
    fn from(background: BackgroundSpec) -> Self {
        match background {
            BackgroundSpec::Ignore => Self::Ignored,
            BackgroundSpec::Colour(colour) => Self::Colour(colour),
        }
    }
}

impl From<DecodingSpec> for Decoding {
    fn from(decoding: DecodingSpec) -> Self {
        match decoding {
            DecodingSpec::Exact => Self::Exact,
            DecodingSpec::Fast => Self::Fast,
        }
    }
}

/// What is done to ink by these keys of a recipe.
#[must_use]
pub fn ink(spec: Option<InkSpec>, invert: bool) -> Ink {
    let InkSpec { crop, clean } = spec.unwrap_or_default();
    let mut ink = Ink::new();
    (ink.crop, ink.clean, ink.invert) = (crop, clean, invert);
    ink
}

impl Recipe {
    /// The channels that its images are read with: grey for an encoder of one, red, green and blue for one of three.
    #[must_use]
    pub fn channels(&self) -> Channels {
        match self.encoder.input[0] {
            1 => Channels::Grey,
            _ => Channels::Rgb,
        }
    }

    /// How its images are read, within the usual limits.
    #[must_use]
    pub fn reading(&self) -> Reading {
        Reading::new()
            .with_background(self.data.background.into())
            .with_decoding(self.data.decoding.into())
            .with_ink(ink(self.data.ink, self.data.invert))
    }
}
