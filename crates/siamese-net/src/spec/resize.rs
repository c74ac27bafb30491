//! How an image is brought to the size that all networks begin with.

use serde::{Deserialize, Serialize};

/// How an image is brought to the size that all networks begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum ResizeSpec {
    /// Images are used as they are.
    None,
    /// Every k-th row and column, without smoothing (`[::k, ::k]` in NumPy).
    Stride(usize),
    /// Area-weighted mean to `[height, width]`.
    Area([usize; 2]),
    /// The same without stretching: as large as it fits into `size`, in the middle of a ground.
    Fit {
        /// `[height, width]`.
        size: [usize; 2],
        /// The ground.
        fill: FillSpec,
        /// Pixels of the ground on each side that the image stays out of.
        margin: usize,
    },
}

impl ResizeSpec {
    /// Whether images of any size become images of one.
    #[must_use]
    pub fn takes_any_size(self) -> bool {
        matches!(self, Self::Area(_) | Self::Fit { .. })
    }
}

/// The colour around an image that is not stretched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenFill", into = "WrittenFill")]
pub struct FillSpec(
    /// Red, green and blue, 0 to 255.
    pub [u8; 3],
);

impl FillSpec {
    /// Black.
    pub const BLACK: Self = Self([0; 3]);
    /// White.
    pub const WHITE: Self = Self([255; 3]);
}

/// A resize as a recipe writes it.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"none\", { stride = K }, { area = [HEIGHT, WIDTH] } or { fit = [HEIGHT, WIDTH], fill = COLOUR, margin = PIXELS } \
                 with a COLOUR of \"white\", \"black\" or [red, green, blue]"
)]
enum Written {
    Named(Named),
    Stride(Stride),
    Area(Area),
    Fit(Fit),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    None,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stride {
    stride: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    area: [usize; 2],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fit {
    fit: [usize; 2],
    fill: FillSpec,
    #[serde(default, skip_serializing_if = "is_zero")]
    margin: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(margin: &usize) -> bool {
    *margin == 0
}

impl From<Written> for ResizeSpec {
    fn from(written: Written) -> Self {
        match written {
            Written::Named(Named::None) => Self::None,
            Written::Stride(Stride { stride }) => Self::Stride(stride),
            Written::Area(Area { area }) => Self::Area(area),
            Written::Fit(Fit { fit, fill, margin }) => Self::Fit {
                size: fit,
                fill,
                margin,
            },
        }
    }
}

impl From<ResizeSpec> for Written {
    fn from(spec: ResizeSpec) -> Self {
        match spec {
            ResizeSpec::None => Self::Named(Named::None),
            ResizeSpec::Stride(stride) => Self::Stride(Stride { stride }),
            ResizeSpec::Area(area) => Self::Area(Area { area }),
            ResizeSpec::Fit { size, fill, margin } => Self::Fit(Fit {
                fit: size,
                fill,
                margin,
            }),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"white\", \"black\" or [red, green, blue], each from 0 to 255"
)]
enum WrittenFill {
    Named(NamedFill),
    Colour([u8; 3]),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NamedFill {
    White,
    Black,
}

impl From<WrittenFill> for FillSpec {
    fn from(written: WrittenFill) -> Self {
        match written {
            WrittenFill::Named(NamedFill::White) => Self::WHITE,
            WrittenFill::Named(NamedFill::Black) => Self::BLACK,
            WrittenFill::Colour(colour) => Self(colour),
        }
    }
}

impl From<FillSpec> for WrittenFill {
    fn from(fill: FillSpec) -> Self {
        match fill {
            FillSpec::WHITE => Self::Named(NamedFill::White),
            FillSpec::BLACK => Self::Named(NamedFill::Black),
            FillSpec(colour) => Self::Colour(colour),
        }
    }
}
