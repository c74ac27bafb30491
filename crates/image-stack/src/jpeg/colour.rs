//! What the components of an image mean.

use super::frame::Frame;
use super::segments::Segments;

/// What the components of an image mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Grey,
    /// Brightness and two differences of colours (JFIF, after ITU-R BT.601).
    YCbCr,
    Rgb,
    /// Four inks, 255 for all of an ink.
    Cmyk,
    /// Four inks as Adobe's programs write them, 0 for all of an ink, the first three perhaps as YCbCr.
    AdobeCmyk,
}

impl Colour {
    /// As `zune-jpeg`, too, guesses it from what a file says.
    pub(super) fn of(frame: &Frame, segments: &Segments<'_>) -> Self {
        let ids: Vec<_> = frame
            .components
            .iter()
            .map(|component| component.id)
            .collect();
        match (ids.len(), segments.adobe) {
            (1, _) => Self::Grey,
            (4, Some(_)) => Self::AdobeCmyk,
            (4, None) => Self::Cmyk,
            (_, Some(0)) => Self::Rgb,
            _ if ids == *b"RGB" => Self::Rgb,
            _ => Self::YCbCr,
        }
    }
}
