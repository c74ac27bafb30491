//! How images are read.

use pgm_io::Limits;

/// How images are read: what they may cost, what shines through them, and how exactly they are decoded.
///
/// ```
/// use image_stack::{Background, Decoding, Limits, Reading};
///
/// let reading = Reading::default();
/// assert_eq!((reading.background, reading.decoding), (Background::WHITE, Decoding::Exact));
///
/// let thumbnails = Reading::from(Limits::new().with_max_width(256)).with_background(Background::Ignored);
/// assert_eq!(thumbnails.limits.max_width, 256);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Reading {
    /// How large an image may be before it is refused.
    pub limits: Limits,
    /// What shines through pixels that are not opaque.
    pub background: Background,
    /// How exactly an image is decoded that is made smaller.
    pub decoding: Decoding,
    /// What is done to ink on paper.
    pub ink: Ink,
}

impl Reading {
    /// The defaults: the default [`Limits`], a white background, exact decoding.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            limits: Limits::new(),
            background: Background::WHITE,
            decoding: Decoding::Exact,
            ink: Ink::new(),
        }
    }

    /// The same with other [`limits`](Self::limits).
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same with another [`background`](Self::background).
    #[must_use]
    pub const fn with_background(mut self, background: Background) -> Self {
        self.background = background;
        self
    }

    /// The same with another treatment of [`ink`](Self::ink).
    #[must_use]
    pub const fn with_ink(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }

    /// The same with another [`decoding`](Self::decoding).
    #[must_use]
    pub const fn with_decoding(mut self, decoding: Decoding) -> Self {
        self.decoding = decoding;
        self
    }
}

impl From<Limits> for Reading {
    fn from(limits: Limits) -> Self {
        Self::new().with_limits(limits)
    }
}

/// What is done to ink on paper, such as signatures, before an image is brought to a size: see
/// [`Image::with_ink`](crate::Image::with_ink).
///
/// It is done under [`Resize::Area`](crate::Resize::Area) and [`Resize::Fit`](crate::Resize::Fit) alone, as a cropped image has a
/// size of its own, and by what resizes: [`read`](crate::read()) and [`open`](crate::open) give images as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Ink {
    /// Only the box around the ink is kept. On each side one in 500 pixels of ink may lie outside.
    pub crop: bool,
    /// Paper becomes white; black, where ink is lighter than the paper.
    pub clean: bool,
    /// Black becomes white and white black, after the rest. A [fill](crate::Resize::Fit) is not inverted.
    pub invert: bool,
}

impl Ink {
    /// Nothing is done.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            crop: false,
            clean: false,
            invert: false,
        }
    }

    /// The same, [cropped](Self::crop).
    #[must_use]
    pub const fn cropped(mut self) -> Self {
        self.crop = true;
        self
    }

    /// The same, [cleaned](Self::clean).
    #[must_use]
    pub const fn cleaned(mut self) -> Self {
        self.clean = true;
        self
    }

    /// The same, [inverted](Self::invert).
    #[must_use]
    pub const fn inverted(mut self) -> Self {
        self.invert = true;
        self
    }
}

/// What shines through the pixels of an image that are not opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Background {
    /// This colour, as red, green and blue from 0 to 255: a pixel of opacity a is `a * pixel + (1 - a) * colour`, of the
    /// stored (gamma encoded) values, rounded. A grey image stays grey on a background whose three values are equal.
    Colour([u8; 3]),
    /// Nothing: opacity is left out, and the colour stored under a transparent pixel counts as it is.
    Ignored,
}

impl Background {
    /// White paper.
    pub const WHITE: Self = Self::Colour([255; 3]);
}

impl Default for Background {
    fn default() -> Self {
        Self::WHITE
    }
}

/// How exactly an image is decoded that is made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Decoding {
    /// Every pixel of the file is decoded.
    #[default]
    Exact,
    /// A format that can (JPEG) may be decoded to the means of squares of 2, 4 or 8 pixels: the largest of which at least
    /// two lie along each side of a new pixel. It matters under [`Resize::Area`](crate::Resize::Area) alone.
    ///
    /// This is faster. Where the squares tile the new pixels, the result is the same up to a rounding. Elsewhere a square
    /// that two new pixels share counts for both with its mean. Photos of 12 megapixels that become 112x112 differ by 10
    /// grey levels of 255 at most and by 0.4 in the mean; a scene of hard edges that lie a few new pixels apart, by 24 and
    /// by 2.5. The same files are read and refused.
    Fast,
}
